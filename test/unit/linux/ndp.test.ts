import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatIp, formatMac } from "../../../src/linux/ip-text.ts";
import {
  decodeAdvertisement,
  encodeAddressProbe,
  encodeAdvertisement,
} from "../../../src/linux/ndp.ts";

const mac = "02:00:5e:10:00:01";
const frame = encodeAdvertisement(mac, "2001:db8::100");

test("the 86 bytes of an unsolicited advertisement", () => {
  // The checksum by hand: RFC 4443 §2.3; tcpdump agrees in test/netns/linux/announce.test.ts.
  expect(Buffer.from(frame).toString("hex")).toBe(
    [
      "333300000001 02005e100001 86dd", // Ethernet, to all nodes
      "60000000 0020 3a ff", // IPv6, 32 bytes of ICMPv6, hop limit 255
      "20010db8000000000000000000000100 ff020000000000000000000000000001",
      "88 00 CHECKSUM 20000000", // neighbour advertisement, Override
      "20010db8000000000000000000000100 02 01 02005e100001",
    ]
      .join("")
      .replace("CHECKSUM", checksum([...address, ...allNodes, ...advertisement]))
      .replaceAll(" ", ""),
  );
  expect(frame).toHaveLength(86);
});

test("the 78 bytes of a probe for an address", () => {
  expect(Buffer.from(encodeAddressProbe(mac, "2001:db8::12ab:cdef")).toString("hex")).toBe(
    [
      "3333ffabcdef 02005e100001 86dd", // Ethernet, to the solicited-node group
      "60000000 0018 3a ff", // IPv6, 24 bytes of ICMPv6, hop limit 255
      "00000000000000000000000000000000 ff0200000000000000000001ffabcdef",
      "87 00 CHECKSUM 00000000", // neighbour solicitation, without options
      "20010db80000000000000000 12abcdef",
    ]
      .join("")
      .replace("CHECKSUM", checksum([...unspecified, ...solicitedNode, ...solicitation]))
      .replaceAll(" ", ""),
  );
});

test("what is advertised is read back", () => {
  fc.assert(
    fc.property(bytesOf(6).map(formatMac), bytesOf(16).map(formatIp), (sender, address) => {
      expect(decodeAdvertisement(encodeAdvertisement(sender, address))).toEqual({
        destinationMac: "33:33:00:00:00:01",
        source: address,
        destination: "ff02::1",
        hopLimit: 255,
        router: false,
        solicited: false,
        override: true,
        target: address,
        mac: sender,
      });
    }),
  );
});

test("a flipped bit of what the checksum covers is noticed", () => {
  for (let bit = 22 * 8; bit < 86 * 8; bit++) {
    const flipped = Buffer.from(frame);
    flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(decodeAdvertisement(flipped)).toBeUndefined();
  }
});

test("any bytes, and any beginning of a frame, are read without harm", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => void decodeAdvertisement(bytes)),
  );
  for (let length = 0; length < 86; length++) {
    expect(decodeAdvertisement(frame.subarray(0, length))).toBeUndefined();
  }
});

function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

const address = [0x2001, 0x0db8, 0, 0, 0, 0, 0, 0x0100];
const allNodes = [0xff02, 0, 0, 0, 0, 0, 0, 1];
const option = [0x0201, 0x0200, 0x5e10, 0x0001];
/** With the rest of the pseudo-header: length, next header. */
const advertisement = [0, 32, 0, 58, 0x8800, 0, 0x2000, 0, ...address, ...option];
const unspecified = [0, 0, 0, 0, 0, 0, 0, 0];
const solicitedNode = [0xff02, 0, 0, 0, 0, 1, 0xffab, 0xcdef];
const wanted = [0x2001, 0x0db8, 0, 0, 0, 0, 0x12ab, 0xcdef];
const solicitation = [0, 24, 0, 58, 0x8700, 0, 0, 0, ...wanted];

/** The plain way of RFC 1071, over words written down from the frame and its pseudo-header. */
function checksum(words: readonly number[]): string {
  let sum = 0;
  for (const word of words) {
    sum += word;
    if (sum > 0xffff) sum -= 0xffff;
  }
  return (0xffff - sum).toString(16).padStart(4, "0");
}
