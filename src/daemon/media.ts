/**
 * All media together: one heartbeat out on every one of them, and what comes in on any.
 */
import type { KeyRing, MediumConfig } from "../config/index.ts";
import type { Input, MediumName, Message, RejectReason } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Envelope, Stamp } from "../wire/index.ts";
import { decode, encodeHeartbeat, heartbeatOf } from "../wire/index.ts";
import type { Host } from "./host.ts";
import type { Medium } from "./medium.ts";
import { openMedium } from "./medium.ts";

export interface Media {
  send(message: Message): void;
  /** The kernel's interfaces or addresses have changed. */
  kernelChanged(): void;
  /** The files were read anew: media that are the same stay open. */
  reconfigure(media: readonly MediumConfig[], keys: KeyRing): void;
  close(): void;
}

export interface MediaOptions {
  readonly media: readonly MediumConfig[];
  readonly keys: KeyRing;
  readonly host: Host;
  readonly post: (input: Input) => void;
  readonly stamp: () => Stamp;
}

export function openMedia(options: MediaOptions): Media {
  const { host, post, stamp } = options;
  let { keys } = options;
  const open = new Map<string, { readonly config: MediumConfig; readonly medium: Medium }>();
  const rejections = countRejections(post);

  const receive = (config: MediumConfig, bytes: Uint8Array): void => {
    const envelope = decode(bytes, keys.all, keys.active);
    if (!envelope.ok) return rejections.add(config, envelope.error);
    const message = heartbeatOf(envelope.value);
    if (!message.ok && message.error === "original-heartbeat") {
      return post(originalOf(config.name, envelope.value));
    }
    if (!message.ok) return rejections.add(config, message.error);
    return post({ type: "message", medium: config.name, message: message.value });
  };
  const start = (config: MediumConfig): void => {
    const medium = openMedium({
      config,
      host,
      post,
      receive: (bytes) => receive(config, bytes),
    });
    open.set(config.name, { config, medium });
  };

  for (const config of options.media) start(config);
  return {
    send(message) {
      const bytes = encodeHeartbeat(message, stamp(), keys.active);
      for (const { medium } of open.values()) medium.send(bytes);
    },
    kernelChanged() {
      for (const { medium } of open.values()) medium.kernelChanged();
    },
    reconfigure(media, ring) {
      keys = ring;
      const wanted = new Map(media.map((config) => [String(config.name), config]));
      for (const [name, { config, medium }] of open) {
        if (JSON.stringify(wanted.get(name)) === JSON.stringify(config)) continue;
        medium.close();
        open.delete(name);
      }
      for (const [name, config] of wanted) if (!open.has(name)) start(config);
    },
    close() {
      for (const { medium } of open.values()) medium.close();
      open.clear();
    },
  };
}

/** Only a status keeps an original alive (heartbeat.c, HBDoMsg_T_STATUS); the rest is for its kind. */
function originalOf(medium: MediumName, { type, from, generation, sequence }: Envelope): Input {
  if (type !== "status" || sequence === undefined) {
    return { type: "rejected", medium, reason: "original-heartbeat", count: 1 };
  }
  return { type: "original", medium, node: nodeName(from), generation, sequence };
}

interface Rejections {
  add(config: MediumConfig, reason: RejectReason): void;
}

/** A flood costs one input for each turn and reason, not one for each datagram. */
function countRejections(post: (input: Input) => void): Rejections {
  const counts = new Map<string, { config: MediumConfig; reason: RejectReason; count: number }>();
  const flush = (): void => {
    for (const { config, reason, count } of counts.values()) {
      post({ type: "rejected", medium: config.name, reason, count });
    }
    counts.clear();
  };
  return {
    add(config, reason) {
      const key = `${config.name} ${reason}`;
      const entry = counts.get(key);
      if (entry !== undefined) {
        entry.count += 1;
        return;
      }
      if (counts.size === 0) setImmediate(flush);
      counts.set(key, { config, reason, count: 1 });
    },
  };
}
