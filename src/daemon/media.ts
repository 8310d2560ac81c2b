/**
 * All media together: one message out on every one of them, and what comes in on any.
 */
import type { KeyRing, MediumConfig } from "../config/index.ts";
import type { Input, Message, NodeName, OriginalMessage, RejectReason } from "../core/index.ts";
import { HISTORY } from "../core/index.ts";
import type { Envelope, Stamp } from "../wire/index.ts";
import { decode, encodeHeartbeat, encodeOriginal, heartbeatOf, originalOf } from "../wire/index.ts";
import type { Host } from "./host.ts";
import type { Medium, MediumOptions } from "./medium.ts";
import { openMedium } from "./medium.ts";
import { openSerial } from "./serial.ts";
import type { Place, Whereabouts } from "./whereabouts.ts";
import { openWhereabouts } from "./whereabouts.ts";

export interface Media {
  /** @param directly - to whom besides, where a medium sends to all */
  send(message: Message, directly?: readonly NodeName[]): void;
  say(message: OriginalMessage): void;
  /** Sends once more what was sent with this number. */
  repeat(sequence: number): void;
  /** What was sent and has not left this host yet is not to arrive later. */
  dropUnsent(): void;
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
  const whereabouts = openWhereabouts(post);
  const receive = receiver(() => keys, { post, whereabouts });
  const history = keepHistory();
  const sendAll = (bytes: Uint8Array, directly: readonly NodeName[] = []): void => {
    for (const [name, { medium }] of open) medium.send(bytes, whereabouts.of(name, directly));
  };
  const start = (config: MediumConfig): void => {
    const medium = openOne(config, {
      host,
      post,
      receive: (bytes, from) => receive(config, bytes, from),
    });
    open.set(config.name, { config, medium });
  };

  for (const config of options.media) start(config);
  return {
    send(message, directly) {
      const bytes = encodeHeartbeat(message, stamp(), keys.active);
      history.keep(message.sequence, bytes);
      sendAll(bytes, directly);
    },
    say(message) {
      const bytes = encodeOriginal(message, stamp(), keys.active);
      history.keep(message.sequence, bytes);
      sendAll(bytes);
    },
    repeat(sequence) {
      const bytes = history.find(sequence);
      if (bytes !== undefined) sendAll(bytes);
    },
    dropUnsent() {
      for (const { medium } of open.values()) medium.dropUnsent();
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
      whereabouts.close();
    },
  };
}

/** What is made of the bytes that came in on a medium. */
function receiver(
  keys: () => KeyRing,
  {
    post,
    whereabouts,
  }: Pick<MediaOptions, "post"> & { readonly whereabouts: Pick<Whereabouts, "heard"> },
): (config: MediumConfig, bytes: Uint8Array, from?: Place) => void {
  const rejections = countRejections(post);
  const receiveOriginal = (config: MediumConfig, envelope: Envelope): void => {
    const message = originalOf(envelope);
    if (!message.ok) return rejections.add(config, message.error);
    return post({ type: "original", medium: config.name, message: message.value });
  };
  return (config, bytes, from) => {
    const envelope = decode(bytes, keys().all, keys().active);
    if (!envelope.ok) return rejections.add(config, envelope.error);
    const message = heartbeatOf(envelope.value);
    if (message.ok) {
      if (from !== undefined) whereabouts.heard(config.name, message.value.from, from);
      return post({ type: "message", medium: config.name, message: message.value });
    }
    if (message.error !== "original-heartbeat") return rejections.add(config, message.error);
    return receiveOriginal(config, envelope.value);
  };
}

interface SentHistory {
  keep(sequence: number | undefined, bytes: Uint8Array): void;
  find(sequence: number): Uint8Array | undefined;
}

/** The latest messages as they were sent, for an original that asks for one again. */
function keepHistory(): SentHistory {
  const sent: ({ readonly sequence: number; readonly bytes: Uint8Array } | undefined)[] = [];
  return {
    keep(sequence, bytes) {
      // A copy: the bytes are a slice of a pool of 64 KiB (Buffer.poolSize), all of which would stay.
      if (sequence !== undefined)
        sent[sequence % HISTORY] = { sequence, bytes: new Uint8Array(bytes) };
    },
    find(sequence) {
      const found = sent[sequence % HISTORY];
      return found?.sequence === sequence ? found.bytes : undefined;
    },
  };
}

function openOne(config: MediumConfig, rest: Omit<MediumOptions, "config">): Medium {
  return config.type === "serial"
    ? openSerial({ config, ...rest })
    : openMedium({ config, ...rest });
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
