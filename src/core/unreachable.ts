/**
 * A peer whose daemon is gone and whose kernel says so: it answers our heartbeats with "port
 * unreachable" (RFC 1122 §4.1.3.1). Then nobody renews its lease, and what it held can be taken when
 * that has run out, without waiting for the rest of deadtime.
 *
 * The answer is not signed, and a firewall gives it for a daemon that lives. So it decides nothing. It
 * lets the question of conflict.ts be asked earlier: not before the lease of the last heartbeat heard
 * has ended, by whatever clock. Who answers that one is not called dead before deadtime, and asked
 * again then. Whoever forges it gains no more than the rest of the margin.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, millis, never } from "../std/time.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import { isQuiet, leaseOf, marginOf } from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { tell } from "./turn.ts";
import type { NodeName } from "./types.ts";

export interface Unreachable {
  /** When its kernel said so for the first time since it was heard. */
  readonly since: Instant;
  /** The network answers for what it claimed: it lives, or its lease does. */
  isRefuted: boolean;
}

export function recordUnreachable(turn: Turn, node: NodeName): void {
  const { state } = turn;
  const peer = state.peers.get(node);
  if (peer === undefined || !isAlive(peer) || peer.unreachable !== undefined) return;
  // One that is away has said so.
  if (peer.original !== undefined || peer.phase === "away") return;
  peer.unreachable = { since: state.now, isRefuted: false };
  tell(turn, { code: "peer-unreachable", peer: node });
}

/** Whether what it claims is covered by a lease that ends without it, and can be asked for. */
function isBoundByLease(state: State, peer: Peer): boolean {
  const { config } = state;
  if (leaseOf(state) === undefined || config.fencing !== undefined || config.hasWitness === true) {
    return false;
  }
  if (peer.original !== undefined || peer.claims.length === 0) return false;
  // A lease of nothing is one that has lapsed, and begins anew by our word.
  return peer.lease !== undefined && peer.lease > 0;
}

/** How long an answer of the network to a question about a peer may take. */
export function patienceOf(state: State): Millis {
  return millis(marginOf(state) / 8);
}

/** NTP corrects a clock by at most 500 microseconds a second (adjtimex(2)), and there are two. */
const DRIFT = 1 / 1000;
/** One question, or its answer, may be lost. */
const QUESTIONS = 2;

/**
 * From when on the network can be asked for what an unreachable peer claimed: it counts from its last
 * heartbeat heard, which was sent earlier, and from what it said of its lease, its kernel being late.
 * Its daemon may have been kept from its processor between its clock and its kernel. Undefined: nothing
 * is known of it that is better than its silence.
 */
export function unreachableFrom(state: State, peer: Peer): Instant | undefined {
  const { unreachable, judgedFrom, lease } = peer;
  if (unreachable === undefined || unreachable.isRefuted || lease === undefined) return undefined;
  if (!isBoundByLease(state, peer)) return undefined;
  const end = after(judgedFrom, millis(lease * (1 + DRIFT) + patienceOf(state)));
  return later(unreachable.since, end);
}

/** When a peer is dead if it stays silent. */
export function deadAt(state: State, peer: Peer): Instant {
  const bySilence = after(peer.judgedFrom, peer.deadtime);
  const from = unreachableFrom(state, peer);
  const asked = peer.inquiry.probing?.since;
  if (from === undefined || asked === undefined) return bySilence;
  const unanswered = after(later(from, asked), millis(QUESTIONS * patienceOf(state)));
  return unanswered < bySilence ? unanswered : bySilence;
}

/** When the first of the peers that are late is dead if it stays silent; `never`: none is late. */
export function nextDeath(state: State): Instant {
  let next: Instant = never;
  for (const peer of state.peers.values()) {
    if (peer.liveness !== "late") continue;
    const at = deadAt(state, peer);
    if (at < next) next = at;
  }
  return next;
}

function later(one: Instant, other: Instant): Instant {
  return one > other ? one : other;
}

/**
 * The peers to which a heartbeat is sent directly, too: nobody refuses what was sent to all. Those that
 * hold something and are overdue, until their kernel has said what it has to say.
 */
export function overduePeers(state: State): readonly NodeName[] {
  const overdue: NodeName[] = [];
  for (const peer of state.peers.values()) {
    if (!isAlive(peer) || !isQuiet(state, peer) || peer.unreachable !== undefined) continue;
    if (peer.phase !== "away" && isBoundByLease(state, peer)) overdue.push(peer.name);
  }
  return overdue;
}
