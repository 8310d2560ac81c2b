/**
 * The right to answer: until when nobody can have a better one.
 *
 * 1. A peer that acknowledged what we said at t does not call us dead before t + deadtime. So the
 *    right ends a margin before that, and goes on with the next acknowledgement.
 * 2. A peer that is silent acknowledges nothing, and a pair cannot tell whether it is dead or only
 *    cut off. It is taken for dead, unless there is a witness to decide; one that lives and is cut
 *    off finds that we still answer, and stays where it is (see conflict.ts).
 * 3. A node that hears no peer and reaches no ping node either is cut off itself. With `on_isolated
 *    release` it falls silent.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, instant, millis } from "../std/time.ts";
import { isClaimed } from "./group.ts";
import { lastPong } from "./isolation.ts";
import { isMaintained } from "./maintenance.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import { askInterval } from "./ping.ts";
import type { State } from "./state.ts";
import type { NodeName } from "./types.ts";

/** How long a lease lasts at the most; undefined: there is none. */
export function leaseOf({ config, lease }: State): Millis | undefined {
  return lease.kind?.mechanism === "none" ? undefined : config.lease;
}

/** What a lease ends before deadtime does: for the way of a heartbeat, and for timers. */
export function marginOf({ config }: State): Millis {
  const { deadtime } = config.timing;
  return millis(deadtime - (config.lease ?? deadtime));
}

/** Until when nobody can have a better right to answer, as far as this node knows. */
export function rightUntil(state: State): Instant {
  const { now } = state;
  if (unplugged(state) !== undefined) return now;
  let until = after(now, leaseOf(state) ?? millis(0));
  for (const peer of state.peers.values()) {
    const bound = boundBy(state, peer);
    if (bound !== undefined && bound < until) until = bound;
  }
  const isolation = isolationBound(state);
  if (isolation !== undefined && isolation < until) until = isolation;
  until = instant(until - lateness(state));
  return until > now ? until : now;
}

/**
 * What keeps all that is held here from being reached: no carrier. Nobody misses the lease as long as
 * that lasts, and when the cable is back it is not known what the others have done meanwhile.
 */
export function unplugged({ groups }: State): string | undefined {
  let doubt: string | undefined;
  for (const group of groups.values()) {
    if (!isClaimed(group)) continue;
    for (const fact of group.facts.values()) {
      if (fact.doubt === undefined) return undefined;
      doubt = fact.doubt;
    }
  }
  return doubt;
}

/** How much earlier the kernel is asked to end it, because it may be late, as far as that is to be had. */
function lateness(state: State): Millis {
  const { lease, config } = state;
  const late = Math.max(0, (lease.kind?.late ?? 0) - marginOf(state) / 2);
  const length = leaseOf(state) ?? 0;
  return millis(length - late >= 3 * config.timing.keepalive ? late : 0);
}

/** Until when this peer leaves us what we hold; undefined: for ever. */
function boundBy(state: State, peer: Peer): Instant | undefined {
  const { config, lease } = state;
  // A promise that it cannot give, or a node that takes nothing by itself: what a silent one said of
  // maintenance counts as long as this node is in maintenance too.
  const takesNothing = peer.isMaintained && (isMaintained(state) || !isQuiet(state, peer));
  if (peer.original !== undefined || takesNothing) return undefined;
  if (peer.isOff || (isAlive(peer) && isPassive(peer))) return undefined;
  if (peer.liveness === "left") return boundByStopped(state, peer);
  if (isOfFormerLife(state, peer)) return lease.inherited;
  // Of one that is new in the files nothing is known: it will hear of us before it takes anything.
  if (peer.liveness === "unknown") return undefined;
  const promised = promisedBy(state, peer);
  if (!config.hasWitness) return isQuiet(state, peer) ? undefined : promised;
  if (state.fences.get(peer.name)?.progress.at === "done") return undefined;
  // Whoever has the vote is not taken from, whether he is heard or not.
  const voted = state.witness.until ?? instant(0);
  return promised > voted ? promised : voted;
}

/**
 * One that has stopped in good order takes nothing until it is started again, and then, if it does not
 * hear this node, by the vote. A witness that could not be asked all the while does not silence the only
 * node that is left.
 */
function boundByStopped({ config, witness }: State, { name }: Peer): Instant | undefined {
  if (config.hasWitness !== true || (!witness.binds && witness.owner !== name)) return undefined;
  return witness.until ?? instant(0);
}

/** Whether all that it has promised was promised to this node's former life. */
export function isOfFormerLife({ lease, startedAt }: State, peer: Peer): boolean {
  if (lease.inherited === undefined || peer.acked !== undefined) return false;
  if (peer.liveness === "unknown") return peer.createdAt === startedAt && !peer.wasGone;
  return isAlive(peer) && peer.aliveSince <= peer.joinsAt;
}

/** It gives up, or is not there: it says so. */
function isPassive({ phase }: Peer): boolean {
  return phase === "leaving" || phase === "away";
}

export function promisedBy(state: State, peer: Peer): Instant {
  const { config } = state;
  // One that has just come gets deadtime to acknowledge something: so long it waits itself. One that
  // was there before may have called this node dead: without a witness it asks the network first.
  const isKnown = config.hasWitness !== true || peer.phase !== "active" || lists(peer, config.self);
  const grace = isKnown ? after(peer.aliveSince, config.timing.deadtime) : instant(0);
  return instant((peer.acked?.until ?? grace) - marginOf(state));
}

function lists({ hears }: Peer, self: NodeName): boolean {
  return hears.some(({ node }) => node === self);
}

/** Whether a peer has been silent for so long that its acknowledgements are not waited for. */
export function isQuiet(state: State, peer: Peer): boolean {
  return !isAlive(peer) || state.now >= quietAt(state, peer);
}

export function quietAt({ config }: State, { judgedFrom }: Peer): Instant {
  const { keepalive, warntime, deadtime } = config.timing;
  const third = (config.lease ?? deadtime) / 3;
  return after(judgedFrom, millis(Math.min(warntime, Math.max(1.5 * keepalive, third))));
}

/** Whether no peer is heard, and the files say what a node that is cut off does. */
export function mayBeIsolated(state: State): boolean {
  const { config, peers, pings } = state;
  if (config.onIsolated !== "release" || pings.size === 0) return false;
  return [...peers.values()].every((peer) => isQuiet(state, peer));
}

/** A node that may be cut off answers as long as a ping node did a moment ago. */
function isolationBound(state: State): Instant | undefined {
  const { config, peers } = state;
  if (!mayBeIsolated(state)) return undefined;
  const { keepalive, deadtime } = config.timing;
  const heard = lastPong(state) ?? instant(0);
  // One answer may be lost. Before the others can call this node dead it must be silent in any case.
  const patience = Math.min(
    2.5 * askInterval(config.timing),
    (config.lease ?? deadtime) - keepalive,
  );
  let until = after(heard, millis(Math.max(0, patience)));
  for (const peer of peers.values()) {
    const promised = isAlive(peer) ? promisedBy(state, peer) : until;
    if (promised > until) until = promised;
  }
  return until;
}
