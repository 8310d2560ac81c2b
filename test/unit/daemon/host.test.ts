import { beforeEach, describe, expect, test } from "vitest";
import type { AddressFact, GroupConfig, VirtualIp } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import type { Host } from "../../../src/daemon/host.ts";
import { openHost } from "../../../src/daemon/host.ts";
import type { KernelAddress, Link, Rtnetlink } from "../../../src/linux/index.ts";
import { ok } from "../../../src/std/result.ts";
import { instant, never } from "../../../src/std/time.ts";
import { eth0, KernelDouble } from "./kernel-double.ts";

let links: readonly Link[];
let addresses: readonly KernelAddress[];
/** How often the fields of what the kernel has were looked at. */
let reads: number;
/** Of frames: the index of the interface on which each was sent. */
let sentOn: number[];
let kernel: KernelDouble;
let host: Host;

const own = addressOf("10.0.255.1", false);

beforeEach(() => {
  links = [eth0];
  addresses = [own];
  reads = 0;
  sentOn = [];
  kernel = new KernelDouble();
  const rtnetlink: Rtnetlink = {
    links: () => ok(links),
    addresses: () => ok(addresses),
    addAddresses: () => [],
    removeAddresses: () => [],
    promote: () => [],
    demote: () => undefined,
    forgetNeighbour: () => undefined,
    close: () => undefined,
  };
  const packets = {
    sendFrames(ifindex: number) {
      sentOn.push(ifindex);
      return ok(1);
    },
    close: () => undefined,
  };
  host = openHost(rtnetlink, packets, kernel.leases({ lease: undefined }));
});

function addressOf(address: string, ours: boolean): KernelAddress {
  const rest = { tentative: false, dadFailed: false, validSeconds: undefined };
  const shape = { family: 4, prefix: 16, ifindex: 2, label: "eth0", broadcast: undefined } as const;
  return { ...shape, ...rest, address, ours };
}

function groupOf(count: number): GroupConfig {
  const ips = Array.from({ length: count }, (_, n): VirtualIp => ({
    family: 4,
    address: `10.0.${n >> 8}.${n & 255}`,
  }));
  const resources = ips.map((ip) => ({ type: "address" as const, name: ip.address, ip }));
  return { name: groupName("group"), nodes: [], resources };
}

function ipsOf({ resources }: GroupConfig): readonly VirtualIp[] {
  return resources.flatMap((each) => (each.type === "address" ? [each.ip] : []));
}

function presentOf(facts: readonly AddressFact[]): readonly AddressFact["present"][] {
  return facts.map(({ present }) => present);
}

function counted<T extends object>(value: T): T {
  return new Proxy(value, {
    get(target, key) {
      reads += 1;
      return Reflect.get(target, key) as unknown;
    },
  });
}

/** Of a look at so many addresses, all of which are there. */
function costOf(count: number): number {
  const group = groupOf(count);
  addresses = [own, ...ipsOf(group).map(({ address }) => addressOf(address, true))].map(counted);
  host.look([group]);
  reads = 0;
  host.look([group]);
  return reads;
}

describe("a look", () => {
  test("finds of each address whether it is there, and whether it is ours", () => {
    const group = groupOf(3);
    expect(presentOf(host.look([group]))).toEqual(["absent", "absent", "absent"]);
    addresses = [own, addressOf("10.0.0.1", true), addressOf("10.0.0.2", false)];
    expect(presentOf(host.look([group]))).toEqual(["absent", "ours", "foreign"]);
  });

  test("finds the places anew when an interface or an address of the host is another", () => {
    const group = groupOf(1);
    const [ip] = ipsOf(group);
    host.look([group]);
    expect(host.placeOf(ip!)).toMatchObject({ ifindex: 2, mac: "02:00:00:00:00:01" });
    links = [{ ...eth0, mac: "02:00:00:00:00:02" }];
    host.look([group]);
    expect(host.placeOf(ip!)).toMatchObject({ mac: "02:00:00:00:00:02" });
    addresses = [{ ...own, address: "10.9.0.1" }];
    expect(host.look([group])).toMatchObject([
      { obstacle: "no interface has an address in the subnet of 10.0.0.0" },
    ]);
    expect(host.placeOf(ip!)).toBeUndefined();
  });

  test("takes twice as long for twice as many addresses, and no longer", () => {
    expect(costOf(1000)).toBeLessThan(2.1 * costOf(500));
  });

  test("does not look for places again because our own addresses have come", () => {
    const group = groupOf(500);
    let names = 0;
    const device = Object.defineProperty({ ...eth0 }, "name", {
      enumerable: true,
      get: () => ((names += 1), "eth0"),
    });
    links = [device];
    host.look([group]);
    const first = names;
    expect(first).toBeGreaterThan(500);
    addresses = [own, ...ipsOf(group).map(({ address }) => addressOf(address, true))];
    host.look([group]);
    expect(names - first).toBeLessThan(50);
  });
});

describe("an address that comes when the lease has run out", () => {
  test("is announced when there is one again, as if it had come then", () => {
    const group = groupOf(1);
    host.look([group]);
    host.announcer.allowUntil(instant(0));
    host.add(ipsOf(group), () => undefined);
    host.announcer.announce(ipsOf(group));
    expect(sentOn).toEqual([]);
    host.announcer.allowUntil(never);
    host.announcer.announce(ipsOf(group));
    // At once: as a request, and as a reply.
    expect(sentOn).toEqual([eth0.index, eth0.index]);
    host.announcer.silence();
  });
});
