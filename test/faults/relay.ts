/**
 * A program: a long way between two interfaces. Whatever frame comes in at the one goes out at the
 * other, so many milliseconds later. Arguments: interface, interface, milliseconds.
 */
import { AF_PACKET, SOCK_OURS, SOCK_RAW } from "../../src/linux/socket.ts";
import {
  bind,
  interfaceIndex,
  receive,
  send,
  setOption,
  socket,
  whenReadable,
} from "../../src/linux/syscall.ts";

/** include/uapi/linux/if_ether.h ETH_P_ALL, in the network's byte order. */
const ALL_PROTOCOLS = 0x0300;
/** include/uapi/linux/if_packet.h: what this socket sends is not received by it. */
const IGNORE_OUTGOING = { name: "PACKET_IGNORE_OUTGOING", level: 263, number: 23 };
/** No frame of the lab is longer. */
const FRAME_MAX = 65_536;

const [one = "", other = "", delay = ""] = process.argv.slice(2);
const [first, second] = [open(one), open(other)];
join(first, second);
join(second, first);
console.log("ready");
// Sockets of our own do not keep a process alive.
setInterval(() => undefined, 60_000);

function open(device: string): number {
  const index = valueOf(interfaceIndex(device));
  const fd = valueOf(socket(AF_PACKET, SOCK_RAW | SOCK_OURS, 0));
  valueOf(setOption(fd, IGNORE_OUTGOING, 1));
  // include/uapi/linux/if_packet.h struct sockaddr_ll
  const address = Buffer.alloc(20);
  address.writeUInt16LE(AF_PACKET, 0);
  address.writeUInt16LE(ALL_PROTOCOLS, 2);
  address.writeInt32LE(index, 4);
  valueOf(bind(fd, address));
  return fd;
}

function join(from: number, to: number): void {
  const buffer = Buffer.alloc(FRAME_MAX);
  whenReadable(from, () => {
    for (;;) {
      const received = receive(from, buffer);
      if (!received.ok) return;
      const frame = Buffer.from(buffer.subarray(0, received.value));
      setTimeout(() => send(to, frame), Number(delay));
    }
  });
}

function valueOf(result: { ok: true; value: number } | { ok: false; error: unknown }): number {
  if (!result.ok) throw new Error(`the relay failed: ${JSON.stringify(result.error)}`);
  return result.value;
}
