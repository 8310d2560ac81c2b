import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePortUnreachable } from "../../../src/linux/unreachable.ts";

/** What Linux answered to the beginning of a heartbeat for port 694, as a raw socket had it. */
const captured =
  "45c0 0045 4a51 0000 4001 1ba5 0a00 0002 0a00 0001 0303 e3b3 0000 0000" +
  "4500 0029 87db 4000 4011 9ee6 0a00 0001 0a00 0002 bd72 02b6 0015 1429" +
  "3e3e 3e0a 743d 7374 6174 7573 0a";
const closed = { address: "10.0.0.2", port: 694 };
/** Where the ICMP message begins, and where what it quotes. */
const [icmp, quoted] = [20, 28];

describe("a port at which nobody listens", () => {
  test("is read from what is quoted", () => {
    expect(decodePortUnreachable(bytesOf(captured))).toEqual(closed);
  });

  test("is read behind the options of the IP header, and of the quoted one", () => {
    const plain = bytesOf(captured);
    const options = Buffer.alloc(4);
    const parts = [
      plain.subarray(0, icmp),
      options,
      plain.subarray(icmp, quoted + 20),
      options,
      plain.subarray(quoted + 20),
    ];
    const longer = Buffer.concat(parts);
    longer[0] = 0x46;
    longer[quoted + 4] = 0x46;
    longer.writeUInt16BE(longer.length, 2);
    expect(decodePortUnreachable(signed(longer, icmp + 4))).toEqual(closed);
  });

  test.each([
    ["another type", icmp, 11],
    ["another code: the host is unreachable", icmp + 1, 1],
    ["a router's word", 15, 9],
    ["of a datagram to somebody else", quoted + 19, 9],
    ["another protocol", 9, 17],
    ["of another protocol", quoted + 9, 6],
    ["IPv6", 0, 0x65],
    ["of IPv6", quoted, 0x65],
    ["a quoted header that is longer than what is quoted", quoted, 0x4f],
    ["more than there is", 3, 0x46],
  ])("is not %s", (_, at, value) => {
    const bytes = bytesOf(captured);
    bytes[at] = value;
    expect(decodePortUnreachable(signed(bytes, icmp))).toBeUndefined();
  });

  test("is not what has a wrong checksum", () => {
    const bytes = bytesOf(captured);
    bytes[bytes.length - 1] = 0x0b;
    expect(decodePortUnreachable(bytes)).toBeUndefined();
  });

  test("is not what is cut off, even if it were right as far as it goes", () => {
    const bytes = bytesOf(captured);
    for (let end = 0; end < bytes.length; end++) {
      const cut = Buffer.from(bytes.subarray(0, end));
      expect(decodePortUnreachable(cut)).toBeUndefined();
      if (end < icmp + 4 || end >= quoted + 24) continue;
      cut.writeUInt16BE(end, 2);
      expect(decodePortUnreachable(signed(cut, icmp))).toBeUndefined();
    }
  });

  test("is not any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), (bytes) => {
        expect(decodePortUnreachable(bytes)).toBeUndefined();
      }),
    );
  });
});

/** With the checksum of what is there (RFC 1071). */
function signed(packet: Buffer, start: number): Buffer {
  packet.writeUInt16BE(0, start + 2);
  let sum = 0;
  for (let at = start; at < packet.length; at += 2) {
    sum += ((packet[at] ?? 0) << 8) | (packet[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  packet.writeUInt16BE(0xffff & ~sum, start + 2);
  return packet;
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}
