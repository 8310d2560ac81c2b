/**
 * What is known of the use of a group's addresses by other machines.
 */
import type { Instant } from "../std/time.ts";

export interface Usage {
  /** The last sign of it. */
  sighted: { readonly mac: string; readonly at: Instant } | undefined;
  /** The last sign of it that may be a peer's which is not heard. */
  answered: { readonly mac: string; readonly at: Instant } | undefined;
  /** The probes of this series: they follow each other closely, or begin anew. */
  probing:
    | {
        /** When the first one was sent; undefined: the next one will be it. */
        readonly since: Instant | undefined;
        readonly last: Instant;
      }
    | undefined;
  /** Set while the group is not taken because another machine answers for it. */
  heldOff: { readonly since: Instant; readonly mac: string } | undefined;
  /** When it was told that another machine uses what is held here. */
  toldAt: Instant | undefined;
}

export function newUsage(): Usage {
  return {
    sighted: undefined,
    answered: undefined,
    probing: undefined,
    heldOff: undefined,
    toldAt: undefined,
  };
}

/** What a node that does not hold a group has found of it. */
export interface Check {
  /** The holder and term that were asked for: another one is a new question. */
  readonly of: string;
  /** When the network was asked and has not answered yet. */
  readonly askedAt: Instant | undefined;
  readonly nextAt: Instant;
  /** How often in a row the answer was not the holder's. */
  readonly misses: number;
}
