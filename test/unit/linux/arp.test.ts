import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeArp, encodeArpAnnouncements, encodeArpProbe } from "../../../src/linux/arp.ts";
import { formatIp, formatMac } from "../../../src/linux/ip-text.ts";

const mac = "02:00:5e:10:00:01";
const [request, reply] = encodeArpAnnouncements(mac, "10.0.0.100");
const probe = encodeArpProbe(mac, "10.0.0.100");

const ethernet = "ffffffffffff02005e1000010806";
const fixed = "0001080006 04".replace(" ", "");

// The frames of heartbeat's send_arp, and RFC 5227 §2.1.1.
test.each([
  ["an announcement as a request", request, `0001 02005e100001 0a000064 000000000000 0a000064`],
  ["an announcement as a reply", reply, `0002 02005e100001 0a000064 02005e100001 0a000064`],
  ["a probe", probe, `0001 02005e100001 00000000 000000000000 0a000064`],
])("the 42 bytes of %s", (_, frame, rest) => {
  const bytes = Buffer.from(frame!);
  expect(bytes.toString("hex")).toBe(ethernet + fixed + rest.replaceAll(" ", ""));
  expect(bytes).toHaveLength(42);
});

test("what is announced is read back, also when it comes padded", () => {
  fc.assert(
    fc.property(bytesOf(6).map(formatMac), bytesOf(4).map(formatIp), (sender, address) => {
      const frames = encodeArpAnnouncements(sender, address);
      const padded = frames.map((frame) => Buffer.concat([frame, new Uint8Array(18)]));
      const said = {
        destination: "ff:ff:ff:ff:ff:ff",
        senderMac: sender,
        senderAddress: address,
        targetAddress: address,
      };
      expect(padded.map(decodeArp)).toEqual([
        { ...said, operation: "request", targetMac: "00:00:00:00:00:00" },
        { ...said, operation: "reply", targetMac: sender },
      ]);
    }),
  );
});

test("a frame that is cut off, or of another kind, is none", () => {
  for (let length = 0; length < 42; length++) {
    expect(decodeArp(probe.subarray(0, length))).toBeUndefined();
  }
  for (let at = 12; at < 22; at++) {
    const other = Buffer.from(probe);
    other.writeUInt8(9, at);
    expect(decodeArp(other)).toBeUndefined();
  }
});

test("any bytes are read without harm", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void decodeArp(bytes)));
});

function bytesOf(length: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: length, maxLength: length });
}
