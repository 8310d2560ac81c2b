import { isIPv6 } from "node:net";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatIpv4, parseIpv4, parseMask } from "../../../src/config/ipv4.ts";
import { formatIpv6, parseIpv6 } from "../../../src/config/ipv6.ts";

describe("an IPv4 address", () => {
  test("is the same text when it is read and written", () => {
    fc.assert(fc.property(fc.ipV4(), (text) => formatIpv4(parseIpv4(text) ?? -1) === text));
  });

  test.each([
    "256.0.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "01.2.3.4",
    "1.2.3.",
    "1.2.3.-4",
    "1.2.3.4 ",
    "0x1.2.3.4",
  ])("is not %j", (text) => {
    expect(parseIpv4(text)).toBeUndefined();
  });
});

describe("a netmask", () => {
  test.each([
    ["24", 24],
    ["32", 32],
    ["1", 1],
    ["255.255.255.0", 24],
    ["255.255.255.255", 32],
    ["128.0.0.0", 1],
  ])("%s has %d bits", (text, bits) => {
    expect(parseMask(text)).toBe(bits);
  });

  test.each(["0", "33", "-1", "", "24x", "255.0.255.0", "0.0.0.0", "255.255.255.256"])(
    "is not %j",
    (text) => {
      expect(parseMask(text)).toBeUndefined();
    },
  );
});

describe("an IPv6 address", () => {
  /** RFC 5952 §4 and §5, and RFC 4291 §2.2. */
  test.each([
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
    ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["2001:0db8::0001", "2001:db8::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["fe80::", "fe80::"],
    ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
    ["1:2:3:4:5:6:192.0.2.33", "1:2:3:4:5:6:c000:221"],
    ["1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"],
  ])("%s is written %s", (text, canonical) => {
    const address = parseIpv6(text);
    expect(address && formatIpv6(address)).toBe(canonical);
  });

  test.each([
    "",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "g::",
    "fe80::1%eth0",
  ])("is not %j", (text) => {
    expect(parseIpv6(text)).toBeUndefined();
  });

  test.each(["1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:8::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3"])(
    "is not %j either",
    (text) => {
      expect(parseIpv6(text)).toBeUndefined();
    },
  );

  test("is one exactly where Node says so", () => {
    const letters = fc.constantFrom(..."0:1:f:.12".split(""), "::", "255");
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 20 }), (parts) => {
        const text = parts.join("");
        expect(parseIpv6(text) !== undefined).toBe(isIPv6(text));
      }),
      { numRuns: 2000 },
    );
    fc.assert(fc.property(fc.ipV6(), (text) => parseIpv6(text) !== undefined));
  });

  test("keeps its canonical text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0, 1, 0xffff), { minLength: 8, maxLength: 8 }),
        (groups) => {
          expect(parseIpv6(formatIpv6(groups))).toEqual(groups);
        },
      ),
    );
  });
});
