/**
 * How long the kernel keeps the virtual IPs of this node by itself: whole seconds, after which it
 * removes them (IFA_CACHEINFO, include/uapi/linux/if_addr.h).
 *
 * Behind nftables it is the second fence, a little longer than the lease and not renewed each time:
 * should the table be lost together with the daemon, the addresses go soon too. Without nftables it
 * is the only one, and as close to the lease as whole seconds allow.
 */
import type { AddressKey, Errno, Link, Placement, Rtnetlink } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import { ok } from "../std/result.ts";
import type { Instant } from "../std/time.ts";
import { instant, never } from "../std/time.ts";

/** What lifetimes are: the only fence there is, the second behind nftables, or not wanted. */
export type Fence = "only" | "second" | "none";

export interface Lifetimes {
  /** Those that have an end get the right one with the next renewal, or lose it at once. */
  use(fence: Fence): void;
  /** @returns one result for each, in the same order */
  add(placements: readonly Placement[]): readonly Result<"added", Errno>[];
  /** @param keys - what the kernel has of them. @returns one result for each key, in the same order */
  remove(
    addresses: readonly string[],
    keys: readonly AddressKey[],
  ): readonly Result<"removed" | "absent", Errno>[];
  /** Lets them live until then, and somewhat longer. Those that do already are left alone. */
  renew(until: Instant): void;
  /** They are to be silent, and are still held: those that would answer are taken away. */
  suspend(): void;
}

export interface LifetimesOptions {
  readonly rtnetlink: Pick<Rtnetlink, "addAddresses" | "removeAddresses" | "promote" | "demote">;
  readonly links: () => readonly Link[];
  readonly now: () => Instant;
}

export function openLifetimes(options: LifetimesOptions): Lifetimes {
  const { rtnetlink, now } = options;
  const held = new Map<string, Held>();
  const promotion = openPromotion(options);
  let fence: Fence = "none";
  let until: Instant | undefined;
  /** How much longer than the lease they live, where they are the second fence. */
  let more = SECOND_MORE;
  let renewedAt = now();

  const put = (all: readonly Held[]): readonly Result<"added", Errno>[] => {
    const left = until === undefined ? 0 : until - now();
    // They would answer: they come with the lease.
    if (fence === "only" && left <= 0) return all.map(() => ok("added"));
    const seconds = left > 0 ? secondsFor(fence, left, more) : undefined;
    const placements = all.map(({ placement }) => placement);
    if (seconds !== undefined) promotion.wantedFor(placements);
    const end = seconds === undefined ? never : instant(now() + seconds * 1000);
    for (const each of all) each.end = end;
    return rtnetlink.addAddresses(placements, seconds);
  };
  const suspend = (): void => {
    if (until === undefined || fence === "none") return;
    until = undefined;
    const all = [...held.values()];
    // Silent as they are by the first fence they may stay: gone they would have to be put back.
    if (fence === "second") put(all);
    else rtnetlink.removeAddresses(all.map(({ placement }) => placement));
  };

  return {
    use(next) {
      fence = next;
      if (next !== "none") return;
      until = undefined;
      put([...held.values()]);
    },
    add(placements) {
      const all = placements.map((placement) => ({ placement, end: never }));
      for (const each of all) held.set(each.placement.address, each);
      more = moreFor([...held.values()]);
      return put(all);
    },
    remove(addresses, keys) {
      for (const address of addresses) held.delete(address);
      more = moreFor([...held.values()]);
      const results = rtnetlink.removeAddresses(keys);
      promotion.wantedOnlyFor([...held.values()].map(({ placement }) => placement));
      return results;
    },
    renew(next) {
      until = next;
      const [before, from] = [renewedAt, now()];
      renewedAt = from;
      if (fence === "none" || next <= from) return;
      const wanted = { fence, until: next, left: more - LEAST_SECONDS };
      const most = Math.max(MOST_MS, 2 * SHARE * (from - before));
      renewDue([...held.values()], wanted, { put, isOver: () => now() - from >= most });
    },
    suspend,
  };
}

interface Held {
  readonly placement: Placement;
  /** When the kernel removes it. */
  end: Instant;
}

/**
 * By how many seconds the second fence outlives the lease: as short as can be, for should the table be
 * lost together with the daemon, nothing else silences the addresses; and long enough that it need not
 * be renewed with every lease, and that renewals take no more than {@link SHARE} of a processor.
 */
const SECOND_MORE = 2;
/** An address is not renewed again before so many have passed. */
const LEAST_SECONDS = 1;
const SHARE = 0.01;

function moreFor(all: readonly Held[]): number {
  const six = all.filter(({ placement }) => placement.family === 6).length;
  const work = (all.length - six) * WORK_MS[4] + six * six * WORK_MS[6];
  return Math.max(SECOND_MORE, LEAST_SECONDS + Math.ceil(work / SHARE / 1000));
}

/**
 * What one takes the kernel, in milliseconds, by Linux 6.18: of IPv6 for each that there is, for with
 * every address all multicast groups of the interface are joined again (net/ipv6/addrconf.c
 * ipv6_find_idev).
 */
const WORK_MS = { 4: 0.01, 6: 0.0003 } as const;

/** A heartbeat must not wait for a thousand of them; rare ones can wait longer. */
const MOST_MS = 2;
const SLICE = 10;

/** @param more - where they are the second fence */
function secondsFor(fence: Fence, leaseMs: number, more: number): number | undefined {
  if (fence === "none") return undefined;
  const whole = Math.max(Math.ceil(leaseMs / 1000), 1);
  return fence === "only" ? whole : whole + more;
}

interface Wanted {
  readonly fence: Fence;
  readonly until: Instant;
  /** When so many seconds of the second fence are left behind the lease, it is renewed. */
  readonly left: number;
}

/** Whether it would go too early, or, where nothing else ends it, too late. */
function isDue(end: Instant, { fence, until, left }: Wanted): boolean {
  if (fence === "only") return end < until || end >= until + 1000;
  return end === never || end < until + left * 1000;
}

/** Whether it cannot wait for the next turn: it would go before the lease ends. */
function isUrgent(end: Instant, { fence, until }: Wanted): boolean {
  return fence === "only" || end < until;
}

interface Renewing {
  readonly put: (some: readonly Held[]) => unknown;
  /** What can wait waits for the next turn. */
  readonly isOver: () => boolean;
}

function renewDue(all: readonly Held[], wanted: Wanted, { put, isOver }: Renewing): void {
  const due = all.filter(({ end }) => isDue(end, wanted));
  put(due.filter(({ end }) => isUrgent(end, wanted)));
  // Those that were urgent have a new end.
  const rest = due.filter(({ end }) => isDue(end, wanted));
  for (let at = 0; at < rest.length && !isOver(); at += SLICE) put(rest.slice(at, at + SLICE));
}

interface Promotion {
  wantedFor(placements: readonly Placement[]): void;
  wantedOnlyFor(placements: readonly Placement[]): void;
}

/** An address that expires must not take along those that are secondary to it: see linux/promote.ts. */
function openPromotion({ rtnetlink, links }: LifetimesOptions): Promotion {
  const known = new Set<number>();
  const changed = new Set<number>();
  return {
    wantedFor(placements) {
      const indices = indicesOf(placements);
      if ([...indices].every((index) => known.has(index))) return;
      const some = links().filter(({ index }) => indices.has(index) && !known.has(index));
      for (const index of rtnetlink.promote(some)) changed.add(index);
      for (const { index } of some) known.add(index);
    },
    wantedOnlyFor(placements) {
      const indices = indicesOf(placements);
      const idle = [...known].filter((index) => !indices.has(index));
      for (const index of idle) known.delete(index);
      rtnetlink.demote(idle.filter((index) => changed.delete(index)));
    },
  };
}

function indicesOf(placements: readonly Placement[]): Set<number> {
  return new Set(placements.filter(({ family }) => family === 4).map(({ ifindex }) => ifindex));
}
