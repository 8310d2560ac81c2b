/**
 * Looks at interfaces and addresses, adds and removes addresses.
 *
 * Synchronous: a call returns when the kernel has done it, or has said why not.
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { AddressKey, KernelAddress, Placement } from "./address.ts";
import { addRequest, addressDump, decodeAddress, removeRequest } from "./address.ts";
import type { Errno } from "./errno.ts";
import { errnoOf } from "./errno.ts";
import type { Link } from "./link.ts";
import { decodeLink, linkDump } from "./link.ts";
import { forgetNeighbourRequest } from "./neighbour.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";
import { dump, openRequestSocket, perform } from "./netlink-socket.ts";
import type { NetlinkMessage, Request } from "./netlink.ts";
import { promoteRequest } from "./promote.ts";
import { close } from "./syscall.ts";

export interface Rtnetlink {
  links(): Result<readonly Link[], Errno>;
  addresses(): Result<readonly KernelAddress[], Errno>;
  /**
   * Adds addresses in the order given. One that exists is adopted: renewed, and marked as ours.
   * Whether it existed, a look before tells.
   *
   * @param validSeconds - whole seconds after which the kernel removes them; left out: never
   * @returns one result for each, in the same order
   */
  addAddresses(
    placements: readonly Placement[],
    validSeconds?: number,
  ): readonly Result<"added", Errno>[];
  /**
   * Removes addresses, the last of the list first, and no others with them: see promote.ts. The kernel
   * lists what is secondary behind its primary, and for a primary that goes before its secondaries it
   * makes the routes of all of them anew: of a thousand that takes a second.
   *
   * @returns one result for each, in the same order; what is not there was removed already
   */
  removeAddresses(keys: readonly AddressKey[]): readonly Result<"removed" | "absent", Errno>[];
  /**
   * Has interfaces keep what is secondary to an IPv4 address when that goes, by itself or not.
   *
   * @returns the indices of those that did not do so before: for `demote`
   */
  promote(links: readonly Link[]): readonly number[];
  /** Takes that back. */
  demote(indices: readonly number[]): void;
  /** Drops what waits to be sent to an IPv4 address until ARP has found it: see neighbour.ts. */
  forgetNeighbour(ifindex: number, address: string): void;
  close(): void;
}

export function openRtnetlink(): Result<Rtnetlink, Errno> {
  const opened = openRequestSocket();
  if (!opened.ok) return opened;
  const link = opened.value;
  return ok({
    links: () => list(link, linkDump, decodeLink),
    addresses: () => list(link, addressDump, decodeAddress),
    addAddresses: (placements, validSeconds) =>
      perform(
        link,
        placements.map((placement) => addRequest(placement, validSeconds)),
      ).map(added),
    removeAddresses(keys) {
      const changed = promote(link, linksOf(link, keys));
      const results = perform(link, keys.toReversed().map(removeRequest)).map(removed);
      demote(link, changed);
      return results.toReversed();
    },
    promote: (links) => promote(link, links),
    demote: (indices) => demote(link, indices),
    // What the kernel does not know it need not forget.
    forgetNeighbour: (ifindex, address) =>
      void perform(link, [forgetNeighbourRequest(ifindex, address)]),
    close: () => close(link.fd),
  });
}

function list<T>(
  link: NetlinkSocket,
  request: Request,
  decode: (message: NetlinkMessage) => T | undefined,
): Result<readonly T[], Errno> {
  const dumped = dump(link, request);
  if (!dumped.ok) return dumped;
  return ok(dumped.value.map(decode).filter((each) => each !== undefined));
}

function promote(link: NetlinkSocket, links: readonly Link[]): readonly number[] {
  const idle = links.filter(({ promotes }) => !promotes).map(({ index }) => index);
  // What cannot be set, on an interface that has gone, need not be.
  perform(
    link,
    idle.map((index) => promoteRequest(index, true)),
  );
  return idle;
}

function demote(link: NetlinkSocket, indices: readonly number[]): void {
  perform(
    link,
    indices.map((index) => promoteRequest(index, false)),
  );
}

/** The interfaces on which IPv4 addresses are to be removed. */
function linksOf(link: NetlinkSocket, keys: readonly AddressKey[]): readonly Link[] {
  const indices = new Set(keys.filter(({ family }) => family === 4).map(({ ifindex }) => ifindex));
  if (indices.size === 0) return [];
  const links = list(link, linkDump, decodeLink);
  return links.ok ? links.value.filter(({ index }) => indices.has(index)) : [];
}

function added(answer: Result<number, Errno>): Result<"added", Errno> {
  if (!answer.ok) return answer;
  return answer.value === 0 ? ok("added") : fail(errnoOf("RTM_NEWADDR", answer.value));
}

function removed(answer: Result<number, Errno>): Result<"removed" | "absent", Errno> {
  if (!answer.ok) return answer;
  if (answer.value === 0) return ok("removed");
  const error = errnoOf("RTM_DELADDR", answer.value);
  return absences.has(error.errno) ? ok("absent") : fail(error);
}

/** No such address; no such interface; an interface without IPv6 or IPv4. */
const absences: ReadonlySet<string> = new Set(["EADDRNOTAVAIL", "ENODEV", "ENXIO"]);
