/**
 * By the lease, and by nothing else, this node answers: what a neighbour on the cable hears of it
 * while the lease is renewed, and after the last renewal.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Leases } from "../../src/daemon/leases.ts";
import { openLeases } from "../../src/daemon/leases.ts";
import { encodeArpAnnouncements, encodeArpProbe } from "../../src/linux/arp.ts";
import { now } from "../../src/linux/clock.ts";
import { encodeAddressProbe, encodeAdvertisement } from "../../src/linux/ndp.ts";
import { openNetfilter } from "../../src/linux/netfilter.ts";
import type { PacketSocket } from "../../src/linux/packet.ts";
import { openPacketSocket } from "../../src/linux/packet.ts";
import type { Rtnetlink } from "../../src/linux/rtnetlink.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink.ts";
import { after, millis } from "../../src/std/time.ts";
import type { Namespace } from "./linux/namespace.ts";
import { connect, createNamespace, valueOf } from "./linux/namespace.ts";

const leaseMs = Number(process.env["LEASE_MS"] ?? 400);
const renewEveryMs = 20;

let host: Namespace;
let neighbour: Namespace;
let kernel: Rtnetlink;
let leases: Leases;
let frames: { readonly host: PacketSocket; readonly neighbour: PacketSocket };
let macs: { readonly host: string; readonly neighbour: string };

beforeAll(() => {
  host = createNamespace("holder");
  neighbour = createNamespace("hearer");
  connect(host, "eth0", neighbour, "eth0");
  host.ip("addr add 10.0.0.1/24 dev eth0");
  neighbour.ip("addr add 10.0.0.2/24 dev eth0");
  host.ip("addr add 2001:db8::1/64 dev eth0 nodad");
  neighbour.ip("addr add 2001:db8::2/64 dev eth0 nodad");
  kernel = valueOf(host.inside(openRtnetlink));
  leases = leasesBy(host.inside(openNetfilter));
  frames = {
    host: valueOf(host.inside(openPacketSocket)),
    neighbour: valueOf(neighbour.inside(openPacketSocket)),
  };
  macs = { host: macOf(host), neighbour: macOf(neighbour) };
});

afterAll(() => {
  leases.end();
  kernel.close();
  frames.host.close();
  frames.neighbour.close();
  host.remove();
  neighbour.remove();
});

afterEach(() => {
  kernel.removeAddresses(present()).map(valueOf);
});

/** By number: what is asked for, and what is only announced. */
const asked = { v4: "10.0.0.100", v6: "2001:db8::100" };
const announced = { v4: "10.0.0.101", v6: "2001:db8::101" };

describe("nftables", () => {
  test("lets everything pass while it is renewed, and nothing after its end", async () => {
    expect(leases.kind).toMatchObject({ mechanism: "nftables", fault: undefined });
    leases.add([asked, announced].flatMap(placementsOf)).map(valueOf);
    let [lastRenewal, askedMeanwhile] = [0, 0];
    const heard = await listening(async () => {
      expect(leases.grant(soon(leaseMs))).toBeUndefined();
      const start = now();
      await ticking(renewEveryMs, () => {
        expect(leases.renew(soon(leaseMs))).toBeUndefined();
        lastRenewal = Date.now();
        askedMeanwhile = asks;
        return now() - start < 3000;
      });
      await ticking(renewEveryMs, () => now() - start < 3000 + leaseMs + 300);
    });
    for (const kind of kinds) {
      const times = heard.filter((each) => each.kind === kind).map(({ at }) => at);
      const silentAfter = Math.max(...times) - lastRenewal;
      const gap = longestGap(times);
      console.log(
        `${kind}: ${times.length} heard, the longest gap ${gap.toFixed(1)} ms, ` +
          `the last ${silentAfter.toFixed(1)} ms after the last renewal`,
      );
      // The clock of the packets is finer than that of the renewal.
      expect(silentAfter, kind).toBeLessThan(leaseMs + 6);
      expect(silentAfter, kind).toBeGreaterThan(leaseMs - 100);
      // On a busy machine what is asked and answered may be late, but hardly lost.
      if (!kind.includes("ping")) expect(times.length, kind).toBeGreaterThan(askedMeanwhile * 0.97);
      expect(gap, kind).toBeLessThan(leaseMs);
    }
    expect(leases.renew(soon(leaseMs))).toBe("the lease had run out");
    const resumed = await listening(async () => {
      expect(leases.grant(soon(60_000))).toBeUndefined();
      const start = now();
      await ticking(1, () => now() - start < 300);
    });
    expect(new Set(resumed.map(({ kind }) => kind))).toEqual(new Set(kinds));
    expect(host.ip("-6 route show 2001:db8::/64")).not.toContain("expires");
    leases.remove(allAddresses, present()).map(valueOf);
    expect(host.ip("-6 route show 2001:db8::/64")).not.toBe("");
  });
});

describe("lifetimes, where nftables is missing,", () => {
  let fallback: Leases;
  const longMs = 900;

  beforeEach(() => {
    leases.end();
    fallback = leasesBy({ ok: false, error: { call: "socket", errno: "EPROTONOSUPPORT" } });
    expect(fallback.kind.mechanism).toBe("lifetime");
  });

  afterEach(() => {
    host.ip("addr replace 10.0.0.1/24 dev eth0");
  });

  test("take the addresses away when they are not renewed, and nothing else with them", async () => {
    // The virtual IP becomes the first of its subnet, and the host's own addresses secondary to it.
    host.ip("addr del 10.0.0.1/24 dev eth0");
    expect(fallback.grant(soon(longMs))).toBeUndefined();
    fallback.add(placementsOf(asked)).map(valueOf);
    host.ip("addr add 10.0.0.7/24 dev eth0");
    expect(host.ip("-o addr show dev eth0")).toMatch(/10\.0\.0\.7.*secondary/);
    const start = now();
    let until = soon(longMs);
    await ticking(50, () => {
      until = soon(longMs);
      expect(fallback.renew(until)).toBeUndefined();
      expect(present()).toHaveLength(2);
      return now() - start < 2500;
    });
    const gone = await goneAt();
    console.log(
      `IPv4 and IPv6 gone ${gone.map((at) => (at - until).toFixed(0)).join(", ")} ms late`,
    );
    for (const at of gone) {
      expect(at - until).toBeGreaterThan(0);
      expect(at - until).toBeLessThan(fallback.kind.late + 100);
    }
    expect(host.ip("-o addr show dev eth0")).toContain("10.0.0.7/24");
    expect(host.ip("-6 route show 2001:db8::/64")).not.toContain("expires");
    expect(fallback.renew(soon(longMs))).toBe("the lease had run out");
    expect(present()).toEqual([]);
    expect(fallback.grant(soon(longMs))).toBeUndefined();
    expect(present()).toHaveLength(2);
    fallback.revoke();
    expect(present()).toEqual([]);
    fallback.remove(allAddresses, []);
    expect(promotes()).toBe("0");
  });

  test("are given back when no lease is wanted any more", () => {
    expect(fallback.grant(soon(longMs))).toBeUndefined();
    fallback.add(placementsOf(asked)).map(valueOf);
    expect(present()).toMatchObject([{ validSeconds: 1 }, { validSeconds: 1 }]);
    fallback.reconfigure({ lease: undefined, deadtime: millis(1000) });
    expect(fallback.kind.mechanism).toBe("none");
    expect(present()).toMatchObject([{ validSeconds: undefined }, { validSeconds: undefined }]);
    fallback.remove(allAddresses, present()).map(valueOf);
  });
});

const allAddresses = [asked, announced].flatMap(({ v4, v6 }) => [v4, v6]);

/** What the kernel has of ours. */
function present() {
  return valueOf(kernel.addresses()).filter(({ ours }) => ours);
}

function promotes(): string {
  return host.run("cat", ["/proc/sys/net/ipv4/conf/eth0/promote_secondaries"]).trim();
}

/** When the IPv4 address and the IPv6 address had gone. */
async function goneAt(): Promise<readonly number[]> {
  const gone = new Map<4 | 6, number>();
  await ticking(1, () => {
    const families = present().map(({ family }) => family);
    for (const family of [4, 6] as const) {
      if (!families.includes(family) && !gone.has(family)) gone.set(family, now());
    }
    return gone.size < 2;
  });
  return [...gone.values()];
}

const kinds = [
  "ARP reply",
  "ARP announcement",
  "IPv4 ping",
  "neighbour advertisement",
  "unsolicited advertisement",
  "IPv6 ping",
] as const;
type Kind = (typeof kinds)[number];

interface Heard {
  readonly kind: Kind;
  /** Milliseconds of the wall clock. */
  readonly at: number;
}

/** What the neighbour hears while something is done, asking and announcing once a millisecond. */
async function listening(action: () => Promise<void>): Promise<readonly Heard[]> {
  const options = ["-i", "eth0", "-Q", "in", "-n", "-tt", "--immediate-mode", "-l"];
  const dump = run(neighbour, "tcpdump", [...options, "arp or icmp or icmp6"]);
  let text = "";
  dump.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  await once(dump.stderr, "data");
  const pings = [asked.v4, asked.v6].map((address) =>
    run(neighbour, "ping", ["-q", "-i", "0.002", address]),
  );
  asks = 0;
  const traffic = setInterval(ask, 1);
  await action();
  clearInterval(traffic);
  for (const child of [...pings, dump]) child.kill("SIGINT");
  await Promise.all([...pings, dump].map((child) => once(child, "close")));
  return text.split("\n").flatMap(heardIn);
}

function run(namespace: Namespace, program: string, args: readonly string[]) {
  const command = ["netns", "exec", namespace.name, program, ...args];
  return spawn("ip", command, { stdio: ["ignore", "pipe", "pipe"] });
}

/** How often it was asked and announced. */
let asks = 0;

function ask(): void {
  asks += 1;
  const [here, there] = [indexOf(neighbour), indexOf(host)];
  frames.neighbour.sendFrames(here, [
    encodeArpProbe(macs.neighbour, asked.v4),
    encodeAddressProbe(macs.neighbour, asked.v6),
  ]);
  frames.host.sendFrames(there, [
    ...encodeArpAnnouncements(macs.host, announced.v4).slice(0, 1),
    encodeAdvertisement(macs.host, announced.v6),
  ]);
}

function heardIn(line: string): Heard[] {
  const found = /^(\d+\.\d+) (.*)$/.exec(line);
  const what = found?.[2] ?? "";
  const kind = kinds.find((each) => patterns[each].test(what));
  return kind === undefined ? [] : [{ kind, at: Number(found?.[1]) * 1000 }];
}

const patterns: { readonly [K in Kind]: RegExp } = {
  "ARP reply": /^ARP, Reply 10\.0\.0\.100 is-at/,
  "ARP announcement": /^ARP, Request who-has 10\.0\.0\.101 .*tell 10\.0\.0\.101/,
  "IPv4 ping": /10\.0\.0\.100 > .*echo reply/,
  "neighbour advertisement": /neighbor advertisement, tgt is 2001:db8::100/,
  "unsolicited advertisement": /neighbor advertisement, tgt is 2001:db8::101/,
  "IPv6 ping": /2001:db8::100 > .*echo reply/,
};

/** Calls again and again, until it says no. */
async function ticking(everyMs: number, action: () => boolean): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setInterval(() => {
      try {
        if (action()) return;
        resolve();
      } catch (error) {
        reject(error);
      }
      clearInterval(timer);
    }, everyMs);
  });
}

function longestGap(times: readonly number[]): number {
  return Math.max(...times.slice(1).map((time, index) => time - times[index]!));
}

function soon(ms: number) {
  return after(now(), millis(ms));
}

function leasesBy(netfilter: Parameters<typeof openLeases>[0]["netfilter"]): Leases {
  return openLeases({
    rtnetlink: kernel,
    netfilter,
    links: valueOf(kernel.links()),
    inherited: undefined,
    lease: millis(leaseMs),
    deadtime: millis(leaseMs + 200),
    now,
  });
}

function placementsOf({ v4, v6 }: { readonly v4: string; readonly v6: string }) {
  const common = { ifindex: indexOf(host), device: "eth0", label: undefined, broadcast: undefined };
  return [
    { ...common, family: 4 as const, address: v4, prefix: 24 },
    { ...common, family: 6 as const, address: v6, prefix: 64, hasNeighbour: true },
  ];
}

const indices = new Map<Namespace, number>();

function indexOf(namespace: Namespace): number {
  const known =
    indices.get(namespace) ?? Number(/^(\d+):/.exec(namespace.ip("-o link show eth0"))![1]);
  indices.set(namespace, known);
  return known;
}

function macOf(namespace: Namespace): string {
  return /link\/ether (\S+)/.exec(namespace.ip("-o link show eth0"))![1]!;
}
