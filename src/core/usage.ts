/**
 * What is known of the use of addresses by other machines.
 */
import type { Instant } from "../std/time.ts";

/** Asking the network for what a silent peer has, or for a group of which nobody knows who has it. */
export interface Inquiry {
  /** The last sign that somebody who is not heard has it. */
  answered: Sign | undefined;
  /** The questions of this series: they follow each other closely, or begin anew. */
  probing:
    | {
        /** When the first one was sent; undefined: the next one will be it. */
        readonly since: Instant | undefined;
        readonly last: Instant;
      }
    | undefined;
  /** Set while nothing is taken because it is answered for. */
  heldOff: Sign | undefined;
}

export interface Sign {
  readonly mac: string;
  readonly at: Instant;
}

export function newInquiry(): Inquiry {
  return { answered: undefined, probing: undefined, heldOff: undefined };
}

export function forgetInquiry(inquiry: Inquiry): void {
  Object.assign(inquiry, newInquiry());
}

export interface Usage {
  /** The last sign of another machine that uses an address of the group. */
  sighted: Sign | undefined;
  readonly inquiry: Inquiry;
  /** Set while the group is not taken because another machine answers for it. */
  heldOff: { readonly since: Instant; readonly mac: string } | undefined;
  /** When it was told that another machine uses what is held here. */
  toldAt: Instant | undefined;
  /** A machine that is not heard seems to hold what is held here: the network is asked about it. */
  challenge: Challenge | undefined;
  /** To whom, in which life of theirs, this node has given way already: once is enough. */
  gaveWayTo: string | undefined;
}

export interface Challenge {
  readonly mac: string;
  readonly asked: number;
  readonly hits: number;
  readonly lastAt: Instant;
  /** Whether the last question was answered. */
  readonly isHit: boolean;
}

export function newUsage(): Usage {
  return {
    sighted: undefined,
    inquiry: newInquiry(),
    heldOff: undefined,
    toldAt: undefined,
    challenge: undefined,
    gaveWayTo: undefined,
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
