/**
 * `node test/tools/meeting.ts FILE.pcap "1 sha1 secretkey" "What happened." > NAME.txt`: makes a
 * meeting for test/fixtures/meetings out of what `tcpdump -w` has seen on the cable.
 *
 * Heartbeats, acknowledgements and echoes that say what the one before said are left out, but for
 * one in twenty seconds, so that what happens can be read.
 */
import { readFileSync } from "node:fs";
import { argv, stdout } from "node:process";
import type { Key } from "../../src/wire/index.ts";
import { decode, textOf } from "../../src/wire/index.ts";
import { meetingFrom, textOfMeeting } from "../unit/wire/meetings.ts";
import type { Captured } from "./pcap.ts";
import { heartbeatsIn } from "./pcap.ts";

const KEEP_EVERY_SECONDS = 20;
const steady = ["status", "NS_ackmsg", "NS_st"];
/** What differs from one message to the next, though nothing has happened. */
const changing = ["seq", "ts", "ld", "ackseq", "us_hears", "us_claims"];

const [, , file, authkeys, title] = argv;
if (file === undefined || authkeys === undefined || title === undefined) {
  throw new Error('usage: meeting.ts FILE.pcap "1 sha1 secretkey" "What happened."');
}
stdout.write(meetingOf(heartbeatsIn(readFileSync(file)), authkeys, title), "latin1");

function meetingOf(all: readonly Captured[], line: string, sentence: string): string {
  const head = `# ${sentence}\n# authkeys: ${line}\n`;
  const kept = eventful(all, meetingFrom(head).key);
  const start = kept[0]?.time ?? 0;
  const lines = kept.map(({ time, sender, bytes }) => {
    return `${(time - start).toFixed(3)} ${sender} ${escape(bytes)}\n`;
  });
  const left = `# ${all.length - kept.length} of ${all.length} datagrams, which said nothing new, are left out.\n`;
  return textOfMeeting(meetingFrom(`${head}${left}${lines.join("")}`));
}

/** What is new to one who has read what was kept before it. */
function eventful(all: readonly Captured[], key: Key): readonly Captured[] {
  const repeated = repeatedOf(all);
  const newest = new Map<string, number>();
  const kept = new Map<string, { readonly content: string; readonly time: number }>();
  return all.filter(({ time, sender, bytes }) => {
    const envelope = decode(bytes, [key], key);
    if (!envelope.ok || !steady.includes(envelope.value.type)) return true;
    const { type, fields, generation, sequence } = envelope.value;
    const life = `${sender} ${generation}`;
    const before = newest.get(life) ?? 0;
    newest.set(life, Math.max(before, sequence ?? before));
    // What is said a second time was lost at the first, which may be before the capture.
    if ((sequence ?? before) < before || repeated.has(identityOf({ sender, bytes }))) return true;
    const kind = `${sender} ${type} ${textOf(fields, "dest")}`;
    const content = JSON.stringify(fields.filter(({ name }) => !changing.includes(name)));
    const last = kept.get(kind);
    if (last?.content === content && time - last.time < KEEP_EVERY_SECONDS) return false;
    kept.set(kind, { content, time });
    return true;
  });
}

/** Those messages of the order that the same sender said twice. */
function repeatedOf(all: readonly Captured[]): ReadonlySet<string> {
  const identities = all.map(identityOf).filter((each) => /[\n)]seq=/.test(each));
  return new Set(identities.filter((each, at) => identities.indexOf(each) !== at));
}

function identityOf({ sender, bytes }: Omit<Captured, "time">): string {
  return `${sender} ${bytes.toString("latin1")}`;
}

/** A backslash too is written as its byte, so that what is written is never ambiguous. */
function escape(bytes: Buffer): string {
  return bytes.toString("latin1").replaceAll(/[^ -[\]-~]/g, (odd) => {
    return odd === "\n" ? "\\n" : `\\x${odd.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}
