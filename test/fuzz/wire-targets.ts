/**
 * The parsers of what comes from the network and from serial lines.
 *
 * Nobody guesses a signature: `wire-datagram` is what a stranger can send, the others sign what they
 * are given, as somebody who has the key could, and so reach what is behind.
 */
import * as fc from "fast-check";
import type { Envelope, Key, PlainField } from "../../src/wire/index.ts";
import {
  decode,
  encode,
  encodeHeartbeat,
  encodeOriginal,
  heartbeatOf,
  newMessageStream,
  originalOf,
} from "../../src/wire/index.ts";
import { arbitraryMessage, arbitraryOriginal } from "../unit/wire/arbitraries.ts";
import { capture } from "../unit/wire/captures.ts";
import { classic, common, commonNetstrings, netstring, ring } from "../unit/wire/frames.ts";
import { signedNetstring } from "../unit/wire/frames.ts";
import type { Target } from "./target.ts";
import { holds, same, wordsOf } from "./target.ts";

const key: Key = { index: 1, method: "sha1", secret: "secretkey" };
const stamp = { seconds: 1, load: "0.11 0.13 0.06 2/131 35", ttl: 3, uuid: new Uint8Array(16) };

const values = [
  "0",
  "1",
  "ff",
  "fffffffffffff",
  "1000000000000000",
  "-1",
  "",
  " ",
  ",",
  "%41",
  "*",
];
const marks = [">>>\n", "<<<\n", "###\n", "%%%\n", "\n", "=", "(1)", "(2)", "\0", "\x13", "auth="];
const items = ["refuses,web", "yields,web,beta", "beta,1,1", "1,held,web,start,,0"];
const words = [...wordsOf("wire"), ...values, ...marks, ...items, "0123456789abcdef"];

const commonFields: readonly PlainField[] = common.map((line) => {
  const [name = "", text = ""] = line.split("=");
  return { type: "string", name, text };
});

/** Heartbeats and an original's messages, without their frames. */
function bodies(): readonly string[] {
  return [
    ...fc
      .sample(arbitraryMessage, { numRuns: 12, seed: 1 })
      .map((each) => encodeHeartbeat(each, stamp, key)),
    ...fc
      .sample(arbitraryOriginal, { numRuns: 60, seed: 1 })
      .map((each) => encodeOriginal(each, stamp, key)),
  ].map((bytes) => bytes.toString("latin1").replace(/^>>>\n|auth=.*\n<<<\n$/g, ""));
}

/** The same, as netstrings: the seeds of the framing that we do not send. */
function netstrings(): readonly string[] {
  return bodies().map((body) =>
    body
      .split("\n")
      .slice(0, -1)
      .map((line) => (line.startsWith("(1)") ? "(1)srcuuid=0123456789abcdef" : `(0)${line}`))
      .map((field) => `${field.length}:${field},`)
      .join(""),
  );
}

export const wireTargets: readonly Target[] = [
  {
    name: "wire-datagram",
    words,
    seeds: () => [
      ...ring.map((each) => encode(commonFields, each)),
      ...ring.slice(1).map((each) => netstring(commonNetstrings, each)),
      capture("a steady heartbeat"),
      ...bodies().map((body, index) => {
        const by = ring[1 + (index % (ring.length - 1))] ?? key;
        return classic(body.replace(/\n$/, "").split("\n"), by);
      }),
    ],
    check: (input) => readDatagram(input, ring),
  },
  {
    name: "wire-classic",
    words,
    seeds: () => bodies().map((body) => Buffer.from(body, "latin1")),
    check(input) {
      const lines = input.toString("latin1");
      readDatagram(classic(lines === "" ? [] : lines.replace(/\n$/, "").split("\n"), key), [key]);
    },
  },
  {
    name: "wire-netstring",
    words: [...words, "(0)", "9:", "10:", "99:", ",", ":"],
    seeds: () =>
      [...netstrings(), ...netstrings().map((body) => `${body}9:(0)a=b\0c\0,`)].map((body) =>
        Buffer.from(body, "latin1"),
      ),
    check: (input) => readDatagram(signedNetstring(input.toString("latin1"), key), [key]),
  },
  {
    name: "wire-stream",
    words: [...marks, ">>>", "<<<", "t=status\n", "\r", " ", "\0"],
    seeds: () =>
      [...bodies(), `long=${"x".repeat(3000)}\n`, `a=${">>>".repeat(9)}\n>>>\n`].map((body) =>
        Buffer.from(`>>>\n${body}auth=1 00\n<<<\n`, "latin1"),
      ),
    check: readStream,
  },
];

function readDatagram(bytes: Buffer, keys: readonly Key[]): void {
  const envelope = decode(bytes, keys, keys[0] ?? key);
  if (!envelope.ok) return;
  const heartbeat = heartbeatOf(envelope.value);
  const original = originalOf(envelope.value);
  if (heartbeat.ok) {
    const again = decode(encodeHeartbeat(heartbeat.value, stamp, key), [key], key);
    same("a heartbeat that was said again", read(again, heartbeatOf), heartbeat);
  }
  // In a netstring a text may have what the classic framing has no way to say: nobody says it.
  const isSayable = !JSON.stringify(original).includes(String.raw`\u0013`);
  if (original.ok && isSayable && original.value.saying.type !== "unknown") {
    const again = decode(encodeOriginal(original.value, stamp, key), [key], key);
    same("an original's word that was said again", read(again, originalOf), original);
  }
  checkFields(envelope.value);
}

function read<T>(
  envelope: ReturnType<typeof decode>,
  meaning: (envelope: Envelope) => T,
): T | typeof envelope {
  return envelope.ok ? meaning(envelope.value) : envelope;
}

/** decode(encode(x)) = x, of all that we could have said. */
function checkFields({ fields }: Envelope): void {
  const plain = fields.filter(
    (field): field is PlainField =>
      field.type === "binary" || (field.type === "string" && !field.text.includes("\x13")),
  );
  if (plain.length !== fields.length) return;
  const again = decode(encode(plain, key), [key], key);
  same("fields that were said again", again.ok ? again.value.fields : again, plain);
}

/** However it comes in pieces, the same messages are found in it, and as much that is none. */
function readStream(input: Buffer): void {
  const whole = newMessageStream().take(input);
  const [first = 0] = input;
  for (const size of [1, 1 + (first % 7), 64]) {
    const stream = newMessageStream();
    const messages: Buffer[] = [];
    let malformed = 0;
    for (let at = 0; at < input.length; at += size) {
      const taken = stream.take(input.subarray(at, at + size));
      messages.push(...taken.messages);
      malformed += taken.malformed;
    }
    const found = { messages, malformed };
    same(`a stream in pieces of ${size} bytes`, found, whole);
  }
  for (const message of whole.messages) {
    holds(/^>>>\n[^]*<<<\n$/.test(message.toString("latin1")), "a message between its marks");
    readDatagram(message, ring);
  }
}
