/**
 * Who else uses a virtual IP: asked of real kernels, and seen in a flood.
 */
import { setImmediate } from "node:timers/promises";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
} from "vitest";
import type { GroupConfig, Input, Notice, VirtualIp } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import type { Host } from "../../../src/daemon/host.ts";
import type { Sightings } from "../../../src/daemon/sightings.ts";
import { openSightings } from "../../../src/daemon/sightings.ts";
import { encodeArpAnnouncements, encodeArpProbe } from "../../../src/linux/arp.ts";
import { ipBytes } from "../../../src/linux/ip-text.ts";
import type { Link } from "../../../src/linux/link.ts";
import type { PacketSocket } from "../../../src/linux/packet.ts";
import { openPacketSocket } from "../../../src/linux/packet.ts";
import type { Rtnetlink } from "../../../src/linux/rtnetlink.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";
import { openPlainHost } from "./plain-host.ts";
import { startFlood } from "./start-flood.ts";

const hostMac = "02:00:5e:10:00:01";
const peerMac = "02:00:5e:10:00:02";
const ip: VirtualIp = { family: 4, address: "10.0.0.100" };
const ip6: VirtualIp = { family: 6, address: "2001:db8::100" };
const free: VirtualIp = { family: 4, address: "10.0.0.101" };
const free6: VirtualIp = { family: 6, address: "2001:db8::101" };
const groups = [groupOf("four", ip, free), groupOf("six", ip6, free6)];

let machine: Namespace;
let peer: Namespace;
let rtnetlink: Rtnetlink;
let packets: PacketSocket;
let host: Host;
let sightings: Sightings;
let seen: Extract<Input, { type: "sighting" }>[];
let told: Notice[];

beforeAll(() => {
  machine = createNamespace("host");
  peer = createNamespace("peer");
  connect(machine, "eth0", peer, "eth0");
  machine.ip(`link set eth0 address ${hostMac}`);
  peer.ip(`link set eth0 address ${peerMac}`);
  machine.ip("addr add 10.0.0.1/24 dev eth0");
  machine.ip("addr add 2001:db8::1/64 dev eth0 nodad");
  peer.ip("addr add 10.0.0.2/24 dev eth0");
  peer.ip("addr add 10.0.0.100/32 dev eth0");
  peer.ip("addr add 2001:db8::100/128 dev eth0 nodad");
  rtnetlink = valueOf(machine.inside(openRtnetlink));
  packets = valueOf(machine.inside(openPacketSocket));
});

beforeEach(() => {
  host = openPlainHost(rtnetlink, packets);
  host.look(groups);
  watch();
});

afterEach(() => {
  sightings.close();
  expect(told).toEqual([]);
});

afterAll(() => {
  rtnetlink.close();
  packets.close();
  machine.remove();
  peer.remove();
});

function groupOf(name: string, ...ips: readonly VirtualIp[]): GroupConfig {
  const resources = ips.map((each) => ({ type: "address" as const, name: each.address, ip: each }));
  return { name: groupName(name), nodes: [], resources };
}

function watch(): void {
  seen = [];
  told = [];
  const post = (input: Input): void => {
    if (input.type === "sighting") seen.push(input);
  };
  const tell = (notice: Notice): void => void told.push(notice);
  sightings = machine.inside(() => openSightings({ groups, host, post, tell }));
}

describe("a probe", () => {
  test("is answered by the machine that has the address, and by none if it is free", async () => {
    sightings.probe([free, ip]);
    await expect
      .poll(() => seen, patience)
      .toEqual([{ type: "sighting", group: groupName("four"), mac: peerMac }]);
    sightings.probe([free6, ip6]);
    await expect
      .poll(() => seen.slice(1), patience)
      .toEqual([{ type: "sighting", group: groupName("six"), mac: peerMac }]);
  });

  test("is answered again and again, however close the answers are", async () => {
    for (let count = 1; count <= 8; count++) {
      sightings.probe([ip]);
      await expect.poll(() => seen.length, patience).toBe(count);
    }
  });

  test("changes nothing in the peer's table of hardware addresses", async () => {
    const wrong = "02:00:5e:10:00:99";
    peer.ip(`neigh replace 10.0.0.1 lladdr ${wrong} dev eth0 nud stale`);
    sightings.probe([ip]);
    await expect.poll(() => seen.length, patience).toBe(1);
    expect(peer.ip("neigh show 10.0.0.1 dev eth0")).toMatch(wrong);
    peer.ip("neigh flush all");
  });
});

/** So what a peer's kernel is set to is no reason for another kind of probe. */
test.each([
  ["arp_ignore=0", true],
  ["arp_ignore=1", true],
  ["arp_ignore=2", true],
  ["arp_ignore=3", true],
  ["arp_ignore=8", false],
  ["arp_filter=1", true],
  ["rp_filter=1", true],
  ["arp_announce=2", true],
  ["proxy_arp=1", true],
])("with %s a probe is answered if a question is: %s", async (setting, isAnswered) => {
  const [name] = setting.split("=");
  peer.run("sysctl", ["-qw", `net.ipv4.conf.eth0.${setting}`]);
  onTestFinished(() => void peer.run("sysctl", ["-qw", `net.ipv4.conf.eth0.${name}=0`]));
  const probe = encodeArpProbe(hostMac, ip.address);
  const question = Buffer.from(probe);
  question.set(ipBytes("10.0.0.1"), 28);
  expect(await hasAnswer(question)).toBe(isAnswered);
  expect(await hasAnswer(probe)).toBe(isAnswered);
});

test("a router that answers for other hosts answers a question, and not a probe", async () => {
  connect(peer, "eth8", machine, "eth8");
  for (const setting of [
    "net.ipv4.conf.eth0.proxy_arp=1",
    "net.ipv4.conf.all.forwarding=1",
    "net.ipv4.neigh.eth0.proxy_delay=0",
  ]) {
    peer.run("sysctl", ["-qw", setting]);
  }
  onTestFinished(() => {
    peer.run("sysctl", ["-qw", "net.ipv4.conf.eth0.proxy_arp=0"]);
    peer.ip("link del eth8");
  });
  peer.ip("route add 10.0.0.101/32 dev eth8");
  const probe = encodeArpProbe(hostMac, free.address);
  const question = Buffer.from(probe);
  question.set(ipBytes("10.0.0.1"), 28);
  expect(await hasAnswer(question)).toBe(true);
  expect(await hasAnswer(probe)).toBe(false);
});

async function hasAnswer(frame: Uint8Array): Promise<boolean> {
  sightings.close();
  watch();
  const { ifindex } = host.placeOf(ip)!;
  valueOf(packets.sendFrames(ifindex, [frame]));
  // When what was asked for after it has been answered, it has been too, if it ever is.
  sightings.probe([ip6]);
  await expect.poll(() => has("six"), patience).toBe(true);
  for (let turn = 0; turn < 3; turn++) await setImmediate();
  return has("four");
}

function has(name: string): boolean {
  return seen.some(({ group }) => group === groupName(name));
}

describe("who uses an address without being asked", () => {
  let other: PacketSocket;

  beforeAll(() => {
    other = valueOf(peer.inside(openPacketSocket));
  });

  afterAll(() => other.close());

  const announce = (mac: string, address: string): void => {
    const { index } = peerLink();
    valueOf(other.sendFrames(index, encodeArpAnnouncements(mac, address)));
  };

  test("is seen once for all that it says at once", async () => {
    announce(peerMac, free.address);
    announce(peerMac, free.address);
    sightings.probe([ip6]);
    await expect.poll(() => has("six"), patience).toBe(true);
    expect(seen.filter(({ group }) => group === groupName("four"))).toHaveLength(1);
  });

  test("does not hide who has the address, before and after it was asked for", async () => {
    const stranger = "02:00:5e:10:00:66";
    announce(stranger, ip.address);
    announce(peerMac, ip.address);
    await expect.poll(() => seen.map(({ mac }) => mac), patience).toEqual([stranger, peerMac]);
    for (let count = 1; count <= 20; count++) {
      seen.length = 0;
      // The stranger is heard first.
      announce(stranger, ip.address);
      sightings.probe([ip]);
      await expect.poll(() => seen.some(({ mac }) => mac === peerMac), patience).toBe(true);
    }
  });

  test("is not this machine, whose frames came back", async () => {
    announce(hostMac, free.address);
    announce(peerMac, ip.address);
    await expect.poll(() => seen.length, patience).toBe(1);
    expect(seen).toEqual([{ type: "sighting", group: groupName("four"), mac: peerMac }]);
  });

  test("is watched on an interface that came later, and on one that was made anew", async () => {
    for (const kind of ["later", "anew"]) {
      const late = { family: 4 as const, address: "10.1.0.100", prefix: 24, device: "eth7" };
      if (kind === "later") sightings.reconfigure([groupOf("late", late)]);
      connect(machine, "eth7", peer, "eth7");
      host.look([groupOf("late", late)]);
      machine.inside(() => sightings.kernelChanged());
      seen.length = 0;
      const { index, mac } = peerLink("eth7");
      // An interface takes a moment until it has a carrier.
      await expect
        .poll(() => {
          other.sendFrames(index, encodeArpAnnouncements(mac!, late.address));
          return seen.length;
        }, patience)
        .toBeGreaterThan(0);
      expect(seen[0]).toEqual({ type: "sighting", group: groupName("late"), mac });
      machine.ip("link del eth7");
      host.look([groupOf("late", late)]);
      sightings.kernelChanged();
    }
  });
});

function peerLink(device = "eth0"): Link {
  const kernel = valueOf(peer.inside(openRtnetlink));
  const link = valueOf(kernel.links()).find(({ name }) => name === device);
  kernel.close();
  return link!;
}

test("a flood makes no more than ten turns a second, and leaves time for all else", async () => {
  const flow = { device: "eth0", address: free.address, seconds: 2, rate: 50_000 };
  const flood = startFlood(peer, flow);
  await expect.poll(() => seen.length, patience).toBeGreaterThan(0);
  const start = { cpu: process.cpuUsage(), at: performance.now() };
  sightings.probe([ip6]);
  await expect.poll(() => has("six"), patience).toBe(true);
  const sent = await flood;
  const { user, system } = process.cpuUsage(start.cpu);
  const ms = performance.now() - start.at;
  const count = seen.filter(({ group }) => group === groupName("four")).length;
  const share = (user + system) / 1000 / ms;
  console.log(`${sent} frames, ${count} told, ${(share * 100).toFixed(1)} % of a CPU`);
  expect(sent).toBe(100_000);
  expect(count).toBeLessThanOrEqual(ms / 100 + 2);
  expect(share).toBeLessThan(0.5);
});

test("a kernel that lets nobody watch is told once, and asked again", () => {
  const urls = ["sightings", "host"].map(
    (name) => new URL(`../../../src/daemon/${name}.ts`, import.meta.url).href,
  );
  const linux = new URL("../../../src/linux/index.ts", import.meta.url).href;
  const script = `
    import { openSightings } from ${JSON.stringify(urls[0])};
    import { openHost } from ${JSON.stringify(urls[1])};
    import { openRtnetlink } from ${JSON.stringify(linux)};
    const host = openHost(openRtnetlink().value, { sendFrames: () => ({ ok: true }) });
    const tell = (notice) => console.log(JSON.stringify(notice));
    const groups = ${JSON.stringify(groups)};
    const sightings = openSightings({ groups, host, post: tell, tell });
    sightings.probe([groups[0].resources[0].ip]);
    sightings.reconfigure(groups);
    sightings.close();`;
  const node = [process.execPath, "--input-type=module", "--eval", script];
  const printed = machine.run("setpriv", ["--bounding-set=-net_raw", ...node]);
  expect(
    printed
      .trim()
      .split("\n")
      .map((line): unknown => JSON.parse(line)),
  ).toEqual([
    {
      code: "socket-refused",
      purpose: "to see who else uses an address",
      reason: "socket: EPERM",
    },
  ]);
});
