import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decode,
  encodeHeartbeat,
  encodeOriginal,
  heartbeatOf,
  originalOf,
} from "../../../src/wire/index.ts";
import {
  arbitraryKey,
  arbitraryMessage,
  arbitraryOriginal,
  arbitraryStamp,
} from "./arbitraries.ts";
import { capture, captureKey } from "./captures.ts";
import { classic, key, latin1, ring, signedNetstring } from "./frames.ts";

const heartbeat = fc.sample(arbitraryMessage, { numRuns: 1, seed: 1 })[0]!;
const stamp = { seconds: 1, load: "0.11 0.13 0.06 2/131 35", ttl: 3, uuid: new Uint8Array(16) };

/** Whatever the bytes are, there is an answer. */
function accepts(bytes: Uint8Array): boolean {
  const envelope = decode(bytes, ring, ring[0]!);
  if (!envelope.ok) return false;
  heartbeatOf(envelope.value);
  originalOf(envelope.value);
  return true;
}

function acceptsOriginal(bytes: Uint8Array): boolean {
  return decode(bytes, [captureKey], captureKey).ok;
}

describe("a datagram that nobody signed is dropped:", () => {
  test.each([
    ["nothing", ""],
    ["a NUL", "\0"],
    ["the 13 bytes that end heartbeat 3.0.6", "###\n3:abc,%%%\n"],
    ["a type behind the end of its table", "###\n7:(6)ab=c,%%%\n"],
    ["a start mark", ">>>\n"],
    ["the other start mark", "###\n"],
    ["a start mark and a NUL", ">>>\n\0"],
    ["an end mark", "<<<\n"],
    ["the other end mark", "%%%\n"],
    ["64 KiB of one byte", "A".repeat(65_536)],
    ["64 KiB of line ends", `>>>\n${"\n".repeat(65_528)}<<<\n`],
    ["64 KiB of signatures", `>>>\n${"auth=\n".repeat(10_921)}<<<\n`],
    ["64 KiB of a signature", `>>>\nauth=1 ${"0".repeat(65_000)}\n<<<\n`],
    ["64 KiB of end marks", `###\n${"%%%\n".repeat(16_383)}`],
    ["64 KiB of a netstring's length", `###\n%%%\n${"9".repeat(65_000)}`],
    ["64 KiB of a netstring's signature", `###\n%%%\n65000:${"1 ".repeat(32_500)},`],
    ["64 KiB of netstrings", `###\n${"7:(0)a=bc,".repeat(6000)}%%%\n`],
  ])("%s", (_, text) => {
    expect(accepts(latin1(text))).toBe(false);
  });

  test("any bytes", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => !accepts(bytes)));
  });

  test("any bytes between the marks", () => {
    const start = fc.constantFrom(">>>\n", "###\n");
    const end = fc.constantFrom("<<<\n", "%%%\n", "auth=1 00\n<<<\n", "%%%\n4:1 00,");
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 500 }), end, (before, bytes, after) => {
        return !accepts(Buffer.concat([latin1(before), bytes, latin1(after)]));
      }),
    );
  });
});

describe("a datagram that was signed and says nonsense has an answer:", () => {
  const nonsense = fc.oneof(
    fc.string({ unit: fc.constantFrom(..."()0123=:,\n\x13\0%ats_u".split("")), maxLength: 60 }),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
  );

  test("any classic text", () => {
    fc.assert(fc.property(nonsense, (text) => void decode(classic([text]), [key], key)));
  });

  test("any netstrings", () => {
    fc.assert(fc.property(nonsense, (text) => void decode(signedNetstring(text), [key], key)));
  });

  test("any us_ fields", () => {
    const names = ["us_boot", "us_phase", "us_cfg", "us_claims", "us_stances", "us_hears", "dt"];
    const fields = fc.tuple(...names.map((name) => fc.string().map((text) => ({ name, text }))));
    fc.assert(
      fc.property(fields, (each) => {
        const texts = [...each, { name: "us_v", text: "1" }, { name: "us_changed", text: "1" }];
        const all = texts.map((field) => ({ ...field, type: "string" as const }));
        const from = { type: "status", from: "alpha", sequence: 1, generation: 1 };
        return !heartbeatOf({ ...from, fields: all }).ok;
      }),
    );
  });

  test("any of the original's types, with any fields", () => {
    const types = ["status", "resource", "ask_resources", "repnodes", "ip-request-resp", "stonith"];
    const unordered = ["NS_ackmsg", "NS_rexmit", "NS_nak_rexmit", "num_ping_nodes", "hb_takeover"];
    const names = ["st", "dt", "rsc_hold", "isstable", "info", "nodelist", "ipaddr", "ok", "node"];
    const numbers = ["ackseq", "firstseq", "lastseq", "num_ping", "result", "dest"];
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "0", "1", "-1", "1e9", "0x1", "all", "me", "OK", "9".repeat(400)),
    );
    const fields = fc.array(fc.tuple(fc.constantFrom(...names, ...numbers), value));
    fc.assert(
      fc.property(fc.constantFrom(...types, ...unordered), fields, (type, drawn) => {
        const texts = drawn.map(([name, text]) => ({ type: "string" as const, name, text }));
        const place = { from: "alpha", sequence: 1, generation: 1 };
        const result = originalOf({ type, ...place, fields: texts });
        expect(result.ok ? result.value.saying.type : type).toBe(type);
      }),
    );
  });
});

describe("a heartbeat that was changed on its way is dropped:", () => {
  test.each(ring)("any one bit, signed with $method", (each) => {
    const bytes = encodeHeartbeat(heartbeat, stamp, each);
    expect(accepts(bytes)).toBe(true);
    expect(flippedBitsAccepted(bytes, accepts)).toEqual([]);
  });

  test("any one bit of a netstring", () => {
    const bytes = capture("a steady heartbeat");
    expect(acceptsOriginal(bytes)).toBe(true);
    expect(flippedBitsAccepted(bytes, acceptsOriginal)).toEqual([]);
  });

  test.each(ring)("any end cut off, signed with $method", (each) => {
    const bytes = encodeHeartbeat(heartbeat, stamp, each);
    const lengths = [...bytes.keys()].filter((length) => accepts(bytes.subarray(0, length)));
    expect(lengths).toEqual([]);
  });

  test("any one bit of what we say to an original", () => {
    const message = fc.sample(arbitraryOriginal, { numRuns: 1, seed: 1 })[0]!;
    const bytes = encodeOriginal(message, stamp, captureKey);
    expect(acceptsOriginal(bytes)).toBe(true);
    expect(flippedBitsAccepted(bytes, acceptsOriginal)).toEqual([]);
  });

  test("any part of it replaced", () => {
    const damage = fc.record({
      at: fc.nat({ max: 2000 }),
      removed: fc.nat({ max: 50 }),
      added: fc.uint8Array({ maxLength: 50 }),
    });
    fc.assert(
      fc.property(arbitraryMessage, arbitraryStamp, arbitraryKey, damage, (...drawn) => {
        const [message, eachStamp, by, { at, removed, added }] = drawn;
        const bytes = encodeHeartbeat(message, eachStamp, by);
        const parts = [bytes.subarray(0, at), added, bytes.subarray(at + removed)];
        const changed = Buffer.concat(parts);
        const isSame =
          changed.equals(bytes) || changed.equals(Buffer.concat([bytes, latin1("\0")]));
        expect(decode(changed, [by], by).ok).toBe(isSame);
      }),
    );
  });
});

/** The numbers of the bits that can be flipped without being noticed. */
function flippedBitsAccepted(bytes: Buffer, isAccepted: (bytes: Uint8Array) => boolean): number[] {
  const found: number[] = [];
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    if (isAccepted(flipped)) found.push(bit);
  }
  return found;
}
