/**
 * Whole meetings of the original, from first to last word. One that fails is read, not updated:
 * `UPDATE=1` writes what is understood, to be committed only if every changed line is explained.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decode } from "../../../src/wire/index.ts";
import { folder, meetingFiles, meetingFrom, textOfMeeting } from "./meetings.ts";

const files = meetingFiles();

test("there are meetings", () => {
  expect(files).toContain("cold-start.txt");
});

test.each(files)("%s: every datagram is believed, and with another secret none", (file) => {
  const { datagrams, key } = meetingFrom(readFileSync(new URL(file, folder), "latin1"));
  const other = { ...key, secret: `${key.secret}!` };
  const odd = datagrams.filter(
    ({ bytes }) => !decode(bytes, [key], key).ok || decode(bytes, [other], other).ok,
  );
  expect(datagrams.length).toBeGreaterThan(5);
  expect(odd.map(({ time }) => time)).toEqual([]);
});

test.each(files)("%s: is understood", (file) => {
  const path = new URL(file, folder);
  const before = readFileSync(path, "latin1");
  const after = textOfMeeting(meetingFrom(before));
  if (process.env["UPDATE"] === undefined) expect(after).toBe(before);
  else writeFileSync(path, after, "latin1");
});
