/**
 * A program: a client that asks for every address as soon as another machine announces it, and again
 * until it is answered. Its argument is the family: 4 or 6. What was announced, asked and answered is
 * for a capture beside it to see.
 */
import type { AddressUse } from "../../src/linux/address-use.ts";
import { useOf } from "../../src/linux/address-use.ts";
import { encodeArpProbe } from "../../src/linux/arp.ts";
import { encodeAddressProbe } from "../../src/linux/ndp.ts";
import { openPacketSocket } from "../../src/linux/packet.ts";
import { openRtnetlink } from "../../src/linux/rtnetlink.ts";
import { AF_PACKET, SO_RCVBUFFORCE, SOCK_OURS, SOCK_RAW } from "../../src/linux/socket.ts";
import { bind, receive, setOption, socket, whenReadable } from "../../src/linux/syscall.ts";
import type { Result } from "../../src/std/result.ts";

const family = process.argv[2] === "6" ? 6 : 4;
const links = valueOf(valueOf(openRtnetlink()).links());
const eth0 = links.find(({ name }) => name === "eth0");
const packets = valueOf(openPacketSocket());
const fd = valueOf(socket(AF_PACKET, SOCK_RAW | SOCK_OURS, 0));
const buffer = Buffer.alloc(256);
/** By address, who announced it last. */
const announced = new Map<string, string>();
const unanswered = new Set<string>();
/** An IPv6 address is announced before the kernel has joined its multicast group. */
const AGAIN_MS = 10;

// A thousand announcements come at once.
setOption(fd, SO_RCVBUFFORCE, 16 * 1024 * 1024);
valueOf(bind(fd, everything()));
whenReadable(fd, () => {
  for (let got = receive(fd, buffer); got.ok; got = receive(fd, buffer)) {
    const use = useOf(buffer.subarray(0, got.value));
    if (use !== undefined) note(use);
  }
});
setInterval(() => {
  for (const address of unanswered) ask(address);
}, AGAIN_MS);
console.log("it asks");

function note({ address, mac }: AddressUse): void {
  if (announced.get(address) === mac) unanswered.delete(address);
  else {
    announced.set(address, mac);
    unanswered.add(address);
    ask(address);
  }
}

function ask(address: string): void {
  const { index = 0, mac = "" } = eth0 ?? {};
  const frame = family === 4 ? encodeArpProbe(mac, address) : encodeAddressProbe(mac, address);
  packets.sendFrames(index, [frame]);
}

/** include/uapi/linux/if_packet.h struct sockaddr_ll, of protocol ETH_P_ARP or ETH_P_IPV6 */
function everything(): Uint8Array {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.writeUInt16BE(family === 4 ? 0x0806 : 0x86dd, 2);
  return bytes;
}

function valueOf<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
