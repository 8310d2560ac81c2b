/**
 * What a neighbour hears of announcements and probes, and how often.
 */
import { setImmediate } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { GroupConfig, JobOutcome, VirtualIp } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import type { Host } from "../../../src/daemon/host.ts";
import { now } from "../../../src/linux/clock.ts";
import type { PacketSocket } from "../../../src/linux/packet.ts";
import { openPacketSocket } from "../../../src/linux/packet.ts";
import type { Rtnetlink } from "../../../src/linux/rtnetlink.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink.ts";
import { after, millis } from "../../../src/std/time.ts";
import type { Arrivals } from "./arrivals.ts";
import { densest, watchArrivals } from "./arrivals.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";
import { openPlainHost } from "./plain-host.ts";

const mac = "02:00:5e:10:00:01";

let machine: Namespace;
let neighbour: Namespace;
let rtnetlink: Rtnetlink;
let packets: PacketSocket;
let host: Host;
let group: GroupConfig;
let arrivals: Arrivals;

beforeAll(() => {
  machine = createNamespace("host");
  neighbour = createNamespace("neighbour");
  for (const device of ["eth0", "eth1"]) connect(machine, device, neighbour, device);
  machine.ip(`link set eth0 address ${mac}`);
  rtnetlink = valueOf(machine.inside(openRtnetlink));
  packets = valueOf(machine.inside(openPacketSocket));
});

beforeEach(async () => {
  // Neighbour advertisements: other messages are the kernel's own.
  const filter = `ether src ${mac} and (arp or (icmp6 and ip6[40] == 136))`;
  arrivals = await watchArrivals(neighbour, "eth0", filter);
});

afterEach(async () => {
  host.remove(ipsOf(group));
  await arrivals.stop();
});

afterAll(() => {
  rtnetlink.close();
  packets.close();
  machine.remove();
  neighbour.remove();
});

function begin(ips: readonly VirtualIp[]): readonly VirtualIp[] {
  const resources = ips.map((ip) => ({ type: "address" as const, name: ip.address, ip }));
  group = { name: groupName("group"), nodes: [], resources };
  host = openPlainHost(rtnetlink, packets);
  host.look([group]);
  return ips;
}

function ipsOf({ resources }: GroupConfig): readonly VirtualIp[] {
  return resources.flatMap((each) => (each.type === "address" ? [each.ip] : []));
}

function manyOf(family: 4 | 6, count: number): readonly VirtualIp[] {
  const prefix = family === 4 ? 24 : 64;
  return Array.from({ length: count }, (_, n) => ({
    family,
    address: family === 4 ? `10.0.0.${n + 100}` : `2001:db8::1${n}`,
    prefix,
    device: "eth0",
  }));
}

function take(ips: readonly VirtualIp[]): void {
  const outcomes: JobOutcome[] = [];
  host.add(ips, (outcome) => outcomes.push(outcome));
  expect(outcomes).toEqual([{ type: "succeeded" }]);
  host.announcer.announce(ips);
}

/** What tcpdump says of them. */
const request = ({ address }: VirtualIp): string =>
  `ARP, Request who-has ${address} tell ${address}, length 28`;
const reply = ({ address }: VirtualIp): string => `ARP, Reply ${address} is-at ${mac}, length 28`;
const advertised = ({ address }: VirtualIp): string =>
  `IP6 ${address} > ff02::1: ICMP6, neighbor advertisement, tgt is ${address}, length 32`;
const probe = ({ address }: VirtualIp): string =>
  `ARP, Request who-has ${address} tell 0.0.0.0, length 28`;

const replies = (): readonly string[] => texts().filter((text) => text.includes("Reply"));
const texts = (): readonly string[] => arrivals.all().map(({ text }) => text);

/** For longer than anything waits here. */
const long = { timeout: 15_000, interval: 20 };

describe("announcements", () => {
  test("of one address are a request and a reply, at once", async () => {
    const [ip] = begin(manyOf(4, 1));
    take([ip!]);
    await expect.poll(texts, patience).toEqual([request(ip!), reply(ip!)]);
    const [first, second] = arrivals.all();
    expect(second!.at - first!.at).toBeLessThan(200);
  });

  test("of ten addresses begin at once, and are ten in any second", async () => {
    const ips = begin(manyOf(4, 10));
    take(ips);
    // As the core does 100 and 500 ms later: nothing waits twice.
    host.announcer.announce(ips);
    host.announcer.announce(ips);
    await expect.poll(() => texts().length, long).toBe(30);
    expect(texts().slice(0, 10)).toEqual(ips.map(request));
    expect(texts().slice(10).toSorted()).toEqual(
      ips.flatMap((ip) => [request(ip), reply(ip)]).toSorted(),
    );
    expect(densest(arrivals.all())).toBe(10);
    const [first] = arrivals.all();
    expect(arrivals.all()[9]!.at - first!.at).toBeLessThan(200);
  });

  test("of addresses that are taken one after the other are ten in any second", async () => {
    const ips = begin(manyOf(4, 10));
    for (const ip of ips) {
      const before = texts().filter((text) => text === request(ip)).length;
      take([ip]);
      await expect
        .poll(() => texts().filter((text) => text === request(ip)).length, { timeout: 900 })
        .toBe(before + 1);
    }
    await expect.poll(() => texts().length, long).toBe(20);
    expect(densest(arrivals.all())).toBe(10);
  });

  test("of more addresses begin at once all the same; the rest waits", async () => {
    const ips = begin(manyOf(4, 14));
    take(ips);
    await expect.poll(() => texts().length, long).toBe(28);
    expect(texts()).toEqual([...ips.map(request), ...ips.map(reply)]);
    const rest = arrivals.all().slice(14);
    expect(densest(rest)).toBe(10);
    expect(rest[0]!.at - arrivals.all()[13]!.at).toBeGreaterThan(950);
  });

  test("of IPv6 addresses likewise", async () => {
    const ips = begin(manyOf(6, 10));
    take(ips);
    host.announcer.announce(ips);
    await expect.poll(() => texts().length, long).toBe(20);
    expect(texts()).toEqual([...ips.map(advertised), ...ips.map(advertised)]);
    expect(densest(arrivals.all())).toBe(10);
  });

  test("on one interface do not keep those on another waiting", async () => {
    const other = { family: 4 as const, address: "10.1.0.100", prefix: 24, device: "eth1" };
    const ips = begin([...manyOf(4, 10), other]);
    const there = await watchArrivals(neighbour, "eth1", "arp");
    take(ips);
    await expect
      .poll(() => there.all().map(({ text }) => text.slice(0, 12)), patience)
      .toEqual(["ARP, Request", "ARP, Reply 1"]);
    expect(there.all()[1]!.at - there.all()[0]!.at).toBeLessThan(200);
    await there.stop();
  });
});

/** Nine announcements that go out at once, and nine that wait. */
function nineWaiting(): readonly VirtualIp[] {
  const ips = begin(manyOf(4, 10));
  take(ips.slice(0, 9));
  return ips;
}

describe("what waits", () => {
  test("is sent, if nothing happens", async () => {
    const ips = nineWaiting();
    await expect.poll(() => replies().length, long).toBe(9);
    expect(replies()).toEqual(ips.slice(0, 9).map(reply));
  });

  test.each<[string, (ips: readonly VirtualIp[]) => void]>([
    ["the address is given up", (ips) => void host.remove(ips)],
    [
      "somebody deleted the address",
      () => {
        machine.ip("addr flush dev eth0");
        host.look([group]);
      },
    ],
    ["the node falls silent", () => host.announcer.silence()],
    ["the lease has run out", () => host.announcer.allowUntil(now())],
  ])("is dropped when %s", async (_, happen) => {
    const ips = nineWaiting();
    await expect.poll(() => texts().length, patience).toBeGreaterThanOrEqual(9);
    const before = replies().length;
    happen(ips);
    // All that waits is due when what went out before it is a second old.
    const at = now();
    await expect.poll(() => now() - at, long).toBeGreaterThan(1300);
    await heardAfterAll(ips[9]!);
    expect(replies()).toHaveLength(before);
    host.announcer.allowUntil(after(now(), millis(60_000)));
  });
});

/** A probe leaves at once: when it is heard, so is everything that was sent before it. */
async function heardAfterAll(ip: VirtualIp): Promise<void> {
  host.announcer.probe([ip]);
  await expect.poll(() => texts().at(-1), patience).toBe(probe(ip));
}

test("a fact about an address says by which hardware address it is reached", () => {
  const [ip] = begin(manyOf(4, 1));
  const other = { family: 4 as const, address: "10.9.9.9", prefix: 24, device: "eth9" };
  const resources = [ip!, other].map((each) => ({
    type: "address" as const,
    name: each.address,
    ip: each,
  }));
  expect(host.look([{ ...group, resources }])).toMatchObject([
    { resource: ip!.address, mac },
    { resource: other.address, mac: undefined },
  ]);
});

test("a thousand addresses are told of at once", async () => {
  const ips = begin(
    Array.from({ length: 1000 }, (_, n) => ({
      family: 4 as const,
      address: `10.2.${n >> 8}.${n & 255}`,
      prefix: 16,
      device: "eth0",
    })),
  );
  const start = performance.now();
  host.announcer.announce(ips);
  console.log(`the first announcements took ${Math.round(performance.now() - start)} ms`);
  await expect.poll(() => texts().length, long).toBe(1000);
  expect(texts()).toEqual(ips.map(request));
});

test("after a stall the core is heard before anything that waited is sent", async () => {
  const ips = nineWaiting();
  // As the daemon's loop: a timer that is due, a turn in setImmediate.
  let turns = 0;
  const turn = (): void => {
    host.announcer.silence();
    turns += 1;
  };
  setTimeout(() => void setImmediate().then(turn), 1100);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
  await expect.poll(() => turns, patience).toBe(1);
  for (let round = 0; round < 5; round++) await setImmediate();
  await heardAfterAll(ips[9]!);
  expect(replies()).toEqual([]);
});

test("an address that was deleted and is put back is announced at once again", async () => {
  const [ip, other] = begin(manyOf(4, 2));
  const start = now();
  take([ip!]);
  await expect.poll(texts, patience).toEqual([request(ip!), reply(ip!)]);
  machine.ip("addr flush dev eth0");
  host.look([group]);
  await expect.poll(() => now() - start, long).toBeGreaterThan(1200);
  for (let count = 0; count < 10; count++) host.announcer.probe([other!]);
  take([ip!]);
  await expect.poll(() => texts().length, long).toBe(14);
  expect(texts().slice(2)).toEqual([
    ...Array.from({ length: 10 }, () => probe(other!)),
    request(ip!),
    reply(ip!),
  ]);
  expect(arrivals.all()[13]!.at - arrivals.all()[12]!.at).toBeGreaterThan(950);
});

test("probes leave at once, in their order, whatever waits, and each time that they are asked for", async () => {
  const ips = nineWaiting();
  host.announcer.probe(ips);
  host.announcer.probe(ips.toReversed());
  const probes = [...ips, ...ips.toReversed()].map(probe);
  await expect.poll(() => texts().length, { timeout: 900 }).toBe(29);
  expect(texts().slice(9)).toEqual(probes);
  expect(arrivals.all()[28]!.at - arrivals.all()[0]!.at).toBeLessThan(200);
  await expect.poll(() => replies().length, long).toBe(9);
  expect(arrivals.all()[29]!.at - arrivals.all()[28]!.at).toBeGreaterThan(950);
});
