/**
 * IP and MAC addresses, text to bytes and back.
 */
import { isIPv4, isIPv6 } from "node:net";
import { assert } from "../std/assert.ts";

/** Four or sixteen bytes. Undefined for what is no address, or one with a zone (`fe80::1%eth0`). */
export function parseIp(text: string): Uint8Array | undefined {
  if (isIPv4(text)) return ipv4Bytes(text);
  if (isIPv6(text) && !text.includes("%")) return ipv6Bytes(text);
  return undefined;
}

/** The bytes of an address that is known to be one. */
export function ipBytes(text: string): Uint8Array {
  const bytes = parseIp(text);
  assert(bytes !== undefined, `an IP address, not ${text}`);
  return bytes;
}

/** Canonical text: a dotted quad for four bytes, RFC 5952 for sixteen. */
export function formatIp(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  assert(bytes.length === 16, `an address of 4 or 16 bytes, not ${bytes.length}`);
  const words = wordsOf(bytes);
  // RFC 5952 §5: an IPv4-mapped address shows the IPv4 address as such.
  const mapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  if (mapped) return `::ffff:${bytes.subarray(12).join(".")}`;
  return compressed(words);
}

/** Six bytes of `02:00:5e:10:00:01`. */
export function macBytes(text: string): Uint8Array {
  assert(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(text), `a MAC address, not ${text}`);
  const bytes = new Uint8Array(6);
  for (let at = 0; at < 6; at++) bytes[at] = Number.parseInt(text.slice(at * 3, at * 3 + 2), 16);
  return bytes;
}

export function formatMac(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(":");
}

/** @param text - known to be valid */
function ipv4Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let at = 0;
  for (const digits of text.split(".")) bytes[at++] = Number(digits);
  return bytes;
}

/** @param text - known to be valid, so that `::`, if there, stands for what is missing */
function ipv6Bytes(text: string): Uint8Array {
  const [head = "", tail = ""] = text.split("::");
  const before = bytesOfGroups(head);
  const after = bytesOfGroups(tail);
  const bytes = new Uint8Array(16);
  bytes.set(before, 0);
  bytes.set(after, 16 - after.length);
  return bytes;
}

/** The bytes of `2001:db8`, or of `ffff:192.0.2.1`. */
function bytesOfGroups(text: string): readonly number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const word = Number.parseInt(group, 16);
    return [word >> 8, word & 0xff];
  });
}

function wordsOf(bytes: Uint8Array): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 2 }, (_, index) => view.getUint16(index * 2));
}

/** RFC 5952 §4.2: `::` for the longest run of at least two zeros, the first one if two are equal. */
function compressed(words: readonly number[]): string {
  const run = longestZeros(words);
  const hex = words.map((word) => word.toString(16));
  if (run.length < 2) return hex.join(":");
  const head = hex.slice(0, run.start).join(":");
  const tail = hex.slice(run.start + run.length).join(":");
  return `${head}::${tail}`;
}

function longestZeros(words: readonly number[]): { start: number; length: number } {
  let longest = { start: 0, length: 0 };
  let length = 0;
  for (const [index, word] of words.entries()) {
    length = word === 0 ? length + 1 : 0;
    if (length > longest.length) longest = { start: index + 1 - length, length };
  }
  return longest;
}
