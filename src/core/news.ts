/**
 * Whether anything may follow from what came in.
 *
 * Most heartbeats say what the one before them said, and so no more than that their sender lives. That is
 * recorded, and nothing else: what is waited for in vain has its deadline, which it can only postpone.
 * In a cluster of a hundred nodes a node hears a hundred of these in a keepalive, and to ask all
 * questions of step.ts about a hundred nodes each time takes most of a processor.
 *
 * What is overlooked here comes a keepalive late at the most, with this node's own heartbeat.
 */
import { knowsUs } from "./agreement.ts";
import { isSmall } from "./answers.ts";
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";
import { isQuiet } from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { Claim, Message, Stance } from "./types.ts";

/** What is news when it differs from what was said before; claims and stances are compared below. */
const canBeNews: Readonly<Record<keyof Message, boolean>> = {
  from: false,
  boot: true,
  generation: true,
  sequence: false,
  changed: true,
  phase: true,
  deadtime: true,
  claims: false,
  stances: false,
  // What it acknowledges is waited for only now and then: see below.
  hears: false,
  digest: true,
  reach: true,
  lease: true,
  back: true,
  maintenance: true,
  macs: true,
  doubts: true,
};
const compared = keysThatAre(canBeNews);

function keysThatAre<K extends string>(flags: Readonly<Record<K, boolean>>): readonly K[] {
  const keys: K[] = [];
  for (const key in flags) if (flags[key]) keys.push(key);
  return keys;
}

/** Whether a heartbeat, before it is recorded, is more than one more of the same. */
export function isNews(state: State, peer: Peer, message: Message): boolean {
  const { said } = peer;
  if (said === undefined || peer.original !== undefined || peer.liveness !== "up") return true;
  // What this node says of groups may be what it is the first to acknowledge.
  if (isQuiet(state, peer) || !knowsUs(peer, state, state.changed)) return true;
  return (
    !compared.every((key) => isSame(said[key], message[key])) ||
    !areSame(said.claims, message.claims, isSameClaim) ||
    !areSame(said.stances, message.stances, isSameStance)
  );
}

/** A word, a number, or a list of words: anything else is taken for something new every time. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return Array.isArray(one) && Array.isArray(other) && areSame(one, other, Object.is);
}

function areSame<T>(one: readonly T[], other: readonly T[], isAlike: IsAlike<T>): boolean {
  return (
    one.length === other.length &&
    other.every((item, index) => {
      const before = one[index];
      return before !== undefined && isAlike(before, item);
    })
  );
}

type IsAlike<T> = (one: T, other: T) => boolean;

/** But for its age, which only grows. */
function isSameClaim(one: Claim, other: Claim): boolean {
  return (
    one.group === other.group &&
    one.term === other.term &&
    one.at === other.at &&
    one.pinned === other.pinned
  );
}

function isSameStance(one: Stance, other: Stance): boolean {
  if (one.group !== other.group || one.at !== other.at) return false;
  return one.at !== "yields" || (other.at === "yields" && one.to === other.to);
}

/** Whether a turn can end as soon as all is recorded. */
export function isUneventful({ state, hasNews }: Turn): boolean {
  const { now, next, stalledAt } = state;
  return !hasNews && !state.isWaiting && now < next.at && now !== stalledAt && !needsLease(state);
}

/** An acknowledgement prolongs the lease: in a small cluster at once, else while there is time. */
function needsLease(state: State): boolean {
  const { until } = state.lease;
  if (until === undefined) return false;
  return isSmall(state) || until - state.now <= 2 * state.config.timing.keepalive;
}

/** Whether, at the end of a turn, any heartbeat may be what something waits for. */
export function isWaiting({ state, wantsToTake }: Turn): boolean {
  const { leaving, away, memory, isolated, lease, witness, commands, jobs } = state;
  if (isolated || witness.wanted || wantsToTake) return true;
  if ((leaving ?? away ?? memory ?? lease.lapsed) !== undefined) return true;
  if (commands.length > 0 || jobs.size > 0) return true;
  return [...state.groups.values()].some(isMoving);
}

function isMoving({ local, wants, yields, standby, rival, next }: Group): boolean {
  if ((wants ?? yields ?? rival ?? next) !== undefined || standby) return true;
  return local.at === "starting" || local.at === "stopping";
}
