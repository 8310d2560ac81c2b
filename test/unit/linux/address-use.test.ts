import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useOf } from "../../../src/linux/address-use.ts";
import { encodeArpAnnouncements, encodeArpProbe } from "../../../src/linux/arp.ts";
import { ipBytes, macBytes } from "../../../src/linux/ip-text.ts";
import { checksum, encodeAddressProbe, encodeAdvertisement } from "../../../src/linux/ndp.ts";

const mac = "02:00:5e:10:00:01";
const other = "02:00:5e:10:00:02";
const ip = "10.0.0.100";
const ip6 = "2001:db8::100";

describe("an address is used by", () => {
  test.each(encodeArpAnnouncements(mac, ip).map((frame) => [frame]))(
    "who sends ARP from it",
    (frame) => {
      expect(useOf(frame)).toEqual({ address: ip, mac });
      expect(useOf(Buffer.concat([frame, new Uint8Array(18)]))).toEqual({ address: ip, mac });
    },
  );

  test("who advertises it", () => {
    expect(useOf(encodeAdvertisement(mac, ip6))).toEqual({ address: ip6, mac });
  });

  test("the machine that the option names, else the one that the frame came from", () => {
    const [source, target] = [1, 2].map((type) => [type, 1, ...macBytes(other)]);
    const nonce = [14, 1, 1, 2, 3, 4, 5, 6];
    const long = [2, 2, ...new Uint8Array(14)];
    const used = { address: ip6 };
    expect(seen(header(136, ip6))).toEqual({ ...used, mac });
    expect(seen([...header(136, ip6), ...nonce, ...target!])).toEqual({ ...used, mac: other });
    expect(seen([...header(136, ip6), ...source!])).toEqual({ ...used, mac });
    expect(seen([...header(136, ip6), ...long])).toEqual({ ...used, mac });
    expect(seen([...header(136, ip6), 1, 0, 0, 0, 0, 0, 0, 0])).toEqual({ ...used, mac });
    expect(seen([...header(135, "2001:db8::7"), ...source!])).toEqual({ ...used, mac: other });
    expect(seen(header(135, "2001:db8::7"))).toEqual({ ...used, mac });
  });
});

describe("an address is not used by", () => {
  test("who only asks whether it is free", () => {
    expect(useOf(encodeArpProbe(mac, ip))).toBeUndefined();
    expect(useOf(encodeAddressProbe(mac, ip6))).toBeUndefined();
  });

  test("what comes from beyond a router, or is another message", () => {
    const advertisement = [136, 0, 0, 0, 0, 0, 0, 0, ...ipBytes(ip6)];
    expect(seen(advertisement)).toBeDefined();
    expect(seen(advertisement, 64)).toBeUndefined();
    expect(seen([136, 1, ...advertisement.slice(2)])).toBeUndefined();
    expect(seen([134, ...advertisement.slice(1)])).toBeUndefined();
  });

  test("a frame that is cut off or damaged", () => {
    const whole = Buffer.from(encodeAdvertisement(mac, ip6));
    for (let length = 0; length < whole.length; length++) {
      expect(useOf(whole.subarray(0, length))).toBeUndefined();
    }
    for (let bit = 22 * 8; bit < whole.length * 8; bit++) {
      const damaged = Buffer.from(whole);
      damaged.writeUInt8(damaged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      expect(useOf(damaged)).toBeUndefined();
    }
  });

  test("any bytes: they are read without harm", () => {
    const types = fc.constantFrom(Uint8Array.of(8, 6), Uint8Array.of(0x86, 0xdd));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), types, fc.uint8Array(), (a, type, b) => {
        useOf(Buffer.concat([a, type, b]));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 60 }), (message) => void seen(message)),
    );
  });
});

/** Of an ICMPv6 message. */
function header(type: number, target: string): readonly number[] {
  return [type, 0, 0, 0, 0, 0, 0, 0, ...ipBytes(target)];
}

/** What is seen of an ICMPv6 message from 2001:db8::100, with the right checksum. */
function seen(message: Iterable<number>, hopLimit = 255): ReturnType<typeof useOf> {
  const bytes = Buffer.from([...message]);
  bytes.writeUInt16BE(0, 2);
  const addresses = Buffer.concat([ipBytes(ip6), ipBytes("ff02::1")]);
  bytes.writeUInt16BE(checksum(addresses, bytes), 2);
  return useOf(
    Buffer.concat([
      macBytes("33:33:00:00:00:01"),
      macBytes(mac),
      Uint8Array.of(0x86, 0xdd, 0x60, 0, 0, 0, 0, bytes.length, 58, hopLimit),
      addresses,
      bytes,
    ]),
  );
}
