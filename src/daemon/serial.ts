/**
 * One serial line as a medium: opened whenever its device is there.
 *
 * Level-triggered, as medium.ts is. A line that does not carry what is given to it loses heartbeats,
 * which is counted; it never keeps the daemon waiting, and never what was said long ago.
 */
import type { SerialMedium } from "../config/index.ts";
import type { Input } from "../core/index.ts";
import type { Tty } from "../linux/index.ts";
import { openTty } from "../linux/index.ts";
import { newMessageStream } from "../wire/index.ts";
import type { Medium } from "./medium.ts";

export interface SerialOptions {
  readonly config: SerialMedium;
  readonly post: (input: Input) => void;
  readonly receive: (bytes: Uint8Array) => void;
}

interface Open {
  readonly tty: Tty;
  /** Of the message that was sent last, what the line had no room for. */
  rest: Uint8Array;
}

export function openSerial({ config, post, receive }: SerialOptions): Medium {
  let open: Open | undefined;
  let told: string | undefined | null = null;
  const tell = (fault: string | undefined): void => {
    if (fault === told) return;
    told = fault;
    post({ type: "medium", medium: config.name, fault, canHear: fault === undefined });
  };
  const reopen = (): void => {
    if (open !== undefined) return;
    const stream = newMessageStream();
    const opened = openTty({
      path: config.device,
      baud: config.baud,
      onBytes(bytes) {
        const { messages, malformed: count } = stream.take(bytes);
        for (const message of messages) receive(message);
        if (count === 0) return;
        post({ type: "rejected", medium: config.name, reason: "malformed", count });
      },
      onEnd() {
        open = undefined;
        tell("the device has gone");
      },
    });
    if (!opened.ok) return tell(`${opened.error.call}: ${opened.error.errno}`);
    open = { tty: opened.value, rest: new Uint8Array() };
    return tell(undefined);
  };

  reopen();
  return {
    send(bytes) {
      // Not open: it is tried again at every heartbeat.
      reopen();
      const errno = open === undefined ? undefined : sendOn(open, bytes, config.baud);
      if (errno !== undefined) post({ type: "sendFailed", medium: config.name, errno });
    },
    // A line holds half a second of it at most: see sendOn.
    dropUnsent: () => undefined,
    kernelChanged: reopen,
    close() {
      open?.tty.close();
      open = undefined;
    },
  };
}

/** @returns why the message was not sent, if it was not */
function sendOn(open: Open, bytes: Uint8Array, baud: number): string | undefined {
  const { tty } = open;
  // More than half a second of it is old before it is read: a byte is ten bits.
  if (tty.waiting() > Math.max(bytes.length, baud / 20)) return "EAGAIN";
  if (open.rest.length > 0) {
    const sent = tty.write(open.rest);
    if (!sent.ok) return sent.error.errno;
    open.rest = open.rest.subarray(sent.value);
    if (open.rest.length > 0) return "EAGAIN";
  }
  const sent = tty.write(bytes);
  if (!sent.ok) return sent.error.errno;
  // Half a message is none, and spoils the next one: its end goes before that.
  open.rest = Uint8Array.from(bytes.subarray(sent.value));
  return undefined;
}
