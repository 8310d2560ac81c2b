/**
 * The socket of a medium: bound to one interface, deaf to what cannot be a heartbeat.
 */
import type { Result } from "../std/result.ts";
import { fail } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { ipBytes } from "./ip-text.ts";
import {
  AF_INET,
  IP_ADD_MEMBERSHIP,
  IP_MULTICAST_LOOP,
  IP_MULTICAST_TTL,
  IP_TOS,
  SO_BINDTODEVICE,
  SO_BROADCAST,
  SO_MEMINFO,
  SO_RCVBUF,
  SO_RCVBUFFORCE,
  SOCK_DGRAM,
  SOCK_OURS,
} from "./socket.ts";
import {
  attachFilter,
  bind,
  close,
  getOption,
  interfaceIndex,
  setOption,
  socket,
} from "./syscall.ts";

export interface UdpOptions {
  /** The interface. Nothing is received from, or sent to, another one. */
  readonly device: string;
  readonly port: number;
  readonly family: 4;
  /** To be joined. The kernel has one ttl and one loop for a socket: the widest given here. */
  readonly groups: readonly MulticastGroup[];
}

export interface MulticastGroup {
  readonly address: string;
  readonly ttl: number;
  readonly loop: boolean;
}

/**
 * Opens a socket that hears heartbeats sent to the port, whether to this host, to all or to one of
 * the groups.
 *
 * @returns the descriptor, for `bind({ fd })` of node:dgram, which owns it from then on
 */
export function openUdpSocket(options: UdpOptions): Result<number, Errno> {
  const opened = socket(AF_INET, SOCK_DGRAM | SOCK_OURS, 0);
  if (!opened.ok) return opened;
  const fault = prepare(opened.value, options);
  if (fault === undefined) return opened;
  close(opened.value);
  return fail(fault);
}

/**
 * How many datagrams the kernel has dropped since the socket was opened: those that cannot be
 * heartbeats, and those for which there was no room (include/uapi/linux/sock_diag.h
 * SK_MEMINFO_DROPS).
 */
export function droppedBy(fd: number): number {
  const read = getOption(fd, SO_MEMINFO, memoryInfo);
  return read.ok ? memoryInfo.readUInt32LE(SK_MEMINFO_DROPS * 4) : 0;
}

const SK_MEMINFO_DROPS = 8;
/** SK_MEMINFO_VARS numbers of 32 bits. */
const memoryInfo = Buffer.alloc(9 * 4);

/** What is said at once must not be lost: a thousand nodes' heartbeats. */
const RECEIVE_BUFFER = 1_048_576;
/** As the original's: low delay (RFC 1349), which Linux sends before everything else. */
const LOW_DELAY = 0x10;

type Step = () => Result<number, Errno>;

/**
 * The filter comes before the port: not one datagram gets past it. Without SO_REUSEADDR another
 * program that listens here already is found out; with it, the kernel would give each datagram to
 * one of the two only.
 */
function prepare(fd: number, options: UdpOptions): Errno | undefined {
  return firstFault([
    () => setOption(fd, SO_BINDTODEVICE, Buffer.from(`${options.device}\0`)),
    () => setOption(fd, SO_BROADCAST, 1),
    () => setOption(fd, IP_TOS, LOW_DELAY),
    () => enlarge(fd),
    () => attachFilter(fd, heartbeatsOnly),
    ...joins(fd, options),
    () => bind(fd, anyAddress(options.port)),
  ]);
}

function firstFault(steps: readonly Step[]): Errno | undefined {
  for (const step of steps) {
    const done = step();
    if (!done.ok) return done.error;
  }
  return undefined;
}

/** Only root goes beyond net.core.rmem_max. */
function enlarge(fd: number): Result<number, Errno> {
  const forced = setOption(fd, SO_RCVBUFFORCE, RECEIVE_BUFFER);
  return forced.ok ? forced : setOption(fd, SO_RCVBUF, RECEIVE_BUFFER);
}

function joins(fd: number, { device, groups }: UdpOptions): readonly Step[] {
  if (groups.length === 0) return [];
  const index = interfaceIndex(device);
  if (!index.ok) return [() => index];
  const ttl = Math.max(...groups.map((group) => group.ttl));
  const loop = groups.some((group) => group.loop);
  return [
    () => setOption(fd, IP_MULTICAST_TTL, ttl),
    () => setOption(fd, IP_MULTICAST_LOOP, loop ? 1 : 0),
    ...groups.map(
      ({ address }) =>
        () =>
          setOption(fd, IP_ADD_MEMBERSHIP, membership(address, index.value)),
    ),
  ];
}

/** include/uapi/linux/in.h struct ip_mreqn: the group, any address of ours, the interface. */
function membership(group: string, ifindex: number): Uint8Array {
  const bytes = Buffer.alloc(12);
  bytes.set(ipBytes(group), 0);
  bytes.writeInt32LE(ifindex, 8);
  return bytes;
}

/** include/uapi/linux/in.h struct sockaddr_in */
function anyAddress(port: number): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  return bytes;
}

/**
 * Lets through what begins as a heartbeat does, `>>>\n` or `###\n`. A flood of anything else ends in
 * the kernel. The program sees the UDP header first (net/ipv4/udp.c); a load from beyond the end
 * rejects the datagram.
 */
const heartbeatsOnly: Uint8Array = Buffer.concat([
  instruction(0x20, 0, 0, 8), // load the word at 8
  instruction(0x15, 1, 0, 0x3e3e3e0a), // equal: skip one
  instruction(0x15, 0, 1, 0x2323230a), // not equal: skip one
  instruction(0x06, 0, 0, 0xffff_ffff), // accept the whole datagram
  instruction(0x06, 0, 0, 0), // drop it
]);

/** include/uapi/linux/filter.h struct sock_filter */
export function instruction(
  code: number,
  ifTrue: number,
  ifFalse: number,
  operand: number,
): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifTrue, 2);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}
