import { describe, expect, test } from "vitest";
import type { KernelAddress } from "../../../src/linux/address.ts";
import type { Link } from "../../../src/linux/link.ts";
import type { WantedAddress } from "../../../src/linux/resolve.ts";
import { resolve } from "../../../src/linux/resolve.ts";

const links = [link(1, "lo", "loopback"), link(2, "eth0"), link(3, "eth1"), link(4, "wlan0")];
const host = [
  address("127.0.0.1", 8, 1),
  address("10.9.0.1", 16, 1),
  address("10.0.0.1", 24, 2),
  address("192.168.7.1", 20, 3),
  address("10.0.0.129", 25, 4),
  address("2001:db8::1", 64, 3),
];

describe("a virtual IP of which only the address is given", () => {
  test("goes where its subnet is, with that subnet's prefix and broadcast address", () => {
    expect(found({ family: 4, address: "192.168.9.100" })).toEqual({
      family: 4,
      address: "192.168.9.100",
      prefix: 20,
      ifindex: 3,
      device: "eth1",
      label: undefined,
      broadcast: "192.168.15.255",
    });
  });

  test("goes to the most specific of two subnets", () => {
    expect(found({ family: 4, address: "10.0.0.200" })).toMatchObject({
      device: "wlan0",
      prefix: 25,
    });
    expect(found({ family: 4, address: "10.0.0.100" })).toMatchObject({
      device: "eth0",
      prefix: 24,
    });
  });

  test("goes to the first interface of two that are equal", () => {
    const twice = [address("10.5.0.2", 24, 4), address("10.5.0.1", 24, 3)];
    const wanted = { family: 4, address: "10.5.0.9" } as const;
    expect(found(wanted, twice)).toMatchObject({ device: "eth1" });
  });

  test("has no broadcast address if it is IPv6", () => {
    expect(found({ family: 6, address: "2001:db8::100" })).toMatchObject({
      device: "eth1",
      prefix: 64,
      broadcast: undefined,
    });
  });

  test("knows if it is IPv6 whether the subnet's route comes from another address", () => {
    const wanted = { family: 6, address: "2001:db8::100", device: "eth1" } as const;
    expect(found({ ...wanted, prefix: 64 })).toMatchObject({ hasNeighbour: true });
    expect(found({ ...wanted, prefix: 80 })).toMatchObject({ hasNeighbour: false });
    expect(found({ ...wanted, prefix: 64, device: "eth0" })).toMatchObject({ hasNeighbour: false });
    const ours = [{ ...address("2001:db8::99", 64, 3), ours: true }];
    expect(found({ ...wanted, prefix: 64 }, ours)).toMatchObject({ hasNeighbour: false });
  });

  test("is placed as before while it is there: virtual IPs show no subnet", () => {
    const ours = [
      { ...address("10.0.0.100", 32, 3), ours: true },
      { ...address("10.0.0.96", 28, 3), ours: true },
      address("10.0.0.100", 32, 4),
    ];
    expect(found({ family: 4, address: "10.0.0.100" }, [...host, ...ours])).toMatchObject({
      device: "eth0",
      prefix: 24,
    });
  });

  test("has no place where no interface but the loopback has its subnet", () => {
    for (const lost of ["172.16.0.1", "10.9.0.100"]) {
      expect(resolve({ family: 4, address: lost }, links, host)).toEqual({
        ok: false,
        error: { type: "no-subnet", address: lost },
      });
    }
  });
});

describe("what is given", () => {
  test("is taken as given: interface, prefix, label and broadcast address", () => {
    const wanted = { device: "eth1", prefix: 28, label: "1", broadcast: "10.255.255.255" };
    expect(found({ family: 4, address: "10.0.0.100", ...wanted })).toEqual({
      family: 4,
      address: "10.0.0.100",
      prefix: 28,
      ifindex: 3,
      device: "eth1",
      label: "eth1:1",
      broadcast: "10.255.255.255",
    });
  });

  test("may be the loopback interface", () => {
    const wanted = { family: 4, address: "10.0.0.100", prefix: 32, device: "lo" } as const;
    expect(found(wanted)).toMatchObject({ device: "lo", prefix: 32, broadcast: undefined });
  });

  test("may be the prefix alone: the interface is found by the host's own subnets", () => {
    const wanted = { family: 4, address: "10.0.0.100", prefix: 32 } as const;
    expect(found(wanted)).toMatchObject({ device: "eth0", prefix: 32, broadcast: undefined });
  });

  test("may be the interface alone: the prefix is that of its subnet, or there is none", () => {
    const wanted = { family: 4, address: "10.0.0.200", device: "eth0" } as const;
    expect(found(wanted)).toMatchObject({ device: "eth0", prefix: 24 });
    expect(resolve({ ...wanted, device: "eth1" }, links, host)).toEqual({
      ok: false,
      error: { type: "no-subnet", address: "10.0.0.200" },
    });
  });

  test.each([
    [24, "10.0.0.255"],
    [30, "10.0.0.103"],
    [31, undefined],
    [32, undefined],
    [9, "10.127.255.255"],
    [0, "255.255.255.255"],
  ])("with a prefix of %d makes the broadcast address %s", (prefix, broadcast) => {
    const wanted = { family: 4, address: "10.0.0.100", prefix, device: "eth0" } as const;
    expect(found(wanted)).toMatchObject({ prefix, broadcast });
  });

  test("must be there", () => {
    const wanted = { family: 4, address: "10.0.0.100", device: "eth9" } as const;
    expect(resolve(wanted, links, host)).toEqual({
      ok: false,
      error: { type: "no-such-interface", device: "eth9" },
    });
  });

  test("must make a label of at most 15 bytes, which is all that the kernel takes", () => {
    const wanted = {
      family: 4,
      address: "10.0.0.100",
      device: "eth0",
      label: "0123456789",
    } as const;
    expect(found(wanted)).toMatchObject({ label: "eth0:0123456789" });
    expect(resolve({ ...wanted, label: "0123456789a" }, links, host)).toEqual({
      ok: false,
      error: { type: "label-too-long", label: "eth0:0123456789a" },
    });
  });
});

function found(wanted: WantedAddress, addresses: readonly KernelAddress[] = host) {
  const resolved = resolve(wanted, links, addresses);
  return resolved.ok ? resolved.value : resolved.error;
}

function link(index: number, name: string, type: Link["type"] = "ethernet"): Link {
  const state = { up: true, running: true, mac: "02:00:5e:10:00:01" };
  return { index, name, ...state, type, partOf: undefined, promotes: false };
}

/** As an operator adds it. */
function address(text: string, prefix: number, ifindex: number): KernelAddress {
  return {
    family: text.includes(":") ? 6 : 4,
    address: text,
    prefix,
    ifindex,
    label: undefined,
    broadcast: undefined,
    tentative: false,
    dadFailed: false,
    validSeconds: undefined,
    ours: false,
  };
}
