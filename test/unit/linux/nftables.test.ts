import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { NetlinkMessage } from "../../../src/linux/netlink.ts";
import { bytesAt, equals, isIn, meta, verdict } from "../../../src/linux/nftables-rule.ts";
import {
  addElements,
  batchBegin,
  batchEnd,
  decodeElements,
  deleteAllElements,
  deleteElements,
  elementDump,
  newChain,
  newRule,
  newSet,
  newTable,
} from "../../../src/linux/nftables.ts";

const set = { table: "t", name: "s" };
const key = Uint8Array.of(0x08, 0x06);

// Composed by hand from struct nfgenmsg and struct nlattr; the kernel takes the same bytes, and nft
// lists what they mean, in test/netns/linux/netfilter.test.ts.
describe("the bytes of a request", () => {
  test("that frames a batch for nf_tables", () => {
    const payload = Uint8Array.of(0, 0, 0, 0x0a);
    expect(batchBegin).toEqual({ type: 0x10, flags: 0, payload });
    expect(batchEnd).toEqual({ type: 0x11, flags: 0, payload });
  });

  test("that makes a table with flags", () => {
    expect(newTable("t", 6)).toEqual({
      type: 0x0a00,
      flags: 0x400,
      payload: bytes("05000000 0600010074000000 0800020000000006"),
    });
  });

  test("that makes a set whose elements have an end", () => {
    expect(newSet(set, "ether_type", true)).toEqual({
      type: 0x0a09,
      flags: 0x400,
      payload: bytes(
        "05000000",
        "0600010074000000 0600020073000000",
        "0800030000000010", // NFT_SET_TIMEOUT
        "080004000000000a 0800050000000002", // ether_type, 2 bytes
        "08000a0000000001",
      ),
    });
  });

  test("that adds an element for 300 ms", () => {
    expect(addElements(set, [key], 300)).toEqual({
      type: 0x0a0c,
      flags: 0x400,
      payload: bytes(
        "05000000",
        "0600010074000000 0600020073000000",
        "20000380", // NFTA_SET_ELEM_LIST_ELEMENTS
        "1c000180", // NFTA_LIST_ELEM
        "0c000180 0600010008060000", // NFTA_SET_ELEM_KEY, NFTA_DATA_VALUE
        "0c000400 000000000000012c", // NFTA_SET_ELEM_TIMEOUT
      ),
    });
  });

  test("that deletes one element, or all of them", () => {
    const { type, flags, payload } = deleteElements(set, [key]);
    expect({ type, flags }).toEqual({ type: 0x0a0e, flags: 0 });
    const name = "05000000 0600010074000000 0600020073000000";
    expect(payload).toEqual(bytes(name, "14000380 10000180 0c000180 0600010008060000"));
    expect(deleteAllElements(set)).toEqual({ type: 0x0a0e, flags: 0, payload: bytes(name) });
    expect(elementDump(set)).toEqual({ type: 0x0a0d, flags: 0x300, payload: bytes(name) });
  });

  test("that hooks a chain before all others", () => {
    const hook = { at: "egress", device: "eth0", priority: -500 } as const;
    expect(newChain({ table: "t", name: "c" }, hook)).toEqual({
      type: 0x0a03,
      flags: 0x400,
      payload: bytes(
        "05000000",
        "0600010074000000 0600030063000000",
        "20000480 0800010000000001 08000200fffffe0c 09000300 6574683000000000",
        "0b000700 66696c7465720000",
      ),
    });
  });

  test("that makes a rule of expressions", () => {
    const { type, flags, payload } = newRule({ table: "t", name: "c" }, [verdict("drop")]);
    expect({ type, flags }).toEqual({ type: 0x0a06, flags: 0xc00 });
    expect(payload).toEqual(
      bytes(
        "05000000 0600010074000000 0600020063000000",
        "34000480 30000180 0e000100 696d6d6564696174 65000000",
        "1c000280 0800010000000000 10000280 0c000280 0800010000000000",
      ),
    );
  });
});

test.each([
  ["what is known of a packet", meta("l4proto"), "meta", "0800010000000001 0800020000000010"],
  [
    "bytes of it",
    bytesAt("transport", 8, 16),
    "payload",
    "0800010000000001 0800020000000002 0800030000000008 0800040000000010",
  ],
  [
    "that they are these",
    equals(8, 6),
    "cmp",
    "0800010000000001 0800020000000000 0c000380 0600010008060000",
  ],
  ["that they are in a set", isIn("s"), "lookup", "0600010073000000 0800020000000001"],
  [
    "where to go on",
    verdict({ jump: "c" }),
    "immediate",
    "0800010000000000 18000280 14000280 08000100fffffffd 0600020063000000",
  ],
])("an expression says %s", (_, expression, name, data) => {
  const text = Buffer.from(expression).toString("hex");
  expect(text).toContain(Buffer.from(`${name}\0`).toString("hex"));
  expect(text.endsWith(data.replaceAll(" ", ""))).toBe(true);
});

describe("the elements of a set", () => {
  test("are read with what is left of their time", () => {
    const element =
      "28000180 0c000180 0600010008060000 0c000400 000000000000012c 0c000500 00000000000000c8";
    expect(decodeElements(listed("2c000380", element))).toEqual([
      { key: Buffer.from(key), leftMs: 200 },
    ]);
  });

  test("are read all, and stay where they have no time", () => {
    const element = "10000180 0c000180 0600010008060000";
    expect(decodeElements(listed("24000380", element, element))).toEqual([
      { key: Buffer.from(key), leftMs: undefined },
      { key: Buffer.from(key), leftMs: undefined },
    ]);
  });

  test("are none in another message, and any bytes are read without harm", () => {
    expect(decodeElements({ ...listed("24000380"), type: 0x0a00 })).toEqual([]);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (payload) => {
        expect(Array.isArray(decodeElements({ ...listed(), payload }))).toBe(true);
      }),
    );
  });

  test("that are asked for are read back from the same bytes, whatever they are", () => {
    const keys = fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { maxLength: 50 });
    fc.assert(
      fc.property(keys, fc.integer({ min: 1, max: 2 ** 40 }), (all, ms) => {
        const { type, flags, payload } = addElements(set, all, ms);
        expect(decodeElements({ type, flags, payload, sequence: 0 })).toEqual(
          all.map((each) => ({ key: Buffer.from(each), leftMs: ms })),
        );
      }),
    );
  });
});

function listed(...hex: readonly string[]): NetlinkMessage {
  const payload = bytes("05000000 0600010074000000", ...hex);
  return { type: 0x0a0c, flags: 2, sequence: 1, payload };
}

function bytes(...hex: readonly string[]): Buffer {
  return Buffer.from(hex.join("").replaceAll(" ", ""), "hex");
}
