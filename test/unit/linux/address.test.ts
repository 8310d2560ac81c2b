import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Placement } from "../../../src/linux/address.ts";
import { addRequest, decodeAddress, removeRequest } from "../../../src/linux/address.ts";
import { formatIp } from "../../../src/linux/ip-text.ts";

const ipv4: Placement = {
  family: 4,
  address: "10.0.0.100",
  prefix: 24,
  ifindex: 2,
  device: "eth0",
  label: "eth0:1",
  broadcast: "10.0.0.255",
};
const ipv6: Placement = {
  family: 6,
  address: "2001:db8::100",
  prefix: 64,
  ifindex: 3,
  device: "eth1",
  label: undefined,
  broadcast: undefined,
};

// Composed by hand from struct ifaddrmsg and struct rtattr; the kernel takes the same bytes in
// test/netns/linux/rtnetlink.test.ts.
describe("the bytes of a request", () => {
  test("that adds an IPv4 address", () => {
    const { type, flags, payload } = addRequest(ipv4);
    expect({ type, flags }).toEqual({ type: 20, flags: 0x400 | 0x100 });
    expect(hex(payload)).toBe(
      [
        "02180000 02000000", // AF_INET, /24, no flags, scope global, index 2
        "08000200 0a000064", // IFA_LOCAL
        "08000100 0a000064", // IFA_ADDRESS
        "08000400 0a0000ff", // IFA_BROADCAST
        "0b000300 65746830 3a310000", // IFA_LABEL eth0:1
        "14000600 ffffffff ffffffff 00000000 00000000", // IFA_CACHEINFO for ever
        "08000800 00000000", // IFA_FLAGS
        "05000b00 75000000", // IFA_PROTO u
      ].join(" "),
    );
  });

  test("that adds an IPv6 address for ten seconds, and no route that would end with it", () => {
    expect(hex(addRequest({ ...ipv6, hasNeighbour: true }, 10).payload)).toBe(
      [
        "0a400000 03000000",
        "14000200 20010db8 00000000 00000000 00000100",
        "14000100 20010db8 00000000 00000000 00000100",
        "14000600 0a000000 0a000000 00000000 00000000",
        "08000800 02020000", // IFA_F_NODAD, IFA_F_NOPREFIXROUTE
        "05000b00 75000000",
      ].join(" "),
    );
  });

  test("that adds an IPv6 address to which the subnet's route is tied: for ever, without DAD", () => {
    const { payload } = addRequest(ipv6, 10);
    expect(hex(payload)).toBe(hex(addRequest(ipv6).payload));
    expect(hex(payload)).toContain(
      "14000600 ffffffff ffffffff 00000000 00000000 08000800 02000000",
    );
  });

  test("that removes an address", () => {
    const { type, flags, payload } = removeRequest(ipv4);
    expect({ type, flags }).toEqual({ type: 21, flags: 0 });
    expect(hex(payload)).toBe("02180000 02000000 08000200 0a000064 08000100 0a000064");
  });
});

describe("an address of the kernel's", () => {
  test("that was asked for is read as it was asked for, and as ours", () => {
    const arbitrary = fc.oneof(
      placement(4, fc.uint8Array({ minLength: 4, maxLength: 4 })),
      placement(6, fc.uint8Array({ minLength: 16, maxLength: 16 })),
    );
    fc.assert(
      fc.property(arbitrary, fc.integer({ min: 1, max: 1_000_000 }), (wanted, validSeconds) => {
        const { device: _, ...asked } = wanted;
        const state = { tentative: false, dadFailed: false, ours: true };
        const request = addRequest({ ...wanted, hasNeighbour: true }, validSeconds);
        expect(told(request.payload)).toEqual({
          ...asked,
          ...state,
          validSeconds,
        });
      }),
    );
  });

  test("on a point-to-point link is the local one, not the peer's", () => {
    const payload = Buffer.from("0220000002000000080001000a080002080002000a080001", "hex");
    expect(told(payload)).toMatchObject({ address: "10.8.0.1", prefix: 32 });
  });

  test("is not ours when another has marked it, or nobody", () => {
    const { payload } = addRequest(ipv4);
    expect(told(payload.subarray(0, -8))?.ours).toBe(false);
    expect(told(Buffer.concat([payload.subarray(0, -4), Buffer.of(3, 0, 0, 0)]))?.ours).toBe(false);
  });

  test.each([
    ["tentative", 0x40, { tentative: true, dadFailed: false }],
    ["another node's too", 0x08, { tentative: false, dadFailed: true }],
  ])("is known to be %s", (_, flags, state) => {
    const payload = Buffer.from(addRequest(ipv6).payload);
    payload.writeUInt32LE(flags, payload.length - 12);
    expect(told(payload)).toMatchObject(state);
  });

  test("has the flags of its header when the kernel sends no IFA_FLAGS", () => {
    const payload = Buffer.from(addRequest(ipv6).payload).subarray(0, -16);
    payload.writeUInt8(0x40, 2);
    expect(told(payload)).toMatchObject({ tentative: true });
  });

  test("is none if bytes are cut off, and any bytes are read without harm", () => {
    const { payload } = addRequest(ipv4);
    expect(told(payload.subarray(0, 7))).toBeUndefined();
    expect(told(payload.subarray(0, 15))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void told(bytes)));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        told(Buffer.concat([payload.subarray(0, 8), bytes]));
      }),
    );
  });

  test.each([
    [ipv4, 33],
    [ipv6, 129],
  ])("is none with a prefix that is longer than itself", (wanted, prefix) => {
    expect(told(addRequest({ ...wanted, prefix }).payload)).toBeUndefined();
  });

  test("is none of another family, and no other message is one", () => {
    const { payload } = addRequest(ipv4);
    expect(told(Buffer.concat([Buffer.of(7), payload.subarray(1)]))).toBeUndefined();
    expect(decodeAddress({ type: 21, flags: 0, sequence: 0, payload })).toBeUndefined();
  });
});

function told(payload: Uint8Array) {
  return decodeAddress({ type: 20, flags: 0, sequence: 0, payload });
}

function placement(family: 4 | 6, bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Placement> {
  const onlyIpv4 = <T>(arbitrary: fc.Arbitrary<T>) =>
    family === 4 ? fc.option(arbitrary, { nil: undefined }) : fc.constant(undefined);
  return fc.record({
    family: fc.constant(family),
    address: bytes.map(formatIp),
    prefix: fc.integer({ min: 0, max: family === 4 ? 32 : 128 }),
    ifindex: fc.integer({ min: 1, max: 0x7fff_ffff }),
    device: fc.constant("eth0"),
    label: onlyIpv4(fc.stringMatching(/^[a-z0-9:]{1,15}$/)),
    broadcast: onlyIpv4(bytes.map(formatIp)),
  });
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replaceAll(/.{8}(?=.)/g, "$& ");
}
