/**
 * The lease: by it the kernel lets this node answer, and nothing but the daemon renews it. Whatever
 * becomes of the daemon, killed, frozen or cut off, the node is silent before anybody takes what it
 * held. How long it may last is in right.ts.
 *
 *            an address is to be added            nobody has the right to take over
 *   none ─────────────────────────────▶ running ◀───────────────────────────────── lapsed
 *     ▲                                    │  it ran out, or must not go on           ▲ │
 *     │ nothing is claimed any more        └──────────────────────────────────────────┘ │
 *     └─────────────────────────────────────────────────────────────────────────────────┘
 *
 * One that has run out is not renewed but begun anew, and only when all that may have been taken
 * meanwhile is known.
 */
import type { Instant } from "../std/time.ts";
import { elapsed } from "../std/time.ts";
import { isAgreed } from "./agreement.ts";
import { announceNow } from "./announce.ts";
import { isUnused } from "./conflict.ts";
import type { Group } from "./group.ts";
import { addressesOf, isClaimed } from "./group.ts";
import type { LeaseKind } from "./input.ts";
import { claimOf, isAlive } from "./peer.ts";
import {
  isOfFormerLife,
  isQuiet,
  leaseOf,
  mayBeIsolated,
  promisedBy,
  quietAt,
  rightUntil,
  unplugged,
} from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, markChanged, tell } from "./turn.ts";

export interface Lease {
  kind: LeaseKind | undefined;
  /** Until when the kernel was last told to let this node answer; undefined: it has no lease. */
  until: Instant | undefined;
  /** Why this node is silent though it holds something; undefined: it is not. */
  lapsed: Lapse | undefined;
  /** How far the promises of the peers to the life before went; undefined: they do not matter. */
  inherited: Instant | undefined;
}

export interface Lapse {
  readonly since: Instant;
  readonly why: string;
}

export function recordLapse(turn: Turn, reason: string): void {
  if (turn.state.lease.until !== undefined) lapse(turn, turn.state.now, reason);
}

/** A lease to answer under, for addresses that are about to be added. */
export function beginLease(turn: Turn): void {
  const { state } = turn;
  if (leaseOf(state) === undefined || state.lease.until !== undefined) return;
  const until = rightUntil(state);
  state.lease.until = until;
  act(turn, { type: "grant", until });
}

/** Whether this node may begin to answer for something. */
export function mayAnswer(state: State): boolean {
  if (leaseOf(state) === undefined) return true;
  return state.lease.lapsed === undefined && rightUntil(state) > state.now;
}

/** Prolongs, ends, or begins anew, as all that was decided in this turn demands. */
export function settleLease(turn: Turn): void {
  const { state } = turn;
  const { lease, now } = state;
  // A reload may have turned it off, or on, while something is held.
  if (leaseOf(state) === undefined) lease.until = undefined;
  else if (claimed(state).length > 0) beginLease(turn);
  if (lease.until === undefined) return;
  if (![...state.peers.values()].some((peer) => isOfFormerLife(state, peer))) {
    lease.inherited = undefined;
  }
  const groups = claimed(state);
  // What the life before has left is taken up when it is known what the kernel has.
  if (groups.length === 0 && state.memory !== undefined) return;
  if (groups.length === 0) {
    lease.until = undefined;
    lease.lapsed = undefined;
    return act(turn, { type: "revoke" });
  }
  if (lease.lapsed !== undefined) return tryAgain(turn, groups);
  const until = rightUntil(state);
  const end = until < lease.until ? until : lease.until;
  if (now >= end) return lapse(turn, end, reasonOf(state));
  if (!isWorthIt(state, elapsed(now, end), until - lease.until)) return;
  lease.until = until;
  act(turn, { type: "renew", until });
}

/**
 * An acknowledgement prolongs it by a keepalive: less is not worth a word to the kernel, unless little
 * is left. Shorter it becomes when somebody is heard again who may take over sooner.
 */
function isWorthIt({ config }: State, left: number, change: number): boolean {
  const { keepalive } = config.timing;
  if (change < 1) return change <= -1;
  return change >= keepalive / 2 || left <= keepalive;
}

/** Its addresses are gone: what a killed daemon has left running is stopped. */
function isLeftBehind({ local }: Group): boolean {
  return "giving" in local && local.giving.why === "left-behind";
}

function claimed({ groups }: State): readonly Group[] {
  return [...groups.values()].filter(
    (group) => isClaimed(group) && !isLeftBehind(group) && addressesOf(group.config).length > 0,
  );
}

/** The kernel has made this node fall silent, or is about to: nothing is said until that is clear. */
function lapse(turn: Turn, since: Instant, why: string): void {
  const { state } = turn;
  if (state.lease.lapsed !== undefined) return;
  state.lease.lapsed = { since, why };
  act(turn, { type: "revoke" });
  // What the peers say of it from now on counts, and no word of before.
  for (const group of claimed(state)) markChanged(turn, group);
  tell(turn, { code: "lease-lapsed", reason: why });
}

/** Answers again, if nobody has taken anything meanwhile, nor can be about to. */
function tryAgain(turn: Turn, groups: readonly Group[]): void {
  const { state } = turn;
  const { lease, now } = state;
  if (lease.lapsed === undefined) return;
  const until = rightUntil(state);
  if (until <= now || !groups.every((group) => isOurs(turn, group))) return;
  const silent = elapsed(lease.lapsed.since, now);
  lease.until = until;
  lease.lapsed = undefined;
  act(turn, { type: "grant", until });
  for (const group of groups) {
    if (group.local.at !== "held") continue;
    const ips = addressesOf(group.config).map(({ ip }) => ip);
    announceNow(turn, group, ips);
  }
  tell(turn, { code: "lease-regained", silent });
}

function isOurs(turn: Turn, group: Group): boolean {
  const { state } = turn;
  const isTaken = [...state.peers.values()].some(
    (peer) => claimOf(peer, group.config.name) !== undefined,
  );
  return !isTaken && isAgreed(state, group) && isUnused(turn, group);
}

/** Why a lease was not renewed in time, for the operator. */
function reasonOf(state: State): string {
  const { now, stalledAt, stalledFor, config } = state;
  if (stalledAt === now) return `this node did not run for ${(stalledFor / 1000).toFixed(1)} s`;
  const doubt = unplugged(state);
  if (doubt !== undefined) return doubt;
  if (mayBeIsolated(state)) return "this node hears no peer and reaches no ping node";
  const deaf = [...state.peers.values()].find(
    (peer) => isAlive(peer) && !isQuiet(state, peer) && !(promisedBy(state, peer) > now),
  );
  if (deaf !== undefined) return `${deaf.name} does not hear this node, and may take over`;
  if (config.hasWitness) return state.witness.fault ?? "the witness gave its vote to another node";
  return "it was not renewed in time";
}

/** When a lease is to be looked at, if nothing happens. */
export function leaseDue(state: State): readonly (Instant | undefined)[] {
  const { lease, now } = state;
  if (lease.until === undefined || leaseOf(state) === undefined) return [];
  if (lease.lapsed !== undefined) return [];
  const quiet = [...state.peers.values()].map((peer) => {
    const at = isAlive(peer) ? quietAt(state, peer) : undefined;
    return at !== undefined && at > now ? at : undefined;
  });
  return [lease.until, ...quiet];
}
