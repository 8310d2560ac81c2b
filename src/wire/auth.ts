/**
 * Signatures: who may speak. Judged over the bytes as they came, before anything in them is read.
 */
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { KeyObject } from "node:crypto";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import { crc32 } from "./crc.ts";
import type { Key, KeyMethod } from "./key.ts";

/** A message whose frame was found, and nothing else. */
export interface Signed {
  /** What the signature covers, in this order. */
  readonly covered: readonly Uint8Array[];
  /** `<key number> <digest>`; undefined if the message carries none. */
  readonly signature: string | undefined;
}

/** What the signature of a framing is judged by. */
export interface KeyTable {
  readonly keys: readonly Key[];
  /** Whose secret a signature may have been made with, whatever key it names. */
  readonly alsoSecretOf: Key | undefined;
}

/** @returns `<key number> <digest>`, as both framings carry it */
export function sign(key: Key, covered: readonly Uint8Array[]): string {
  return `${key.index} ${digestOf(key.method, key, covered)}`;
}

/**
 * Whether a message was signed with a key of ours.
 *
 * The named key's own method and secret are what it should be. With `alsoSecretOf` its method with
 * that other key's secret is good as well. An empty secret is none: whoever changes from crc to
 * sha1 must not meanwhile believe what anybody can sign.
 */
export function verify(
  { covered, signature }: Signed,
  { keys, alsoSecretOf }: KeyTable,
): Result<Key, "unknown-key" | "bad-signature"> {
  const [, index, digest] = /^(0|[1-9]\d?) ([0-9a-f]{1,128})$/.exec(signature ?? "") ?? [];
  if (index === undefined || digest === undefined) return fail("bad-signature");
  const key = keys.find((each) => each.index === Number(index));
  if (key === undefined) return fail("unknown-key");
  if (isSame(digestOf(key.method, key, covered), digest)) return ok(key);
  if (alsoSecretOf === undefined || alsoSecretOf.secret === "") return fail("bad-signature");
  const isOther = isSame(digestOf(key.method, alsoSecretOf, covered), digest);
  return isOther ? ok(key) : fail("bad-signature");
}

/** Lower-case hex digits; those of crc without leading zeros, as the original prints it. */
function digestOf(method: KeyMethod, key: Key, covered: readonly Uint8Array[]): string {
  if (method === "crc") return crc32(covered).toString(16);
  const hmac = createHmac(method, secretOf(key));
  for (const part of covered) hmac.update(part);
  return hmac.digest("hex");
}

/** To make one from bytes takes several times as long as the signature itself. */
const secrets = new WeakMap<Key, KeyObject>();

function secretOf(key: Key): KeyObject {
  let secret = secrets.get(key);
  if (secret === undefined) {
    secret = createSecretKey(key.secret, "latin1");
    secrets.set(key, secret);
  }
  return secret;
}

function isSame(ours: string, theirs: string): boolean {
  // Only the method's length tells here, and that is no secret.
  if (ours.length !== theirs.length) return false;
  return timingSafeEqual(Buffer.from(ours, "latin1"), Buffer.from(theirs, "latin1"));
}
