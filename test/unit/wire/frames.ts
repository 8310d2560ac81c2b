/**
 * Datagrams made by hand, signed by node:crypto alone: what is in them may be wrong in any way.
 */
import { createHmac } from "node:crypto";
import type { Key } from "../../../src/wire/index.ts";

/** A key of every method, each with a number and a secret of its own. */
export const ring: readonly Key[] = [
  { index: 0, method: "crc", secret: "" },
  { index: 1, method: "md5", secret: "one" },
  { index: 2, method: "sha1", secret: "two" },
  { index: 3, method: "sha256", secret: "three" },
  { index: 15, method: "sha512", secret: "fifteen" },
];

export const key: Key = { index: 1, method: "sha1", secret: "secretkey" };

/** The fields that every message needs, as lines and as netstrings without their lengths. */
export const common: readonly string[] = ["t=status", "src=alpha", "seq=1", "hg=2", "ts=3"];
export const commonNetstrings: readonly string[] = common.map((each) => `(0)${each}`);

/** @param lines - without line ends */
export function classic(lines: readonly string[], by: Key = key, label: number = by.index): Buffer {
  const body = lines.map((line) => `${line}\n`).join("");
  return latin1(`>>>\n${body}auth=${label} ${hmac(by, body)}\n<<<\n`);
}

/** @param fields - without their lengths */
export function netstring(
  fields: readonly string[],
  by: Key = key,
  label: number = by.index,
): Buffer {
  return signedNetstring(fields.map((field) => `${field.length}:${field},`).join(""), by, label);
}

export function signedNetstring(body: string, by: Key = key, label: number = by.index): Buffer {
  const covered = `###\n${body}%%%\n`;
  const signature = `${label} ${hmac(by, covered)}`;
  return latin1(`${covered}${signature.length}:${signature},`);
}

export function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

function hmac(by: Key, data: string): string {
  return createHmac(by.method, latin1(by.secret)).update(latin1(data)).digest("hex");
}
