/**
 * What all simulated nodes sign their datagrams with, stamp on them, and read in them.
 */
import type { Input, MediumName } from "../../src/core/index.ts";
import { mediumName } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import type { Key, Stamp } from "../../src/wire/index.ts";
import { decode, encode, heartbeatOf, originalOf } from "../../src/wire/index.ts";
import type { Rng } from "./rng.ts";
import { between, chance, nextUint32 } from "./rng.ts";

/** The only medium. */
export const eth0: MediumName = mediumName("eth0");

export const key: Key = { index: 1, method: "sha1", secret: "simulated" };

/** What an attacker has instead. */
const guess: Key = { index: 1, method: "sha1", secret: "guessed" };

export function stampOf(name: string, now: Instant): Stamp {
  const uuid = Buffer.alloc(16, name);
  return { seconds: 1 + now / 1000, load: "0.00 0.00 0.00 1/1 1", ttl: 3, uuid };
}

/** Nothing but a heartbeat, ours or an original's status, shows that its sender lives. */
export interface Datagram {
  readonly bytes: Uint8Array;
  readonly isAlive: boolean;
}

/** What was read once is not read again: a broadcast comes to many, and often twice. */
const read = new WeakMap<Uint8Array, Input>();

/** What a datagram is to our daemon: a heartbeat of our own kind, or a message of an original. */
export function inputOf(bytes: Uint8Array): Input {
  let input = read.get(bytes);
  if (input === undefined) {
    input = inputFrom(bytes);
    read.set(bytes, input);
  }
  return input;
}

function inputFrom(bytes: Uint8Array): Input {
  const envelope = decode(bytes, [key], key);
  if (!envelope.ok) return { type: "rejected", medium: eth0, reason: envelope.error, count: 1 };
  const message = heartbeatOf(envelope.value);
  if (message.ok) return { type: "message", medium: eth0, message: message.value };
  const original = originalOf(envelope.value);
  if (!original.ok) throw new Error(`a message was not understood: ${original.error}`);
  return { type: "original", medium: eth0, message: original.value };
}

/** A datagram that is not worth its signature: nonsense, one bit changed, or the wrong key. */
export function forged(recorded: Uint8Array | undefined, rng: Rng): Uint8Array {
  if (recorded === undefined || chance(rng, 0.2)) {
    return Uint8Array.from({ length: between(rng, 0, 200) }, () => nextUint32(rng));
  }
  if (chance(rng, 0.5)) {
    const bytes = Uint8Array.from(recorded);
    const at = between(rng, 0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << between(rng, 0, 7));
    return bytes;
  }
  const envelope = decode(recorded, [key], key);
  if (!envelope.ok) return recorded;
  const fields = envelope.value.fields.flatMap((field) =>
    field.type === "string" || field.type === "binary" ? [field] : [],
  );
  return encode(fields, guess);
}
