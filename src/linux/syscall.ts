/**
 * System calls. The only file that calls foreign functions; structures are bytes, composed by those
 * who call, with the kernel's header named there.
 *
 * Every call returns at once or is refused: descriptors are opened with {@link SOCK_OURS}.
 */
import koffi from "koffi";
import { fail, ok } from "../std/result.ts";
import type { Result } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { errnoOf } from "./errno.ts";
import type { SocketOption } from "./socket.ts";
import { SOCK_OURS } from "./socket.ts";

const libc = koffi.load(null);

interface Calls {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (fd: number, address: Uint8Array, length: number) => number;
  readonly sendto: (
    ...args: [
      fd: number,
      bytes: Uint8Array,
      length: number,
      flags: number,
      address: Uint8Array | null,
      addressLength: number,
    ]
  ) => number;
  readonly recv: (
    ...args: [fd: number, bytes: Uint8Array, length: number, flags: number]
  ) => number;
  readonly setsockopt: (
    ...args: [fd: number, level: number, option: number, value: Uint8Array, length: number]
  ) => number;
  readonly getsockopt: (
    ...args: [fd: number, level: number, option: number, value: Uint8Array, length: Uint32Array]
  ) => number;
  readonly attachFilter: (
    ...args: [
      fd: number,
      level: number,
      option: number,
      program: { readonly len: number; readonly filter: Uint8Array },
      length: number,
    ]
  ) => number;
  readonly close: (fd: number) => number;
  readonly ifNameToIndex: (name: string) => number;
  readonly clockGettime: (clock: number, time: Uint8Array) => number;
  readonly timerfdCreate: (clock: number, flags: number) => number;
  readonly timerfdSettime: (
    ...args: [fd: number, flags: number, value: Uint8Array, before: null]
  ) => number;
  readonly exit: (code: number) => void;
  readonly pipe2: (fds: Int32Array, flags: number) => number;
  readonly ioctl: (fd: number, request: number, argument: Int32Array) => number;
  readonly tcgetattr: (fd: number, termios: Uint8Array) => number;
  readonly tcsetattr: (fd: number, actions: number, termios: Uint8Array) => number;
  readonly tcflush: (fd: number, queue: number) => number;
  readonly cfmakeraw: (termios: Uint8Array) => void;
  readonly cfsetspeed: (termios: Uint8Array, speed: number) => number;
  readonly schedSetscheduler: (pid: number, policy: number, parameter: Int32Array) => number;
  readonly setpriority: (which: number, who: number, nice: number) => number;
  readonly mlock2: (start: bigint, length: bigint, flags: number) => number;
  readonly munlockall: () => number;
}

/** include/uapi/linux/filter.h struct sock_fprog: the one structure that holds a pointer. */
const sockFprog = koffi.struct("sock_fprog", { len: "uint16", filter: "const void *" });

const calls: Calls = {
  socket: libc.func("int socket(int, int, int)"),
  bind: libc.func("int bind(int, const void *, uint32)"),
  sendto: libc.func("long sendto(int, const void *, ulong, int, const void *, uint32)"),
  recv: libc.func("long recv(int, void *, ulong, int)"),
  setsockopt: libc.func("int setsockopt(int, int, int, const void *, uint32)"),
  getsockopt: libc.func("int getsockopt(int, int, int, void *, void *)"),
  attachFilter: libc.func("int setsockopt(int, int, int, const sock_fprog *, uint32)"),
  close: libc.func("int close(int)"),
  pipe2: libc.func("int pipe2(void *, int)"),
  ioctl: libc.func("int ioctl(int, ulong, void *)"),
  tcgetattr: libc.func("int tcgetattr(int, void *)"),
  tcsetattr: libc.func("int tcsetattr(int, int, const void *)"),
  tcflush: libc.func("int tcflush(int, int)"),
  cfmakeraw: libc.func("void cfmakeraw(void *)"),
  cfsetspeed: libc.func("int cfsetspeed(void *, uint32)"),
  schedSetscheduler: libc.func("int sched_setscheduler(int, int, const void *)"),
  setpriority: libc.func("int setpriority(int, uint32, int)"),
  mlock2: libc.func("int mlock2(uint64, uint64, uint32)"),
  munlockall: libc.func("int munlockall()"),
  ifNameToIndex: libc.func("uint32 if_nametoindex(const char *)"),
  clockGettime: libc.func("int clock_gettime(int, void *)"),
  timerfdCreate: libc.func("int timerfd_create(int, int)"),
  timerfdSettime: libc.func("int timerfd_settime(int, int, const void *, void *)"),
  exit: libc.func("void _exit(int)"),
};

/** @returns the descriptor */
export function socket(domain: number, type: number, protocol: number): Result<number, Errno> {
  return told("socket", calls.socket(domain, type, protocol));
}

/** @param address - a struct sockaddr of the socket's family */
export function bind(fd: number, address: Uint8Array): Result<number, Errno> {
  return told("bind", calls.bind(fd, address, address.length));
}

/**
 * @param address - a struct sockaddr; none sends to whom the socket speaks anyway
 * @returns how many bytes were sent
 */
export function send(fd: number, bytes: Uint8Array, address?: Uint8Array): Result<number, Errno> {
  const to = address ?? null;
  return told("send", calls.sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, to, to?.length ?? 0));
}

/**
 * Receives one datagram; what is longer than the buffer is cut off. `EAGAIN` when there is none.
 *
 * @returns how many bytes of the buffer were written
 */
export function receive(fd: number, buffer: Uint8Array): Result<number, Errno> {
  return told("recv", calls.recv(fd, buffer, buffer.length, 0));
}

/** @param value - a number stands for a C int */
export function setOption(
  fd: number,
  option: SocketOption,
  value: number | Uint8Array,
): Result<number, Errno> {
  const bytes = typeof value === "number" ? intBytes(value) : value;
  const returned = calls.setsockopt(fd, option.level, option.number, bytes, bytes.length);
  return told(`setsockopt ${option.name}`, returned);
}

/** @param into - filled with the option's value, as far as it reaches */
export function getOption(
  fd: number,
  option: SocketOption,
  into: Uint8Array,
): Result<number, Errno> {
  const length = Uint32Array.of(into.length);
  const returned = calls.getsockopt(fd, option.level, option.number, into, length);
  return told(`getsockopt ${option.name}`, returned);
}

/**
 * Sets a classic BPF program (include/uapi/linux/filter.h) that decides what the socket receives.
 *
 * @param program - struct sock_filter, 8 bytes an instruction; the kernel copies it
 */
export function attachFilter(fd: number, program: Uint8Array): Result<number, Errno> {
  const fprog = { len: program.length / 8, filter: program };
  const returned = calls.attachFilter(fd, SOL_SOCKET, SO_ATTACH_FILTER, fprog, sockFprog.size);
  return told("setsockopt SO_ATTACH_FILTER", returned);
}

/** The descriptor is gone afterwards, whatever close(2) says. */
export function close(fd: number): void {
  calls.close(fd);
}

/** @returns the index of the interface, from 1 */
export function interfaceIndex(name: string): Result<number, Errno> {
  const index = calls.ifNameToIndex(name);
  return told("if_nametoindex", index === 0 ? -1 : index);
}

/** clock_gettime(2): writes a struct timespec of two 64-bit numbers. Cannot fail for a clock that exists. */
export function readClock(clock: number, timespec: Uint8Array): Result<number, Errno> {
  return told("clock_gettime", calls.clockGettime(clock, timespec));
}

/** timerfd_create(2). @returns a descriptor that is readable when the timer has gone off */
export function createTimer(clock: number): Result<number, Errno> {
  return told("timerfd_create", calls.timerfdCreate(clock, SOCK_OURS));
}

/** timerfd_settime(2). @param moment - a struct itimerspec, of the timer's clock */
export function setTimer(fd: number, moment: Uint8Array): void {
  calls.timerfdSettime(fd, TFD_TIMER_ABSTIME, moment, null);
}

/** pipe2(2). @returns the reading and the writing end */
export function pipe(flags: number): Result<readonly [number, number], Errno> {
  const fds = new Int32Array(2);
  const made = told("pipe2", calls.pipe2(fds, flags));
  return made.ok ? ok([fds[0] ?? -1, fds[1] ?? -1]) : made;
}

/**
 * ioctl(2) of one int.
 *
 * @param value - what is given, and what comes back
 */
export function ioctl(
  fd: number,
  { name, number }: { readonly name: string; readonly number: number },
  value: Int32Array,
): Result<number, Errno> {
  return told(`ioctl ${name}`, calls.ioctl(fd, number, value));
}

/** @param termios - room for glibc's struct termios */
export function getTerminal(fd: number, termios: Uint8Array): Result<number, Errno> {
  return told("tcgetattr", calls.tcgetattr(fd, termios));
}

export function setTerminal(fd: number, termios: Uint8Array): Result<number, Errno> {
  return told("tcsetattr", calls.tcsetattr(fd, TCSANOW, termios));
}

/** What was received and not read is forgotten. */
export function flushInput(fd: number): void {
  calls.tcflush(fd, TCIFLUSH);
}

/** Changes the struct alone: eight bits, nothing is translated. @param speed - a constant `B…` */
export function makeRaw(termios: Uint8Array, speed: number): void {
  calls.cfmakeraw(termios);
  calls.cfsetspeed(termios, speed);
}

/** sched_setscheduler(2). @param thread - 0: the one that calls */
export function setScheduler(
  thread: number,
  policy: number,
  priority: number,
): Result<number, Errno> {
  const returned = calls.schedSetscheduler(thread, policy, Int32Array.of(priority));
  return told("sched_setscheduler", returned);
}

/** setpriority(2). @param thread - 0: the one that calls @param nice - -20 to 19 */
export function setNice(thread: number, nice: number): Result<number, Errno> {
  return told("setpriority", calls.setpriority(PRIO_PROCESS, thread, nice));
}

/** mlock2(2): what is in memory stays there, what is not does so once it is read. */
export function lockMemory(start: bigint, length: bigint): Result<number, Errno> {
  return told("mlock2", calls.mlock2(start, length, MLOCK_ONFAULT));
}

export function unlockMemory(): void {
  calls.munlockall();
}

/** Ends the process at once: no handler, no destructor and no pending call can delay it. */
export function exitNow(code: number): void {
  calls.exit(code);
}

/**
 * Calls `onReadable` from the event loop while there is something to receive: again and again, until
 * it was received. Costs nothing while nothing comes, and no thread. Does not keep the process from
 * ending: what a resource leaves running may hold its pipe for ever.
 *
 * @returns ends it. To be called before the descriptor is closed.
 */
export function whenReadable(fd: number, onReadable: () => void): () => void {
  const handle = koffi.node.poll(fd, { readable: true }, () => onReadable());
  handle.unref();
  return () => {
    handle.stop();
    handle.close();
  };
}

/** include/uapi/linux/timerfd.h */
const TFD_TIMER_ABSTIME = 1;
/** include/uapi/asm-generic/termbits-common.h */
const TCSANOW = 0;
const TCIFLUSH = 0;
/** include/uapi/linux/resource.h: of a thread, not of all (NPTL; setpriority(2)) */
const PRIO_PROCESS = 0;
/** include/uapi/asm-generic/mman-common.h */
const MLOCK_ONFAULT = 1;
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;
/** A peer that has gone is an errno, not a signal that ends the process. */
const MSG_NOSIGNAL = 0x4000;

function told(call: string, returned: number): Result<number, Errno> {
  return returned < 0 ? fail(errnoOf(call, koffi.errno())) : ok(returned);
}

function intBytes(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
