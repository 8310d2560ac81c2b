/**
 * What a node's vote is about, and one stretch of time in which it does one thing about it: look, or
 * campaign.
 */
import { setTimeout as timer } from "node:timers/promises";
import type { WitnessConfig } from "../../config/index.ts";
import type { NodeName } from "../../core/index.ts";
import { nodeName } from "../../core/index.ts";
import type { Instant } from "../../std/time.ts";
import type { Etcd } from "./client.ts";
import type { Entry } from "./messages.ts";

/** What is known of the vote. */
export interface Verdict {
  /** Until when this node has it; undefined: it has not. */
  readonly until: Instant | undefined;
  readonly owner: NodeName | undefined;
  readonly fault: string | undefined;
}

export interface Ballot {
  readonly witness: WitnessConfig;
  readonly self: NodeName;
  readonly etcd: Etcd;
  /** What this life of this node puts: its name, and what no other life has. */
  readonly value: string;
  /** The length of a lease. */
  readonly seconds: number;
  /** How often it is asked again whether the vote is free. */
  readonly everyMs: number;
}

export interface Round {
  readonly ballot: Ballot;
  readonly isOver: () => boolean;
  /** Nothing once the round is over, however late an answer comes. */
  readonly tell: (verdict: Partial<Verdict>) => void;
  /** Ends with the round, and then leaves no timer. */
  readonly pause: (ms: number) => Promise<void>;
}

/** @param tell - what is not said of `owner` and `fault` is as it was; without `until` there is none */
export function newRound(
  ballot: Ballot,
  signal: AbortSignal,
  tell: (verdict: Partial<Verdict>) => void,
): Round {
  return {
    ballot,
    isOver: () => signal.aborted,
    tell(verdict) {
      if (!signal.aborted) tell(verdict);
    },
    pause: (ms) => timer(Math.max(0, ms), undefined, { signal }).catch(() => undefined),
  };
}

export function ownerOf(entry: Entry | undefined): NodeName | undefined {
  const [name] = /^[\w.-]{1,99}(?= |$)/.exec(entry?.value ?? "") ?? [];
  return name === undefined ? undefined : nodeName(name);
}
