/**
 * A peer that runs the original heartbeat: what is known of it beyond what is known of any peer.
 *
 * It is a member of the cluster by its own protocol: its messages have an order, what is missing is
 * asked for again, and a pair hands its groups over side by side, in steps (sides.ts). What it holds
 * is translated into claims and stances, so that the rest of the core sees a peer like any other.
 */
import type { Instant } from "../std/time.ts";
import { after, millis } from "../std/time.ts";
import type { Holding, OriginalMessage, Saying, Side } from "./original-message.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act } from "./turn.ts";
import type { GroupName, NodeName } from "./types.ts";

export interface Original {
  /** What its latest status said. */
  status: "init" | "up" | "active" | "dead";
  /** It acknowledges, and answers `reqnodes`. Old ones do not. */
  acknowledges: boolean;
  /** It said its last words: what still comes of this generation does not bring it back. */
  hasLeft: boolean;
  /** Numbers that were passed over, and when each is to be asked for. */
  readonly missing: Map<number, Instant>;
  /** Ours that were said again lately. */
  readonly repeated: Map<number, Instant>;
  /** When it last proved that it hears us: it answered, acknowledged, or asked again. */
  heardUsAt: Instant | undefined;
  /** The latest of our numbers that it has acknowledged or asked for, in this life of ours. */
  spokenOf: number;
  /** When `reqnodes` is to be said next, until it is answered. */
  askNodesAt: Instant;
  /** It answered `reqnodes` in this life of its own and of ours. */
  knowsUs: boolean;
  /** It has asked which nodes we know, in this life of both. */
  hasAsked: boolean;
  /** What it holds, from our point of view: `local` are the groups at home here. */
  holds: readonly Side[];
  /** Since when, as far as this node knows. */
  readonly since: Map<Side, Instant>;
  /** It reported what it holds since it and we began. */
  hasReported: boolean;
  /** The number of the report that counts: an older one that comes later changes nothing. */
  reportedIn: number;
  /** It will take nothing more by itself (`isstable`). */
  isStable: boolean;
  /** It has taken over what we hold, so it has called us dead. */
  hasReplacedUs: boolean;
  handover: Handover;
  /** Sides that its operator wants there. */
  wants: { readonly sides: readonly Side[]; readonly until: Instant } | undefined;
  /** Sides without groups that count as held here. */
  bare: readonly Side[];
  /** When `starting` is to be said again, until it is answered by a report. */
  askReportAt: Instant;
  /** When a side may be offered, or asked for, again. */
  askAgainAt: Instant;
  /** How often it was asked to give up what both hold. */
  asked: number;
  /** Of `auto_failback legacy`: groups that it has not, and groups that it asks for. */
  readonly granted: GroupName[];
  readonly askedFor: GroupName[];
  /** How many ping nodes it was told that we reach. */
  toldReach: number | undefined;
  /** It waits for a report of ours, whether or not that is news. */
  awaitsReport: boolean;
  /** The last report of ours, as it was said. */
  told: string | undefined;
  /** When that is said once more: it believes the report that it hears last, though it be older. */
  confirmAt: Instant | undefined;
  /** How many offers in a row it has not answered. */
  unanswered: number;
  /** A handover that came to no end. */
  interrupted: Interruption | undefined;
}

/**
 * Groups change hands, in steps that both nodes say (`ask_resources`):
 *
 *     gives up        takes                         here, if we give up     here, if we take
 *     me ───────────▶                                asked
 *        ◀─────────── other                          releasing               promised
 *     (stops its groups)
 *     done ─────────▶                                released                taking
 *                     (starts them)
 *        ◀─────────── done                           none                    none
 */
export type Handover =
  | { readonly at: "none" }
  | {
      readonly at: "asked" | "releasing" | "released";
      readonly sides: readonly Side[];
      readonly why: HandoverReason;
      /** When it is given up: the peer does not go on. */
      readonly until: Instant;
    }
  | {
      readonly at: "promised" | "taking";
      readonly sides: readonly Side[];
      readonly until: Instant;
    };

export interface Interruption {
  /** In the words of its `done`. */
  readonly holds: Holding;
  /** What the original may take at that word: the sides that were to go there. */
  readonly offered: readonly Side[];
}

export type HandoverReason = "standby" | "takeover" | "failback" | "ineligible" | "unplugged";

export function newOriginal(now: Instant): Original {
  return {
    status: "init",
    acknowledges: true,
    hasLeft: false,
    missing: new Map(),
    repeated: new Map(),
    heardUsAt: undefined,
    spokenOf: 0,
    askNodesAt: now,
    knowsUs: false,
    hasAsked: false,
    holds: [],
    since: new Map(),
    hasReported: false,
    reportedIn: 0,
    isStable: false,
    hasReplacedUs: false,
    handover: { at: "none" },
    wants: undefined,
    bare: [],
    askReportAt: now,
    askAgainAt: now,
    asked: 0,
    granted: [],
    askedFor: [],
    toldReach: undefined,
    awaitsReport: false,
    told: undefined,
    confirmAt: undefined,
    unanswered: 0,
    interrupted: undefined,
  };
}

/** Its resource protocol is for two nodes. */
export function isPair(state: State): boolean {
  return state.peers.size === 1;
}

/** The only peer, if it is an original that is alive. */
export function livingOriginal(state: State): OriginalPeer | undefined {
  if (!isPair(state)) return undefined;
  for (const peer of state.peers.values()) {
    if (isAlive(peer) && peer.original !== undefined) return { peer, original: peer.original };
  }
  return undefined;
}

export interface OriginalPeer {
  readonly peer: Peer;
  readonly original: Original;
}

/** How many of our messages go by, at most, before it acknowledges one. */
const ACKNOWLEDGED_EVERY = 10;

/** Whether an original has shown of late that it hears us. One that never acknowledges is believed. */
export function originalHearsUs(peer: Peer, original: Original, state: State): boolean {
  if (!original.acknowledges) return true;
  if (original.heardUsAt === undefined) return false;
  const { keepalive } = state.config.timing;
  const patience = millis(peer.deadtime + 2 * ACKNOWLEDGED_EVERY * keepalive);
  return state.now < after(original.heardUsAt, patience);
}

/**
 * Begins another life without stopping: the next generation, counted from 1. To an original that
 * called us dead, or that we called dead, this node was restarted. Were it to hear the old generation
 * go on, it would take itself for the one that was cut off, give up everything, and restart.
 */
export function beginAnew(turn: Turn): void {
  const { state } = turn;
  state.generation += 1;
  state.sequence = 0;
  state.changed = 1;
  state.sent.length = 0;
  for (const group of state.groups.values()) group.saidSince = 1;
  for (const peer of state.peers.values()) {
    peer.heardAfter = 0;
    if (peer.original !== undefined) peer.original.spokenOf = 0;
    // What it knows is of another count now; until when it takes us for alive is as it was.
    if (peer.acked !== undefined) peer.acked = { ...peer.acked, sequence: 0 };
  }
  act(turn, { type: "saveGeneration", generation: state.generation });
  turn.urgent = true;
}

/** What was said in another life of the peer, or of ours, is no longer so. */
export function forgetTalk(original: Original, now: Instant): void {
  original.missing.clear();
  original.repeated.clear();
  original.heardUsAt = undefined;
  original.askNodesAt = now;
  original.knowsUs = false;
  original.hasAsked = false;
  original.hasReported = false;
  original.reportedIn = 0;
  original.isStable = false;
  original.handover = { at: "none" };
  original.wants = undefined;
  original.askReportAt = now;
  original.askAgainAt = now;
  original.asked = 0;
  original.hasReplacedUs = false;
  original.granted.length = 0;
  original.askedFor.length = 0;
  original.toldReach = undefined;
  original.awaitsReport = false;
  original.told = undefined;
  original.confirmAt = undefined;
  original.unanswered = 0;
}

/** What was said of groups before this has gone by it: it is asked, and told, once more. */
export function askAnew(turn: Turn, original: Original): void {
  original.hasReported = false;
  original.isStable = false;
  original.told = undefined;
  original.askReportAt = turn.state.now;
}

/** Says something to everybody that has its place in the order of what this node says. */
export function say(turn: Turn, saying: Saying, dest?: NodeName): void {
  const { state } = turn;
  state.sequence += 1;
  act(turn, { type: "say", message: ours(state, saying, dest, state.sequence) });
}

/** Says something that is outside the order: an acknowledgement, a request to repeat. */
export function sayAside(turn: Turn, saying: Saying, dest: NodeName): void {
  act(turn, { type: "say", message: ours(turn.state, saying, dest, undefined) });
}

function ours(
  state: State,
  saying: Saying,
  dest: NodeName | undefined,
  sequence: number | undefined,
): OriginalMessage {
  return { from: state.config.self, dest, generation: state.generation, sequence, saying };
}
