/**
 * Adds many addresses without keeping the loop from its heartbeats: in pieces, with turns between. A
 * thousand IPv6 addresses take the kernel a third of a second, in which a short lease would run out.
 * Each is announced as soon as the kernel has it.
 */
import type { JobOutcome, VirtualIp } from "../core/index.ts";
import type { Errno, Placement } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import type { Instant } from "../std/time.ts";

export interface Addition {
  readonly ip: VirtualIp;
  readonly placement: Placement;
}

export interface Adding {
  /**
   * Ends in exactly one call of `done`: at once, unless they are many. What the kernel refuses is the
   * end of it, and what follows is not added.
   */
  add(all: readonly Addition[], done: Done): void;
  /** They are not to be there any more: what was not added yet never is. */
  forget(addresses: Iterable<string>): void;
  forgetAll(): void;
}

/** @param added - when the kernel had the last of them */
export type Done = (outcome: JobOutcome, added: Instant) => void;

export interface AddingOptions {
  /** @returns one result for each, in their order */
  readonly put: (placements: readonly Placement[]) => readonly Result<unknown, Errno>[];
  /** The kernel has these. */
  readonly added: (ips: readonly VirtualIp[]) => void;
  readonly now: () => Instant;
}

/** So many in one request. */
const SLICE = 50;
/** After so many milliseconds the loop has its turn. */
const PIECE_MS = 10;

export function openAdding({ put, added, now }: AddingOptions): Adding {
  /** What is to be added still, by address. */
  const waiting = new Map<string, Addition>();

  const addSome = (all: readonly Addition[], done: Done): void => {
    const from = now();
    let last = from;
    for (let at = 0; at < all.length; at += SLICE) {
      if (at > 0 && now() - from >= PIECE_MS) {
        setImmediate(() => addSome(all.slice(at), done));
        return;
      }
      const slice = all
        .slice(at, at + SLICE)
        .filter((each) => waiting.get(each.ip.address) === each);
      for (const { ip } of slice) waiting.delete(ip.address);
      const placements = slice.map(({ placement }) => placement);
      const outcome = outcomeOf(placements, put(placements));
      last = now();
      if (outcome.type !== "succeeded") {
        done(outcome, last);
        return;
      }
      added(slice.map(({ ip }) => ip));
    }
    done({ type: "succeeded" }, last);
  };

  return {
    add(all, done) {
      for (const each of all) waiting.set(each.ip.address, each);
      addSome(all, done);
    },
    forget(addresses) {
      for (const address of addresses) waiting.delete(address);
    },
    forgetAll: () => waiting.clear(),
  };
}

/** @param all - what the results are about, in their order */
export function outcomeOf(
  all: readonly { readonly address: string }[],
  results: readonly Result<unknown, Errno>[],
): JobOutcome {
  const index = results.findIndex(({ ok }) => !ok);
  const failed = results[index];
  if (failed === undefined || failed.ok) return { type: "succeeded" };
  const { call, errno } = failed.error;
  return { type: "failed", reason: `${all[index]?.address ?? "an address"}: ${call}: ${errno}` };
}
