import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encode } from "../../../../src/daemon/etcd/protobuf.ts";

/** The examples of the specification: field 1 is 150; field 2 is "testing". */
test.each([
  ["a number", [[1, 150n]] as const, "089601"],
  ["text", [[2, Buffer.from("testing")]] as const, "120774657374696e67"],
  ["0", [[1, 0n]] as const, "0800"],
  ["a negative number", [[1, -1n]] as const, "08ffffffffffffffffff01"],
  ["nothing", [[1, undefined]] as const, ""],
])("%s is encoded as it is specified", (_, fields, hex) => {
  expect(encode(fields).toString("hex")).toBe(hex);
});

test("what was encoded is decoded", () => {
  fc.assert(
    fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.uint8Array(), (number, bytes) => {
      const inner = encode([[3, number]]);
      const decoded = decode(
        encode([
          [1, number],
          [2, bytes],
          [16, inner],
          [16, inner],
        ]),
      );
      expect(decoded.number(1)).toBe(number);
      expect(decoded.bytes(2).equals(bytes)).toBe(true);
      expect(decoded.messages(16).map((each) => each.number(3))).toEqual([number, number]);
    }),
  );
});

test("what is not there is 0, and nothing", () => {
  const decoded = decode(Buffer.alloc(0));
  expect([decoded.number(1), decoded.bytes(1).length, decoded.messages(1)]).toEqual([0n, 0, []]);
});

test("fields of 4 and 8 bytes are passed over", () => {
  expect(
    decode(Buffer.from("0d0102030411010203040506070810 05".replace(" ", ""), "hex")).number(2),
  ).toBe(5n);
});

test.each([
  ["a number that is cut off", "0880"],
  ["a number that does not end", "08ffffffffffffffffffffff01"],
  ["bytes that are cut off", "12077465"],
  ["a length beyond all", "12ffffffffffffffffff01"],
  ["a group, which nobody uses any more", "0b"],
])("%s is refused", (_, hex) => {
  expect(() => decode(Buffer.from(hex, "hex"))).toThrow(RangeError);
});

test("no bytes make it do anything else than understand or refuse", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      try {
        decode(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});
