import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeAttributes,
  decodeMessages,
  encodeAttribute,
  encodeMessage,
  errorOf,
  textOf,
} from "../../../src/linux/netlink.ts";

const uint16 = fc.integer({ min: 0, max: 0xffff });
const arbitraryMessage = fc.record({
  type: uint16,
  flags: uint16,
  sequence: fc.integer({ min: 0, max: 0xffff_ffff }),
  payload: fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
});

test("a message is struct nlmsghdr, its payload, and padding to four bytes", () => {
  const message = { type: 0x14, flags: 0x505, sequence: 0x0102_0304, payload: Buffer.of(0xaa) };
  expect(hex(encodeMessage(message))).toBe("11000000 1400 0505 04030201 00000000 aa000000");
});

test("any messages are read back from one datagram", () => {
  fc.assert(
    fc.property(fc.array(arbitraryMessage), (messages) => {
      expect(decodeMessages(Buffer.concat(messages.map(encodeMessage)))).toEqual(messages);
    }),
  );
});

test("a datagram that is cut off anywhere gives the messages that are whole", () => {
  const messages = [1, 2].map((sequence) => ({
    type: 20,
    flags: 2,
    sequence,
    payload: Buffer.from("12345678"),
  }));
  const datagram = Buffer.concat(messages.map(encodeMessage));
  const whole = Array.from(datagram, (_, end) => decodeMessages(datagram.subarray(0, end)).length);
  expect(whole).toEqual(Array.from(datagram, (_, end) => (end < 24 ? 0 : 1)));
});

test("any attributes of different types are read back", () => {
  const attribute = fc.tuple(fc.integer({ min: 0, max: 0x3fff }), fc.uint8Array({ maxLength: 20 }));
  const attributes = fc.uniqueArray(attribute, { selector: ([type]) => type });
  fc.assert(
    fc.property(attributes, (list) => {
      const bytes = Buffer.concat(list.map(([type, value]) => encodeAttribute(type, value)));
      const decoded = new Map(list.map(([type, value]) => [type, Buffer.from(value)]));
      expect(decodeAttributes(bytes)).toEqual(decoded);
    }),
  );
});

test("the flags of an attribute's type are not part of it", () => {
  expect([...decodeAttributes(encodeAttribute(0x8000 | 0x4000 | 7, Buffer.of(1))).keys()]).toEqual([
    7,
  ]);
});

test("any bytes are read without harm", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      decodeMessages(bytes).map(errorOf);
      decodeAttributes(bytes);
    }),
  );
});

describe("an answer", () => {
  test.each([
    ["NLMSG_ERROR with 0 says well done", 2, Buffer.of(0, 0, 0, 0), 0],
    ["NLMSG_ERROR with -19 says ENODEV", 2, Buffer.of(0xed, 0xff, 0xff, 0xff), 19],
    ["NLMSG_DONE ends a list", 3, Buffer.of(0, 0, 0, 0), 0],
    ["NLMSG_DONE of old kernels ends a list without a word", 3, Buffer.of(), 0],
    ["RTM_NEWADDR is no answer", 20, Buffer.of(0, 0, 0, 0), undefined],
  ])("of type %s", (_, type, payload, error) => {
    expect(errorOf({ type, flags: 0, sequence: 1, payload })).toBe(error);
  });
});

test("a text ends at its NUL, or where the attribute does", () => {
  expect([textOf(Buffer.from("eth0\0x")), textOf(Buffer.from("eth0"))]).toEqual(["eth0", "eth0"]);
});

function hex(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("hex");
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 24)]
    .concat(text.slice(24, 32), text.slice(32))
    .join(" ");
}
