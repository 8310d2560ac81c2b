import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { KernelAddress, Placement } from "../../../src/linux/address.ts";
import { decodeAddress } from "../../../src/linux/address.ts";
import type { Link } from "../../../src/linux/link.ts";
import { openNetlink } from "../../../src/linux/netlink-socket.ts";
import type { NetlinkMessage } from "../../../src/linux/netlink.ts";
import { decodeMessages } from "../../../src/linux/netlink.ts";
import type { Rtnetlink } from "../../../src/linux/rtnetlink.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink.ts";
import { close, receive } from "../../../src/linux/syscall.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";

/** include/uapi/linux/rtnetlink.h */
const RTMGRP_IPV4_IFADDR = 0x10;

let host: Namespace;
let other: Namespace;
let kernel: Rtnetlink;
let ifindex: number;

beforeAll(() => {
  host = createNamespace("host");
  other = createNamespace("other");
  connect(host, "eth0", other, "eth0");
  kernel = valueOf(host.inside(openRtnetlink));
  ifindex = eth0().index;
});

afterAll(() => {
  kernel.close();
  host.remove();
  other.remove();
});

beforeEach(() => {
  host.ip("addr flush dev eth0");
  host.ip("addr add 10.0.0.1/24 brd + dev eth0");
});

const placement = () => ({
  family: 4 as const,
  address: "10.0.0.100",
  prefix: 24,
  ifindex,
  device: "eth0",
  label: "eth0:1",
  broadcast: "10.0.0.255",
});

const placement6 = () => ({
  family: 6 as const,
  address: "2001:db8::100",
  prefix: 64,
  ifindex,
  device: "eth0",
  label: undefined,
  broadcast: undefined,
});

describe("interfaces", () => {
  test("are listed with what ip(8) says of them", () => {
    const link = eth0();
    expect(link).toMatchObject({ name: "eth0", up: true, running: true, type: "ethernet" });
    const shown: unknown = JSON.parse(host.ip("-j link show eth0"));
    expect(shown).toMatchObject([{ ifindex: link.index, address: link.mac }]);
  });

  test("are told from the loopback", () => {
    const loopback = valueOf(kernel.links()).find((link) => link.name === "lo");
    expect(loopback).toMatchObject({ type: "loopback", mac: "00:00:00:00:00:00" });
  });

  test("are up and not running when the cable is unplugged", async () => {
    other.ip("link set eth0 down");
    await expect.poll(eth0, patience).toMatchObject({ up: true, running: false });
    other.ip("link set eth0 up");
    await expect.poll(eth0, patience).toMatchObject({ up: true, running: true });
  });
});

describe("an address that is added", () => {
  test("is there with all that was asked for, as ip(8) shows it", () => {
    expect(kernel.addAddresses([placement()])).toEqual([{ ok: true, value: "added" }]);
    const shown = host.ip("addr show dev eth0 to 10.0.0.100/32");
    expect(shown).toMatch("inet 10.0.0.100/24 brd 10.0.0.255 scope global secondary eth0:1");
    expect(shown).toMatch("valid_lft forever preferred_lft forever");
  });

  test("is seen as ours, while one that an operator adds is not", () => {
    kernel.addAddresses([placement()]);
    expect(listed("10.0.0.100")).toEqual({
      family: 4,
      address: "10.0.0.100",
      prefix: 24,
      ifindex,
      label: "eth0:1",
      broadcast: "10.0.0.255",
      tentative: false,
      dadFailed: false,
      validSeconds: undefined,
      ours: true,
    });
    expect(listed("10.0.0.1")).toMatchObject({ ours: false, label: "eth0" });
  });

  test("answers at once if it is IPv6, without duplicate address detection", () => {
    expect(kernel.addAddresses([placement6()])).toEqual([{ ok: true, value: "added" }]);
    const state = { tentative: false, dadFailed: false, ours: true };
    expect(listed("2001:db8::100")).toMatchObject({ family: 6, prefix: 64, ...state });
  });

  test("has the lifetime that it was given, and a second adding renews it", () => {
    host.ip("addr add 2001:db8::1/64 dev eth0 nodad");
    const both = [placement(), { ...placement6(), hasNeighbour: true }];
    kernel.addAddresses(both);
    kernel.addAddresses(both, 100);
    kernel.addAddresses(both, 200);
    // Linux 6.18 would give the route of the subnet an end that is over already.
    const route = host.ip("-6 route show 2001:db8::/64");
    expect(route).not.toBe("");
    expect(route).not.toContain("expires");
    for (const address of ["10.0.0.100", "2001:db8::100"]) {
      expect(listed(address)?.validSeconds).toBeGreaterThan(190);
      expect(listed(address)?.validSeconds).toBeLessThanOrEqual(200);
    }
  });

  test("is adopted if an operator had added it: there is one of it, and it is ours", () => {
    host.ip("addr add 10.0.0.100/24 dev eth0");
    host.ip("addr add 2001:db8::100/64 dev eth0 nodad");
    kernel.addAddresses([placement(), placement6()]);
    const all = valueOf(kernel.addresses()).filter((each) => each.address.endsWith("100"));
    expect(all.map((each) => each.ours)).toEqual([true, true]);
  });

  test("is refused by name if its interface is not there, and the others are added all the same", () => {
    const lost = { ...placement(), address: "10.0.0.101", ifindex: 999_999 };
    const results = kernel.addAddresses([lost, placement()]);
    expect(results).toEqual([
      { ok: false, error: { call: "RTM_NEWADDR", errno: "ENODEV" } },
      { ok: true, value: "added" },
    ]);
    expect(listed("10.0.0.100")).toBeDefined();
  });
});

describe("an address that is removed", () => {
  test("is gone, and removing it again is told apart", () => {
    kernel.addAddresses([placement(), placement6()]);
    const both = [placement(), placement6()];
    expect(remove(both).map(valueOf)).toEqual(["removed", "removed"]);
    expect(remove(both).map(valueOf)).toEqual(["absent", "absent"]);
    expect(listed("10.0.0.100")).toBeUndefined();
    expect(listed("2001:db8::100")).toBeUndefined();
  });

  test("is absent if its interface is", () => {
    const lost = [placement(), placement6()].map((each) => ({ ...each, ifindex: 999_999 }));
    expect(remove(lost).map(valueOf)).toEqual(["absent", "absent"]);
  });

  test("takes no other of its subnet with it, though it was the first, and leaves no trace", () => {
    host.ip("addr flush dev eth0");
    kernel.addAddresses([{ ...placement(), label: undefined }]);
    host.ip("addr add 10.0.0.7/24 dev eth0");
    expect(host.ip("-o addr show dev eth0")).toMatch(/10\.0\.0\.7.*secondary/);
    expect(remove([placement()]).map(valueOf)).toEqual(["removed"]);
    expect(listed("10.0.0.7")).toMatchObject({ ours: false });
    const setting = "/proc/sys/net/ipv4/conf/eth0/promote_secondaries";
    expect(host.run("cat", [setting]).trim()).toBe("0");
  });

  test("can be named as the kernel lists it", () => {
    kernel.addAddresses([placement()]);
    const ours = valueOf(kernel.addresses()).filter((each) => each.ours);
    expect(remove(ours).map(valueOf)).toEqual(["removed"]);
  });
});

test.each([
  [
    "IPv4",
    (n: number) => ({
      ...placement(),
      label: undefined,
      prefix: 32,
      address: `10.1.${n >> 8}.${n & 255}`,
    }),
  ],
  ["IPv6", (n: number) => ({ ...placement6(), address: `2001:db8::1:${(n + 1).toString(16)}` })],
])("a thousand %s addresses come and go in one call each", (_, nth) => {
  const many: readonly Placement[] = Array.from({ length: 1000 }, (__, n) => nth(n));
  const started = performance.now();
  expect(kernel.addAddresses(many)).toEqual(many.map(() => ({ ok: true, value: "added" })));
  const took = performance.now() - started;
  console.log(`1,000 addresses were added in ${Math.round(took)} ms`);
  expect(took).toBeLessThan(1000);
  const present = new Set(valueOf(kernel.addresses()).map((each) => each.address));
  expect(many.filter((each) => !present.has(each.address))).toEqual([]);
  expect(remove(many).map(valueOf)).toEqual(many.map(() => "removed"));
});

test("of addresses that go together none becomes the primary one meanwhile", () => {
  const all = [100, 101, 102].map((n) => ({
    ...placement(),
    address: `10.9.0.${n}`,
    label: undefined,
  }));
  kernel.addAddresses(all);
  const events = valueOf(host.inside(() => openNetlink(RTMGRP_IPV4_IFADDR)));
  const listedKeys = valueOf(kernel.addresses()).filter(({ ours }) => ours);
  expect(remove(listedKeys).map(valueOf)).toEqual(["removed", "removed", "removed"]);
  const told: NetlinkMessage[] = [];
  const buffer = Buffer.alloc(1024);
  for (let got = receive(events, buffer); got.ok; got = receive(events, buffer))
    told.push(...decodeMessages(Buffer.from(buffer.subarray(0, got.value))));
  close(events);
  // The kernel tells of a secondary that has become primary as if it had been added.
  expect(told).toHaveLength(3);
  expect(told.map(decodeAddress)).toEqual([undefined, undefined, undefined]);
});

function eth0(): Link {
  return valueOf(kernel.links()).find((link) => link.name === "eth0")!;
}

function listed(address: string): KernelAddress | undefined {
  return valueOf(kernel.addresses()).find((each) => each.address === address);
}

/** The setting that it changes for a moment is found in the namespace of who calls. */
function remove(keys: Parameters<Rtnetlink["removeAddresses"]>[0]) {
  return host.inside(() => kernel.removeAddresses(keys));
}
