/**
 * What all simulated nodes sign their datagrams with, stamp on them, and read in them.
 */
import type { Input, MediumName } from "../../src/core/index.ts";
import { mediumName } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import type { Key, Stamp } from "../../src/wire/index.ts";
import { decode, heartbeatOf, originalOf } from "../../src/wire/index.ts";

/** The only medium. */
export const eth0: MediumName = mediumName("eth0");

export const key: Key = { index: 1, method: "sha1", secret: "simulated" };

export function stampOf(name: string, now: Instant): Stamp {
  const uuid = Buffer.alloc(16, name);
  return { seconds: 1 + now / 1000, load: "0.00 0.00 0.00 1/1 1", ttl: 3, uuid };
}

/** Nothing but a heartbeat, ours or an original's status, shows that its sender lives. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly isAlive: boolean;
}

/** What a datagram is to our daemon: a heartbeat of our own kind, or a message of an original. */
export function inputOf(bytes: Uint8Array): Input {
  const envelope = decode(bytes, [key], key);
  if (!envelope.ok) throw new Error(`a datagram was rejected: ${envelope.error}`);
  const message = heartbeatOf(envelope.value);
  if (message.ok) return { type: "message", medium: eth0, message: message.value };
  const original = originalOf(envelope.value);
  if (!original.ok) throw new Error(`a message was not understood: ${original.error}`);
  return { type: "original", medium: eth0, message: original.value };
}
