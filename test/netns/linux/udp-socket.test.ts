import { readdirSync } from "node:fs";
import type { SocketAsPromised } from "dgram-as-promised";
import { DgramAsPromised } from "dgram-as-promised";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { MulticastGroup } from "../../../src/linux/udp-socket.ts";
import { openUdpSocket } from "../../../src/linux/udp-socket.ts";
import { capture } from "./capture.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";

const group = { address: "239.0.0.42", ttl: 1, loop: false };

let host: Namespace;
let peer: Namespace;
const open: SocketAsPromised[] = [];

beforeAll(() => {
  host = createNamespace("host");
  peer = createNamespace("peer");
  for (const n of [0, 1]) {
    connect(host, `eth${n}`, peer, `eth${n}`);
    host.ip(`addr add 10.0.${n}.1/24 brd + dev eth${n}`);
    peer.ip(`addr add 10.0.${n}.2/24 brd + dev eth${n}`);
  }
});

afterEach(() => Promise.all(open.splice(0).map((socket) => socket.close())));

afterAll(() => {
  host.remove();
  peer.remove();
});

describe("what begins like a heartbeat", () => {
  test.each([
    ["in classic framing", ">>>\nt=status\n<<<\n"],
    ["in netstring framing", "###\n8:t=status,"],
    ["and is as long as a datagram can be", `>>>\n${"x".repeat(65_503)}`],
  ])("is heard %s", async (_, text) => {
    const ears = await medium(host, "eth0");
    const mouth = await medium(peer, "eth0");
    await mouth.socket.send(text, 694, "10.0.0.1");
    await expect.poll(() => ears.heard, patience).toEqual([text]);
  });
});

test("everything else is dropped by the kernel, without a wake-up", async () => {
  const ears = await medium(host, "eth0");
  const mouth = await medium(peer, "eth0");
  const garbage = ["", ">", ">>>", ">>>x", "\n>>>\n", "###", "### ", "##>\n", "GET / HTTP/1.1\r\n"];
  await Promise.all(garbage.map((text) => mouth.socket.send(text, 694, "10.0.0.1")));
  await mouth.socket.send(">>>\nreal", 694, "10.0.0.1");
  await expect.poll(() => ears.heard, patience).toEqual([">>>\nreal"]);
});

test("two media of one port do not mix, however a datagram was addressed", async () => {
  const ears = [await medium(host, "eth0", [group]), await medium(host, "eth1", [group])];
  for (const n of [0, 1]) {
    const mouth = await medium(peer, `eth${n}`, [group]);
    const way = ["ucast", "bcast", "mcast"];
    for (const [index, to] of [`10.0.${n}.1`, `10.0.${n}.255`, group.address].entries()) {
      await mouth.socket.send(`>>>\n${way[index]} on eth${n}`, 694, to);
    }
    await expect
      .poll(() => ears[n]!.heard.toSorted(), patience)
      .toEqual(["bcast", "mcast", "ucast"].map((each) => `>>>\n${each} on eth${n}`));
  }
  expect(ears[0]!.heard).toHaveLength(3);
});

test("a multicast group is heard only by those who have joined it", async () => {
  const ears = await medium(host, "eth0");
  const mouth = await medium(peer, "eth0", [group]);
  await mouth.socket.send(">>>\nto the group", 694, group.address);
  await mouth.socket.send(">>>\nto this host", 694, "10.0.0.1");
  await expect.poll(() => ears.heard, patience).toEqual([">>>\nto this host"]);
});

test.each([
  [true, [">>>\nto the group", ">>>\nlast"]],
  [false, [">>>\nlast"]],
])("a node hears what it says to its group itself only with loop: %s", async (loop, heard) => {
  const node = await medium(host, "eth0", [{ ...group, loop }]);
  const other = await medium(peer, "eth0", [group]);
  await node.socket.send(">>>\nto the group", 694, group.address);
  await expect.poll(() => other.heard, patience).toEqual([">>>\nto the group"]);
  await other.socket.send(">>>\nlast", 694, "10.0.0.1");
  await expect.poll(() => node.heard, patience).toEqual(heard);
});

test("heartbeats leave with low delay, those to a group with its ttl", async () => {
  const node = await medium(host, "eth0", [{ ...group, ttl: 7 }]);
  const wanted = { at: peer, device: "eth0", filter: "udp port 694", count: 2 };
  const [toPeer, toGroup] = await capture(wanted, async () => {
    await node.socket.send(">>>\n", 694, "10.0.0.2");
    await node.socket.send(">>>\n", 694, group.address);
  });
  expect(toPeer).toMatch("(tos 0x10, ttl 64,");
  expect(toGroup).toMatch("(tos 0x10, ttl 7,");
});

test("a medium does not open where another program listens, which would take what is for it", async () => {
  await medium(host, "eth0");
  await expect(medium(host, "eth0")).rejects.toThrow("EADDRINUSE");
});

test("a burst while the daemon does not listen is kept: a thousand heartbeats", async () => {
  const ears = await medium(host, "eth0");
  const mouth = await medium(peer, "eth0");
  const text = `>>>\n${"x".repeat(300)}`;
  const sent: Promise<number>[] = [];
  for (let count = 0; count < 1000; count++) sent.push(mouth.socket.send(text, 694, "10.0.0.1"));
  await Promise.all(sent);
  await expect.poll(() => ears.heard.length, patience).toBe(1000);
});

test.each([
  ["an interface that is not there", { device: "eth9", groups: [] }, "ENODEV"],
  ["one that is not there, with a group", { device: "eth9", groups: [group] }, "ENODEV"],
  [
    "a group that is none",
    { device: "eth0", groups: [{ ...group, address: "10.0.0.1" }] },
    "EINVAL",
  ],
])("%s is refused by name, and no descriptor is left", (_, options, errno) => {
  const before = descriptors();
  const refused = host.inside(() => openUdpSocket({ port: 694, family: 4, ...options }));
  expect(refused).toMatchObject({ ok: false, error: { errno } });
  expect(descriptors()).toBe(before);
});

function descriptors(): number {
  return readdirSync("/proc/self/fd").length;
}

async function medium(place: Namespace, device: string, groups: readonly MulticastGroup[] = []) {
  const options = { device, port: 694, family: 4 as const, groups };
  const fd = valueOf(place.inside(() => openUdpSocket(options)));
  const heard: string[] = [];
  const socket = DgramAsPromised.createSocket("udp4", (bytes) => heard.push(bytes.toString()));
  open.push(socket);
  await socket.bind({ fd });
  return { socket, heard };
}
