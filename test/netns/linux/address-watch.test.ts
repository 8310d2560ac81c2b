import { setImmediate } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { AddressPlace } from "../../../src/linux/address-use-filter.ts";
import type { AddressUse } from "../../../src/linux/address-use.ts";
import type { AddressWatch } from "../../../src/linux/address-watch.ts";
import { openAddressWatch } from "../../../src/linux/address-watch.ts";
import { encodeArpAnnouncements, encodeArpProbe } from "../../../src/linux/arp.ts";
import { encodeAddressProbe, encodeAdvertisement } from "../../../src/linux/ndp.ts";
import type { PacketSocket } from "../../../src/linux/packet.ts";
import { openPacketSocket } from "../../../src/linux/packet.ts";
import { openRtnetlink } from "../../../src/linux/rtnetlink.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";
import { startFlood } from "./start-flood.ts";

const mac = "02:00:5e:10:00:01";
const ip = "10.0.0.100";
const ip6 = "2001:db8::100";
/** Announced after everything else: what was to be seen before it has been seen then. */
const last = "10.0.0.255";

let host: Namespace;
let peer: Namespace;
let sender: PacketSocket;
let watch: AddressWatch;
let seen: AddressUse[];
const at = { host: [0, 0], peer: [0, 0] };

beforeAll(() => {
  host = createNamespace("host");
  peer = createNamespace("peer");
  for (const device of ["eth0", "eth1"]) connect(host, device, peer, device);
  for (const [name, namespace] of [["host", host] as const, ["peer", peer] as const]) {
    const kernel = valueOf(namespace.inside(openRtnetlink));
    const links = valueOf(kernel.links());
    at[name] = ["eth0", "eth1"].map((device) => links.find((each) => each.name === device)!.index);
    kernel.close();
  }
  sender = valueOf(peer.inside(openPacketSocket));
});

afterEach(() => watch.close());

afterAll(() => {
  sender.close();
  host.remove();
  peer.remove();
});

/** On eth0 of the host. */
function place(address: string, family: 4 | 6 = 4): AddressPlace {
  return { family, address, ifindex: at.host[0]! };
}

function watching(...places: readonly AddressPlace[]): void {
  seen = [];
  watch = openAddressWatch((use) => seen.push(use));
  valueOf(host.inside(() => watch.watch([...places, place(last)])));
}

function send(frames: readonly Uint8Array[], device = 0): void {
  valueOf(sender.sendFrames(at.peer[device]!, frames));
}

/** What is seen of these frames. */
async function seenOf(frames: readonly Uint8Array[], device = 0): Promise<readonly AddressUse[]> {
  seen.length = 0;
  send(frames, device);
  send(encodeArpAnnouncements(mac, last).slice(0, 1));
  await expect.poll(() => seen.at(-1)?.address, patience).toBe(last);
  return seen.slice(0, -1);
}

const announced = (address: string): readonly Uint8Array[] => encodeArpAnnouncements(mac, address);

/** The same frame with a tag of IEEE 802.1Q. */
function tagged(frame: Uint8Array, vlan: number): Uint8Array {
  const tag = Uint8Array.of(0x81, 0, vlan >> 8, vlan & 0xff);
  return Buffer.concat([frame.subarray(0, 12), tag, frame.subarray(12)]);
}

describe("of what comes in", () => {
  test("the use of a watched address is seen, each time", async () => {
    watching(place(ip), place(ip6, 6));
    expect(await seenOf(announced(ip))).toEqual([
      { address: ip, mac },
      { address: ip, mac },
    ]);
    send([encodeAdvertisement(mac, ip6)]);
    await expect.poll(() => seen.at(-1), patience).toEqual({ address: ip6, mac });
  });

  test("a tag that only says how urgent it is does not hide it", async () => {
    watching(place(ip));
    expect(await seenOf(announced(ip).map((frame) => tagged(frame, 0)))).toHaveLength(2);
  });

  test.each<[string, () => readonly Uint8Array[], number?]>([
    ["the use of another address", () => announced("10.0.0.101")],
    ["a probe", () => [encodeArpProbe(mac, ip)]],
    ["what came in on another interface", () => announced(ip), 1],
    ["what belongs to a VLAN", () => announced(ip).map((frame) => tagged(frame, 5))],
  ])("%s is not seen", async (_, frames, device) => {
    watching(place(ip));
    expect(await seenOf(frames(), device)).toEqual([]);
  });

  test("neither a probe for an IPv6 address nor another address that ends alike is seen", async () => {
    watching(place(ip6, 6));
    send([encodeAddressProbe(mac, ip6), encodeAdvertisement(mac, "2001:db8::101")]);
    send([encodeAdvertisement(mac, ip6)]);
    await expect.poll(() => seen.at(-1)?.address, patience).toBe(ip6);
    expect(seen).toHaveLength(1);
  });

  test("what this host sends is not seen", async () => {
    watching(place(ip));
    const own = valueOf(host.inside(openPacketSocket));
    valueOf(own.sendFrames(at.host[0]!, announced(ip)));
    own.close();
    expect(await seenOf([])).toEqual([]);
  });
});

test("addresses can be changed: the kernel asks for no new socket", async () => {
  watching(place(ip));
  valueOf(watch.watch([place("10.0.0.101"), place(last)]));
  expect(await seenOf([...announced(ip), ...announced("10.0.0.101")])).toEqual([
    { address: "10.0.0.101", mac },
    { address: "10.0.0.101", mac },
  ]);
  valueOf(watch.watch([]));
  valueOf(host.inside(() => watch.watch([place(ip), place(last)])));
  expect(await seenOf(announced(ip))).toHaveLength(2);
});

test("an interface that was down is watched when it is up again", async () => {
  watching(place(ip));
  host.ip("link set eth0 down");
  for (let turn = 0; turn < 20; turn++) await setImmediate();
  host.ip("link set eth0 up");
  await expect
    .poll(() => {
      sender.sendFrames(at.peer[0]!, announced(ip));
      return seen.length;
    }, patience)
    .toBeGreaterThan(0);
});

/** A thousand fit into one program; of five thousand all are let through, and sorted out later. */
test.each([1000, 5000])("of %d addresses each is seen", async (count) => {
  const addresses = Array.from({ length: count }, (_, n) => `10.1.${n >> 8}.${n & 255}`);
  watching(...addresses.map((address) => place(address)));
  const some = addresses.filter((_, n) => n % 97 === 0 || n === count - 1);
  const frames = some.map((address) => announced(address)[0]!);
  expect((await seenOf(frames)).map(({ address }) => address)).toEqual(some);
  expect(await seenOf(announced("10.0.0.101"))).toHaveLength(count > 2000 ? 2 : 0);
});

test("of a flood only some is seen, so that it takes little time", async () => {
  watching(place(ip));
  const flood = startFlood(peer, { device: "eth0", address: ip, seconds: 1, rate: 50_000 });
  await expect.poll(() => seen.length, patience).toBeGreaterThan(0);
  const start = performance.now();
  const before = seen.length;
  const sent = await flood;
  // 64 in 10 ms, and what lay in the queue.
  const most = ((performance.now() - start) / 10 + 2) * 64;
  console.log(`${seen.length} of ${sent} frames were seen`);
  expect(sent).toBe(50_000);
  expect(seen.length - before).toBeLessThan(most);
});
