import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { nodeName } from "../../../src/core/index.ts";
import type { Input } from "../../../src/core/index.ts";
import { openWhereabouts } from "../../../src/daemon/whereabouts.ts";
import { ipBytes } from "../../../src/linux/ip-text.ts";
import { AF_INET, SOCK_DGRAM, SOCK_OURS } from "../../../src/linux/socket.ts";
import { bind, close, send, socket } from "../../../src/linux/syscall.ts";
import type { ClosedPort } from "../../../src/linux/unreachable.ts";
import { watchClosedPorts } from "../../../src/linux/unreachable.ts";
import type { Namespace } from "./namespace.ts";
import { connect, createNamespace, patience, valueOf } from "./namespace.ts";

let host: Namespace;
let peer: Namespace;
const ends: (() => void)[] = [];

beforeAll(() => {
  host = createNamespace("host");
  peer = createNamespace("peer");
  connect(host, "eth0", peer, "eth0");
  host.ip("addr add 10.0.0.1/24 brd + dev eth0");
  for (const address of ["10.0.0.2", "10.0.0.3"]) peer.ip(`addr add ${address}/24 dev eth0`);
  // Each answer of the kernel counts: it says so six times at once, and then once a second.
  peer.run("sysctl", ["-qw", "net.ipv4.icmp_ratelimit=0"]);
});

afterEach(() => {
  for (const end of ends.splice(0)) end();
});

afterAll(() => {
  host.remove();
  peer.remove();
});

function addressOf(address: string, port: number): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(ipBytes(address), 4);
  return bytes;
}

function open(place: Namespace): number {
  const fd = place.inside(() => valueOf(socket(AF_INET, SOCK_DGRAM | SOCK_OURS, 0)));
  ends.push(() => close(fd));
  return fd;
}

function watch(): ClosedPort[] {
  const closed: ClosedPort[] = [];
  ends.push(host.inside(() => valueOf(watchClosedPorts((more) => closed.push(...more)))));
  return closed;
}

test("a closed port is told, an open one is not, and no datagram is lost by it", async () => {
  const closed = watch();
  const listener = open(peer);
  valueOf(bind(listener, addressOf("10.0.0.2", 700)));
  const ours = open(host);
  for (let count = 0; count < 3; count++) {
    for (const [address, port] of [
      ["10.0.0.2", 700],
      ["10.0.0.2", 694],
      ["10.0.0.3", 694],
    ] as const) {
      valueOf(send(ours, Buffer.from(">>>\nt=status\n"), addressOf(address, port)));
    }
  }
  await expect.poll(() => closed.length, patience).toBe(6);
  expect(closed).toContainEqual({ address: "10.0.0.2", port: 694 });
  expect(closed).toContainEqual({ address: "10.0.0.3", port: 694 });
  expect(closed.every(({ port }) => port === 694)).toBe(true);
});

test("a firewall that refuses says the same, and one that prohibits does not", async () => {
  const closed = watch();
  const listener = open(peer);
  valueOf(bind(listener, addressOf("0.0.0.0", 694)));
  peer.run("nft", [
    "add table inet fw; add chain inet fw input { type filter hook input priority 0; };" +
      "add rule inet fw input ip daddr 10.0.0.3 udp dport 694 reject with icmp admin-prohibited;" +
      "add rule inet fw input udp dport 694 reject",
  ]);
  ends.push(() => void peer.run("nft", ["delete table inet fw"]));
  const ours = open(host);
  for (const address of ["10.0.0.3", "10.0.0.2"]) {
    valueOf(send(ours, Buffer.from(">>>\n"), addressOf(address, 694)));
  }
  await expect.poll(() => closed, patience).toEqual([{ address: "10.0.0.2", port: 694 }]);
});

test("it is told of the node that was heard from there, and of no other", async () => {
  const inputs: Input[] = [];
  const whereabouts = host.inside(() => openWhereabouts((input) => inputs.push(input)));
  ends.push(() => whereabouts.close());
  const [alpha, beta] = [nodeName("alpha"), nodeName("beta")];
  whereabouts.heard("eth0", alpha, { address: "10.0.0.3", port: 700 });
  whereabouts.heard("eth0", beta, { address: "10.0.0.3", port: 694 });
  whereabouts.heard("eth1", beta, { address: "10.0.0.3", port: 694 });
  expect(whereabouts.of("eth0", [beta])).toEqual([{ address: "10.0.0.3", port: 694 }]);
  expect(whereabouts.of("eth2", [alpha, beta])).toEqual([]);
  whereabouts.heard("eth0", alpha, { address: "10.0.0.2", port: 700 });
  const ours = open(host);
  valueOf(send(ours, Buffer.from(">>>\n"), addressOf("10.0.0.3", 694)));
  await expect.poll(() => inputs, patience).toEqual([{ type: "unreachable", node: beta }]);
});

test("names that somebody makes up take no more than some room", () => {
  const whereabouts = host.inside(() => openWhereabouts(() => undefined));
  ends.push(() => whereabouts.close());
  const place = { address: "10.0.0.2", port: 694 };
  for (let count = 0; count < 2000; count++)
    whereabouts.heard("eth0", nodeName(`n${count}`), place);
  const nodes = Array.from({ length: 2000 }, (_, count) => nodeName(`n${count}`));
  expect(whereabouts.of("eth0", nodes)).toHaveLength(1024);
});
