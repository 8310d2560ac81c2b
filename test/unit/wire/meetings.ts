/**
 * The meetings of test/fixtures/meetings: what two nodes said to each other, datagram by datagram,
 * and below a line of dashes what we understand of it.
 *
 *     # What happened, for who reads it.
 *     # authkeys: 1 sha1 secretkey
 *     1.500 10.81.0.1 ###\n13:(0)t=starting,...     seconds, the sender's address, the payload
 *     ----
 *     1.500 spec-a 6b008d48/8 starting              seconds, src, generation/sequence, what it says
 */
import { readdirSync } from "node:fs";
import type { Message, OriginalMessage } from "../../../src/core/index.ts";
import type { Envelope, Key } from "../../../src/wire/index.ts";
import { decode, heartbeatOf, originalOf } from "../../../src/wire/index.ts";
import { unescape } from "./captures.ts";

export interface Datagram {
  /** Seconds since the first one, as written. */
  readonly time: string;
  /** The address that it came from. */
  readonly sender: string;
  readonly bytes: Buffer;
}

export interface Meeting {
  /** All that stands above the line of dashes. */
  readonly script: string;
  readonly key: Key;
  readonly datagrams: readonly Datagram[];
}

export const folder: URL = new URL("../../fixtures/meetings/", import.meta.url);

export function meetingFiles(): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".txt"));
}

export function meetingFrom(text: string): Meeting {
  const script = text.split("----\n", 1)[0] ?? "";
  const lines = script.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return { script, key: keyFrom(script), datagrams: lines.map(datagramFrom) };
}

/** The whole file: what was captured, and what it means. */
export function textOfMeeting(meeting: Meeting): string {
  const summary = meeting.datagrams.map((datagram) => `${summaryOf(datagram, meeting.key)}\n`);
  return `${meeting.script}----\n${summary.join("")}`;
}

function keyFrom(script: string): Key {
  const [, index, method, secret = ""] =
    /^# authkeys: (\d+) (crc|md5|sha1|sha256|sha512)(?: (\S+))?$/m.exec(script) ?? [];
  const known = (["crc", "md5", "sha1", "sha256", "sha512"] as const).find(
    (each) => each === method,
  );
  if (known === undefined) throw new Error("a meeting without its line of authkeys");
  return { index: Number(index), method: known, secret };
}

function datagramFrom(line: string): Datagram {
  const [, time, sender, payload] = /^([\d.]+) (\S+) (.*)$/.exec(line) ?? [];
  if (time === undefined || sender === undefined || payload === undefined) {
    throw new Error(`no datagram: ${line}`);
  }
  return { time, sender, bytes: unescape(payload) };
}

function summaryOf({ time, bytes }: Datagram, key: Key): string {
  const envelope = decode(bytes, [key], key);
  return `${time} ${envelope.ok ? meaningOf(envelope.value) : `rejected: ${envelope.error}`}`;
}

function meaningOf(envelope: Envelope): string {
  const place = `${envelope.generation.toString(16)}/${envelope.sequence ?? "-"}`;
  return `${envelope.from} ${place} ${wordsOf(envelope)}`;
}

function wordsOf(envelope: Envelope): string {
  const ours = heartbeatOf(envelope);
  if (ours.ok) return wordsOfOurs(ours.value);
  const original = originalOf(envelope);
  return original.ok ? wordsOfOriginal(original.value) : `rejected: ${original.error}`;
}

function wordsOfOurs({ phase, claims }: Message): string {
  const held = claims.map(({ group, at }) => ` ${group}=${at}`);
  return `understudy ${phase}${held.join("")}`;
}

function wordsOfOriginal({ dest, saying }: OriginalMessage): string {
  const { type, ...rest } = saying;
  const words = Object.entries(rest)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${Array.isArray(value) ? value.join("+") : String(value)}`);
  return `${type}${dest === undefined ? "" : ` to ${dest}`}${words.join("")}`;
}
