import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatIp, formatMac, ipBytes, macBytes, parseIp } from "../../../src/linux/ip-text.ts";

test.each([
  // RFC 5952 §4.1, 4.2.1, 4.2.2, 4.2.3, 4.3, 5, in this order.
  ["2001:0db8::0001", "2001:db8::1"],
  ["2001:db8:0:0:0:0:2:1", "2001:db8::2:1"],
  ["2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
  ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
  ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["2001:DB8::ABCD", "2001:db8::abcd"],
  ["::FFFF:c000:201", "::ffff:192.0.2.1"],
  ["::192.0.2.1", "::c000:201"],
  ["64:ff9b::192.0.2.1", "64:ff9b::c000:201"],
  ["0:0:0:0:0:0:0:0", "::"],
  ["1::", "1::"],
  ["::1", "::1"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ["10.0.0.100", "10.0.0.100"],
])("%s is written %s", (text, canonical) => {
  expect(formatIp(ipBytes(text))).toBe(canonical);
});

test.each([
  "",
  "10.0.0",
  "10.0.0.256",
  "10.0.0.01",
  "1:2",
  "1::2::3",
  "12345::",
  "fe80::1%eth0",
  "eth0",
])("%j is no address", (text) => {
  expect(parseIp(text)).toBeUndefined();
});

test("any address is read back from its text", () => {
  const word = fc.constantFrom(0, 0, 0, 1, 255);
  const bytes = (length: number) =>
    fc.oneof(
      fc.uint8Array({ minLength: length, maxLength: length }),
      fc.array(word, { minLength: length, maxLength: length }).map((each) => Uint8Array.from(each)),
    );
  fc.assert(
    fc.property(fc.oneof(bytes(4), bytes(16)), (address) => {
      expect(parseIp(formatIp(address))).toEqual(address);
    }),
  );
});

test("any text is read without harm", () => {
  fc.assert(fc.property(fc.string(), (text) => void parseIp(text)));
});

test("a MAC address is written in lower case with colons, and read back", () => {
  expect(formatMac(Uint8Array.of(2, 0, 0x5e, 0x10, 0, 0xfe))).toBe("02:00:5e:10:00:fe");
  expect(macBytes("02:00:5e:10:00:fe")).toEqual(Uint8Array.of(2, 0, 0x5e, 0x10, 0, 0xfe));
});
