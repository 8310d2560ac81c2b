/**
 * The lease: by it the kernel lets this node answer for its addresses, and falls silent by itself
 * when nobody renews it.
 *
 * Until when it may answer is always a moment of the daemon's clock. The kernel takes a length, which
 * is worked out right before it is told, and the clock is read again when it has been: what is
 * frozen in between must not prolong a lease by as long as it was frozen. A renewal cannot: by then
 * the lease has run out, and the kernel refuses. A lease that is granted could, and is ended at once.
 */
import { leaseKind, noLease } from "../control/index.ts";
import type { LeaseKind } from "../core/index.ts";
import type { AddressKey, Errno, Link, Placement, Rtnetlink } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import { fail } from "../std/result.ts";
import type { Instant, Millis } from "../std/time.ts";
import { after } from "../std/time.ts";
import type { Guard, GuardOptions } from "./guard.ts";
import { openGuard, RAN_OUT } from "./guard.ts";
import type { Lifetimes } from "./lifetimes.ts";
import { openLifetimes } from "./lifetimes.ts";

export interface Leases {
  /** What the kernel has for it. */
  readonly kind: LeaseKind;
  /** Begins a lease. @returns why not, if it could not */
  grant(until: Instant): string | undefined;
  /** Prolongs one that has not run out. @returns why not, if it could not */
  renew(until: Instant): string | undefined;
  /** Ends it at once: the addresses stay held, and answer nobody. */
  revoke(): void;
  /** Adds addresses that answer by the lease alone. @returns one result for each, in their order */
  add(placements: readonly Placement[]): readonly Result<"added", Errno>[];
  /**
   * Holds these addresses no longer, whether the kernel has them or not.
   *
   * @param keys - what the kernel has of them
   * @returns one result for each key, in the same order
   */
  remove(
    addresses: readonly string[],
    keys: readonly AddressKey[],
  ): readonly Result<"removed" | "absent", Errno>[];
  /** The interfaces may have changed. */
  look(links: readonly Link[]): void;
  /** The files were read anew. */
  reconfigure(times: LeaseTimes): void;
  /** Leaves nothing of it in the kernel. To be called when the addresses are removed. */
  end(): void;
}

export interface LeaseTimes {
  /** For how long the kernel lets this node answer; undefined: no lease is wanted. */
  readonly lease: Millis | undefined;
  readonly deadtime: Millis;
}

export interface LeaseOptions extends LeaseTimes, GuardOptions {
  readonly rtnetlink: Pick<Rtnetlink, "addAddresses" | "removeAddresses" | "promote" | "demote">;
}

/** How often a moment is told to the kernel until it comes through in time. */
const TRIES = 3;
/** Of what may pass: by more it is not late, if that is to be had (see core/unreachable.ts). */
const EXACT = 1 / 4;

export function openLeases(options: LeaseOptions): Leases {
  const { now, inherited } = options;
  const guard = openGuard(options);
  const lifetimes = openLifetimes({ ...options, links: () => guard.links });
  let times: LeaseTimes = options;
  let kind = begin({ times, guard, lifetimes });
  let until = kind.mechanism === "nftables" ? inherited?.until : undefined;

  const revoke = (): void => {
    until = undefined;
    guard.revoke();
    lifetimes.suspend();
  };
  const put = (how: "grant" | "renew", next: Instant, tries = TRIES): string | undefined => {
    if (kind.mechanism === "none") return undefined;
    const from = now();
    if (next <= from || (how === "renew" && (until === undefined || until <= from))) return RAN_OUT;
    const fault = kind.mechanism === "nftables" ? guard[how](next) : undefined;
    if (fault !== undefined) return fault;
    const took = now() - from;
    const isInTime = took <= patience(times);
    // A busy machine: what is left of it is told again, shorter by as much as that took.
    const isTold = kind.mechanism === "nftables" && tries > 1 && now() < next;
    const isExact = took <= patience(times) * EXACT;
    if (isInTime && (isExact || !isTold)) lifetimes.renew(next);
    // By lifetimes alone whole seconds begin with the call: one that ends too late is taken back.
    if (isInTime && (isExact || !isTold) && now() < next) {
      until = next;
      return undefined;
    }
    if (!isTold) revoke();
    else until = next;
    return isTold ? put("renew", next, tries - 1) : tooLate(now() - from);
  };

  return {
    get kind() {
      return kind;
    },
    grant: (next) => put("grant", next),
    renew: (next) => put("renew", next),
    revoke,
    add(placements) {
      const fault = guard.add(placements.map(nameOf));
      return fault === undefined ? lifetimes.add(placements) : placements.map(() => fail(fault));
    },
    remove(addresses, keys) {
      const results = lifetimes.remove(addresses, keys);
      // What the kernel would not remove stays guarded.
      const stuck = new Set(keys.filter((_, at) => results[at]?.ok !== true).map(nameOf));
      guard.remove(addresses.filter((address) => !stuck.has(address)));
      return results;
    },
    look: (links) => guard.look(links),
    reconfigure(next) {
      const isOther = (next.lease === undefined) !== (times.lease === undefined);
      times = next;
      if (!isOther) return;
      // What answers without a lease goes on: the core has a lease's length to grant one.
      until = next.lease && after(now(), next.lease);
      kind = begin({ times, guard, lifetimes, until });
    },
    end: () => guard.end(),
  };
}

function nameOf({ address }: AddressKey): string {
  return address;
}

interface Beginning {
  readonly times: LeaseTimes;
  readonly guard: Guard;
  readonly lifetimes: Lifetimes;
  /** Of a lease that is not to be interrupted. */
  readonly until?: Instant | undefined;
}

function begin({ times, guard, lifetimes, until }: Beginning): LeaseKind {
  if (times.lease === undefined) {
    guard.end();
    lifetimes.use("none");
    return noLease;
  }
  const built = guard.begin(until);
  lifetimes.use(built.ok ? "second" : "only");
  return leaseKind(built.ok ? built.value : { fault: `${built.error.call}: ${built.error.errno}` });
}

/** Half of what a lease ends before deadtime does; the other half is for the heartbeat's way. */
function patience({ lease, deadtime }: LeaseTimes): number {
  return (deadtime - (lease ?? deadtime)) / 2;
}

function tooLate(ms: number): string {
  return `the kernel was told ${(ms / 1000).toFixed(2)} s late`;
}
