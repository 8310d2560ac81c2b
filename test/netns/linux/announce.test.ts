import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeArpAnnouncements, encodeArpProbe } from "../../../src/linux/arp.ts";
import { encodeAddressProbe, encodeAdvertisement } from "../../../src/linux/ndp.ts";
import type { PacketSocket } from "../../../src/linux/packet.ts";
import { openPacketSocket } from "../../../src/linux/packet.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink.ts";
import { capture } from "./capture.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";

const mac = "02:00:5e:10:00:01";
const oldMac = "02:00:5e:10:00:02";

let host: Namespace;
let neighbour: Namespace;
let sender: PacketSocket;
let ifindex: number;

beforeAll(() => {
  host = createNamespace("host");
  neighbour = createNamespace("neighbour");
  connect(host, "eth0", neighbour, "eth0");
  host.ip(`link set eth0 address ${mac}`);
  neighbour.ip("addr add 10.0.0.2/24 dev eth0");
  neighbour.ip("addr add 2001:db8::2/64 dev eth0 nodad");
  const kernel = valueOf(host.inside(openRtnetlink));
  ifindex = valueOf(kernel.links()).find((link) => link.name === "eth0")!.index;
  kernel.close();
  sender = valueOf(host.inside(openPacketSocket));
});

afterAll(() => {
  sender.close();
  host.remove();
  neighbour.remove();
});

test("tcpdump sees an ARP announcement as a request and as a reply, and a probe", async () => {
  const frames = [...encodeArpAnnouncements(mac, "10.0.0.100"), encodeArpProbe(mac, "10.0.0.100")];
  expect(await captured("arp", frames)).toEqual([
    `${mac} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Ethernet (len 6), IPv4 (len 4), Request who-has 10.0.0.100 tell 10.0.0.100, length 28`,
    `${mac} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Ethernet (len 6), IPv4 (len 4), Reply 10.0.0.100 is-at ${mac}, length 28`,
    `${mac} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Ethernet (len 6), IPv4 (len 4), Request who-has 10.0.0.100 tell 0.0.0.0, length 28`,
  ]);
});

test("tcpdump sees a neighbour advertisement with its option and a right checksum", async () => {
  const [line] = await captured("icmp6", [encodeAdvertisement(mac, "2001:db8::100")]);
  expect(line).toMatch(`${mac} > 33:33:00:00:00:01, ethertype IPv6 (0x86dd), length 86`);
  expect(line).toMatch("hlim 255, next-header ICMPv6 (58) payload length: 32");
  expect(line).toMatch("2001:db8::100 > ff02::1: [icmp6 sum ok] ICMP6, neighbor advertisement");
  expect(line).toMatch("tgt is 2001:db8::100, Flags [override]");
  expect(line).toMatch(`destination link-address option (2), length 8 (1): ${mac}`);
});

test("tcpdump sees a probe for an IPv6 address from nobody, with a right checksum", async () => {
  const [line] = await captured("icmp6", [encodeAddressProbe(mac, "2001:db8::100")]);
  expect(line).toMatch(`${mac} > 33:33:ff:00:01:00, ethertype IPv6 (0x86dd), length 78`);
  expect(line).toMatch("hlim 255, next-header ICMPv6 (58) payload length: 24");
  expect(line).toMatch(":: > ff02::1:ff00:100: [icmp6 sum ok] ICMP6, neighbor solicitation");
  expect(line).toMatch("who has 2001:db8::100");
});

test.each([0, 1])("a neighbour believes ARP announcement %d over what it knew", async (which) => {
  neighbour.ip(`neigh replace 10.0.0.100 lladdr ${oldMac} dev eth0 nud stale`);
  sender.sendFrames(ifindex, [encodeArpAnnouncements(mac, "10.0.0.100")[which]!]);
  await expect.poll(() => known("10.0.0.100"), patience).toMatch(mac);
});

test("a neighbour believes the advertisement over what it knew", async () => {
  neighbour.ip(`neigh replace 2001:db8::100 lladdr ${oldMac} dev eth0 nud stale`);
  sender.sendFrames(ifindex, [encodeAdvertisement(mac, "2001:db8::100")]);
  await expect.poll(() => known("2001:db8::100"), patience).toMatch(mac);
});

test("a neighbour's cache is not touched by a probe", async () => {
  neighbour.ip(`neigh replace 10.0.0.100 lladdr ${oldMac} dev eth0 nud stale`);
  neighbour.ip(`neigh replace 10.0.0.101 lladdr ${oldMac} dev eth0 nud stale`);
  sender.sendFrames(ifindex, [
    encodeArpProbe(mac, "10.0.0.100"),
    ...encodeArpAnnouncements(mac, "10.0.0.101"),
  ]);
  await expect.poll(() => known("10.0.0.101"), patience).toMatch(mac);
  expect(known("10.0.0.100")).toMatch(oldMac);
});

test("the frames of a thousand announcements fit into the queue", () => {
  const frames = Array.from({ length: 1000 }, (_, n) =>
    encodeArpAnnouncements(mac, `10.1.${n >> 8}.${n & 255}`),
  ).flat();
  const started = performance.now();
  expect(sender.sendFrames(ifindex, frames)).toEqual({ ok: true, value: 2000 });
  console.log(`2,000 frames were sent in ${Math.round(performance.now() - started)} ms`);
});

test("an interface that is down or gone refuses by name", () => {
  const frames = encodeArpAnnouncements(mac, "10.0.0.100");
  expect(sender.sendFrames(999_999, frames)).toEqual({
    ok: false,
    error: { call: "send", errno: "ENXIO" },
  });
  host.ip("link set eth0 down");
  expect(sender.sendFrames(ifindex, frames)).toEqual({
    ok: false,
    error: { call: "send", errno: "ENETDOWN" },
  });
  host.ip("link set eth0 up");
});

function known(address: string): string {
  return neighbour.ip(`neigh show ${address} dev eth0`);
}

/** What tcpdump prints of the frames at the neighbour's. */
function captured(protocol: string, frames: readonly Uint8Array[]): Promise<readonly string[]> {
  const filter = `${protocol} and ether src ${mac} and ether[0] & 1 == 1`;
  return capture({ at: neighbour, device: "eth0", filter, count: frames.length }, () => {
    valueOf(sender.sendFrames(ifindex, frames));
  });
}
