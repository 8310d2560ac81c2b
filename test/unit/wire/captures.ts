/**
 * The datagrams of test/fixtures/wire, by the titles they have there.
 */
import { readFileSync } from "node:fs";
import type { Key } from "../../../src/wire/index.ts";

/** What they are signed with. */
export const captureKey: Key = { index: 1, method: "sha1", secret: "secretkey" };

export const captures: ReadonlyMap<string, Buffer> = new Map(
  readFileSync(new URL("../../fixtures/wire/heartbeat-3.0.6.txt", import.meta.url), "latin1")
    .split("\n\n")
    .slice(1)
    .map((block) => {
      const [title = "", datagram = ""] = block.split("\n");
      return [title, unescape(datagram)];
    }),
);

export function capture(title: string): Buffer {
  const bytes = captures.get(title);
  if (bytes === undefined) throw new Error(`no capture of ${title}`);
  return bytes;
}

/** `\n` is LF, `\xNN` a byte, all else is itself. */
export function unescape(text: string): Buffer {
  const bytes = text.replaceAll(/\\n|\\x(..)/g, (_, hex: string | undefined) =>
    hex === undefined ? "\n" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1");
}
