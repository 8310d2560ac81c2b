/**
 * Sends Ethernet frames as they are (packet(7)).
 */
import type { Result } from "../std/result.ts";
import { ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { AF_PACKET, SO_SNDBUFFORCE, SOCK_OURS, SOCK_RAW } from "./socket.ts";
import { close, send, setOption, socket } from "./syscall.ts";

export interface PacketSocket {
  /**
   * Sends frames on the interface of that index, in their order, and gives up at the first that the
   * kernel does not take: what is wrong with one (the interface is down, the queue full) is wrong
   * with all. Never waits.
   *
   * @returns how many frames were sent: all
   */
  sendFrames(ifindex: number, frames: readonly Uint8Array[]): Result<number, Errno>;
  close(): void;
}

export function openPacketSocket(): Result<PacketSocket, Errno> {
  // Protocol 0: it receives nothing.
  const opened = socket(AF_PACKET, SOCK_RAW | SOCK_OURS, 0);
  if (!opened.ok) return opened;
  const fd = opened.value;
  setOption(fd, SO_SNDBUFFORCE, SEND_BUFFER);
  return ok({
    sendFrames(ifindex, frames) {
      for (const frame of frames) {
        const sent = send(fd, frame, linkAddress(ifindex, frame));
        if (!sent.ok) return sent;
      }
      return ok(frames.length);
    },
    close: () => close(fd),
  });
}

/** A thousand addresses are announced at once, in two frames each, of which each counts as 1 KiB. */
const SEND_BUFFER = 4_194_304;

/** include/uapi/linux/if_packet.h struct sockaddr_ll; the protocol is the frame's own EtherType. */
function linkAddress(ifindex: number, frame: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.set(frame.subarray(12, 14), 2);
  bytes.writeInt32LE(ifindex, 4);
  return bytes;
}
