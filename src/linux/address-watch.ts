/**
 * Watches which machines use addresses (packet(7)): of ARP and neighbour discovery, what concerns
 * them. Everything else ends in the kernel and costs nobody a turn.
 *
 * The sockets are bound to no interface: one that goes down is an error of those that are bound to
 * it, upon which libuv stops watching a descriptor. The program that filters knows the interfaces.
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { AddressPlace } from "./address-use-filter.ts";
import { coarseFilter, exactFilter } from "./address-use-filter.ts";
import type { AddressUse } from "./address-use.ts";
import { useOf } from "./address-use.ts";
import type { Errno } from "./errno.ts";
import { AF_PACKET, SOCK_OURS, SOCK_RAW } from "./socket.ts";
import { attachFilter, bind, close, receive, socket, whenReadable } from "./syscall.ts";

export interface AddressWatch {
  /**
   * From now on these addresses, and no others. Without any nothing is open.
   *
   * @returns why the kernel refused; then nothing is watched until it is asked again
   */
  watch(places: readonly AddressPlace[]): Result<number, Errno>;
  close(): void;
}

/** @param onUse - called from the event loop; at most some 6,000 times a second, whatever comes in */
export function openAddressWatch(onUse: (use: AddressUse) => void): AddressWatch {
  const families = [newListener(4, onUse), newListener(6, onUse)];
  return {
    watch(places) {
      for (const listener of families) {
        const listening = listener.listen(
          places.filter(({ family }) => family === listener.family),
        );
        if (!listening.ok) return listening;
      }
      return ok(places.length);
    },
    close() {
      for (const listener of families) listener.close();
    },
  };
}

interface Listener {
  readonly family: 4 | 6;
  listen(places: readonly AddressPlace[]): Result<number, Errno>;
  close(): void;
}

interface Open {
  readonly fd: number;
  stopReading: () => void;
}

function newListener(family: 4 | 6, onUse: (use: AddressUse) => void): Listener {
  let open: Open | undefined;
  const closeIt = (): void => {
    open?.stopReading();
    if (open !== undefined) close(open.fd);
    open = undefined;
  };
  return {
    family,
    listen(places) {
      if (places.length === 0) {
        closeIt();
        return ok(0);
      }
      if (open !== undefined) return attach(open.fd, family, places);
      const opened = openListening(family, places);
      if (!opened.ok) return opened;
      const fd = opened.value;
      const listening: Open = { fd, stopReading: () => undefined };
      read(listening, onUse);
      open = listening;
      return ok(places.length);
    },
    close: closeIt,
  };
}

/** Filtered before it is bound, and deaf until then: nothing else is ever in its queue. */
function openListening(family: 4 | 6, places: readonly AddressPlace[]): Result<number, Errno> {
  const opened = socket(AF_PACKET, SOCK_RAW | SOCK_OURS, 0);
  if (!opened.ok) return opened;
  const fd = opened.value;
  for (const prepare of [() => attach(fd, family, places), () => bind(fd, anyInterface(family))]) {
    const prepared = prepare();
    if (prepared.ok) continue;
    close(fd);
    return fail(prepared.error);
  }
  return opened;
}

/** The kernel has so much memory for a program (net.core.optmem_max), and may refuse a long one. */
function attach(fd: number, family: 4 | 6, places: readonly AddressPlace[]): Result<number, Errno> {
  const exact = exactFilter(family, places);
  const attached = exact === undefined ? undefined : attachFilter(fd, exact);
  return attached?.ok === true ? attached : attachFilter(fd, coarseFilter(family, places));
}

/** include/uapi/linux/if_packet.h struct sockaddr_ll, of protocol ETH_P_ARP or ETH_P_IPV6 */
function anyInterface(family: 4 | 6): Uint8Array {
  const bytes = Buffer.alloc(20);
  bytes.writeUInt16LE(AF_PACKET, 0);
  bytes.writeUInt16BE(family === 4 ? 0x0806 : 0x86dd, 2);
  return bytes;
}

/** Longer than any frame that says who uses an address: what is cut off is none. */
const buffer = Buffer.alloc(256);
/** What comes faster than so many in so long is a flood: the rest is dropped by the kernel. */
const MOST_AT_ONCE = 64;
const REST_MS = 10;

function read(open: Open, onUse: (use: AddressUse) => void): void {
  const stop = whenReadable(open.fd, () => {
    if (!isDrained(open.fd, onUse)) rest(open, onUse);
  });
  open.stopReading = stop;
}

function rest(open: Open, onUse: (use: AddressUse) => void): void {
  open.stopReading();
  const timer = setTimeout(() => read(open, onUse), REST_MS).unref();
  open.stopReading = () => clearTimeout(timer);
}

function isDrained(fd: number, onUse: (use: AddressUse) => void): boolean {
  for (let count = 0; count < MOST_AT_ONCE; count++) {
    const received = receive(fd, buffer);
    if (!received.ok) return true;
    const use = useOf(buffer.subarray(0, received.value));
    if (use !== undefined) onUse(use);
  }
  return false;
}
