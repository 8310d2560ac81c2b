import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeEchoReply, encodeEchoRequest } from "../../../src/linux/icmp.ts";

/**
 * What `ping -c 1 -e 4660 -s 11` of iputils asked, and what Linux answered, as tcpdump showed it. The
 * odd length is for the checksum.
 */
const question = "0800 8cc3 1234 0001 6865 6172 0000 0000 432f 4c";
const captured =
  "4500 0027 dd68 0000 4001 88d2 0a4d 0001 0a4d 0001" +
  "0000 94c3 1234 0001 6865 6172 0000 0000 432f 4c";
const echo = {
  identifier: 0x1234,
  sequence: 1,
  payload: Uint8Array.from(Buffer.from("6865617200000000432f4c", "hex")),
};

test("the bytes of a question are those of ping", () => {
  expect(hex(encodeEchoRequest(echo))).toBe(question.replaceAll(" ", ""));
});

describe("an answer", () => {
  test("is read behind the IP header", () => {
    expect(decodeEchoReply(bytesOf(captured))).toEqual(echo);
  });

  test("is read behind the options of an IP header, and without what stands behind it", () => {
    const plain = bytesOf(captured);
    const longer = Buffer.concat([plain.subarray(0, 20), Buffer.alloc(4), plain.subarray(20)]);
    longer[0] = 0x46;
    longer.writeUInt16BE(43, 2);
    const padded = Buffer.concat([longer, Buffer.from("padding")]);
    expect(decodeEchoReply(padded)).toEqual(decodeEchoReply(plain));
  });

  test("brings back what was asked, of whatever length", () => {
    const number = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(
        number,
        number,
        fc.uint8Array({ maxLength: 64 }),
        (identifier, sequence, sent) => {
          const asked = { identifier, sequence, payload: sent };
          expect(decodeEchoReply(answerTo(encodeEchoRequest(asked)))).toEqual(asked);
        },
      ),
    );
  });

  test.each([
    ["a question", 20, 8],
    ["another code", 21, 1],
    ["another protocol", 9, 17],
    ["IPv6", 0, 0x65],
    ["an IP header that is too short", 0, 0x44],
    ["an IP header that is longer than the packet", 0, 0x4f],
    ["more than there is", 3, 0x28],
    ["less than a header of ICMP", 3, 0x1b],
    ["a bit that was turned over", 30, 0x43],
  ])("is not %s", (_, at, value) => {
    const bytes = bytesOf(captured);
    bytes[at] = value;
    expect(decodeEchoReply(bytes)).toBeUndefined();
  });

  test("is not what is cut off", () => {
    const bytes = bytesOf(captured);
    for (let end = 0; end < bytes.length; end++) {
      expect(decodeEchoReply(bytes.subarray(0, end))).toBeUndefined();
    }
  });

  test("is not any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(decodeEchoReply(bytes)).toBeUndefined();
      }),
    );
  });
});

test("the payload does not change under the reader when the buffer is filled again", () => {
  const bytes = bytesOf(captured);
  const answer = decodeEchoReply(bytes)!;
  bytes.fill(0);
  expect(answer).toEqual(echo);
});

/** What a host makes of a question: RFC 792 "reversed, type changed to 0, checksum recomputed". */
function answerTo(request: Uint8Array): Buffer {
  const message = Buffer.from(request);
  // RFC 1624: the type goes from 8 to 0, so the sum is less by 0x0800, in ones' complement.
  const sum = message.readUInt16BE(2) + 0x0800;
  message.writeUInt16BE((sum & 0xffff) + (sum >>> 16), 2);
  message[0] = 0;
  const header = bytesOf(captured).subarray(0, 20);
  header.writeUInt16BE(20 + message.length, 2);
  return Buffer.concat([header, message]);
}

function bytesOf(text: string): Buffer {
  return Buffer.from(text.replaceAll(" ", ""), "hex");
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
