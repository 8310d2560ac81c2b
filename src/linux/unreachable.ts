/**
 * Hears that a host refuses what was sent to one of its ports: nobody listens there. ICMP destination
 * unreachable, port unreachable (RFC 792, RFC 1122 §3.2.2.1, icmp(7), raw(7)).
 *
 * By a raw socket, and not by the socket that was sent by: with IP_RECVERR (ip(7)) a pending error is
 * the answer to its next send, and that datagram is not sent.
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { checksum, IPPROTO_ICMP } from "./icmp.ts";
import { AF_INET, SOCK_OURS, SOCK_RAW } from "./socket.ts";
import { attachFilter, close, receive, socket, whenReadable } from "./syscall.ts";
import { instruction } from "./udp-socket.ts";

/** A port at which nobody listens, of a host that said so itself. */
export interface ClosedPort {
  /** A dotted quad. */
  readonly address: string;
  readonly port: number;
}

/**
 * Opens a socket for all that this host is told of closed UDP ports, whoever sent to them.
 *
 * @param onClosed - called from the event loop; nothing in it is signed
 * @returns ends it
 */
export function watchClosedPorts(
  onClosed: (closed: readonly ClosedPort[]) => void,
): Result<() => void, Errno> {
  const opened = socket(AF_INET, SOCK_RAW | SOCK_OURS, IPPROTO_ICMP);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const filtered = attachFilter(fd, portUnreachableOnly);
  if (!filtered.ok) {
    close(fd);
    return fail(filtered.error);
  }
  const stop = whenReadable(fd, () => onClosed(drain(fd)));
  return ok(() => {
    stop();
    close(fd);
  });
}

/**
 * @param packet - as a raw socket has it: with the IP header
 * @returns undefined for everything else, what is cut off, or has a wrong checksum; and for what is
 *   said by another host than the one that was sent to, a router or a firewall before it
 */
export function decodePortUnreachable(packet: Uint8Array): ClosedPort | undefined {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
  const message = payloadOf(bytes);
  if (message === undefined || bytes[9] !== IPPROTO_ICMP || message.length < HEADER)
    return undefined;
  if (message.readUInt16BE(0) !== PORT_UNREACHABLE || checksum(message) !== 0) return undefined;
  const quoted = message.subarray(HEADER);
  const start = headerLength(quoted);
  if (start === undefined || quoted.length < start + UDP_PORTS || quoted[9] !== IPPROTO_UDP) {
    return undefined;
  }
  // Who says so, and who was sent to.
  if (bytes.readUInt32BE(12) !== quoted.readUInt32BE(16)) return undefined;
  return { address: quoted.subarray(16, 20).join("."), port: quoted.readUInt16BE(start + 2) };
}

/** Type 3, code 3. */
const PORT_UNREACHABLE = 0x0303;
const IPPROTO_UDP = 17;
/** Of the ICMP message: type, code, checksum, unused. */
const HEADER = 8;
/** Without options. */
const IP_HEADER = 20;
/** Of the UDP header: source and destination. */
const UDP_PORTS = 4;

function headerLength(bytes: Buffer): number | undefined {
  const [first] = bytes;
  if (first === undefined || first >>> 4 !== 4 || bytes.length < IP_HEADER) return undefined;
  const length = (first & 0xf) * 4;
  return length < IP_HEADER || length > bytes.length ? undefined : length;
}

function payloadOf(bytes: Buffer): Buffer | undefined {
  const start = headerLength(bytes);
  if (start === undefined) return undefined;
  const end = bytes.readUInt16BE(2);
  return end < start || end > bytes.length ? undefined : bytes.subarray(start, end);
}

/** It quotes at most as much of what was sent as fits into 576 bytes (RFC 1812 §4.3.2.3). */
const buffer = Buffer.alloc(1024);
/** A flood does not keep the loop: what is left is readable still. */
const MOST_AT_ONCE = 64;

function drain(fd: number): readonly ClosedPort[] {
  const closed: ClosedPort[] = [];
  for (let count = 0; count < MOST_AT_ONCE; count++) {
    const received = receive(fd, buffer);
    if (!received.ok) break;
    const port = decodePortUnreachable(buffer.subarray(0, received.value));
    if (port !== undefined) closed.push(port);
  }
  return closed;
}

const portUnreachableOnly: Uint8Array = Buffer.concat([
  instruction(0xb1, 0, 0, 0), // x: the length of the IP header
  instruction(0x48, 0, 0, 0), // load the half word at x: type and code
  instruction(0x15, 0, 3, PORT_UNREACHABLE), // not equal: skip three
  instruction(0x50, 0, 0, HEADER + 9), // load the byte at x + 17: the protocol that was sent by
  instruction(0x15, 0, 1, IPPROTO_UDP), // not equal: skip one
  instruction(0x06, 0, 0, 0xffff_ffff), // accept the whole packet
  instruction(0x06, 0, 0, 0), // drop it
]);
