/**
 * Maintenance: the operator's word that nothing is to move by itself.
 *
 * It is said at one node and travels with the heartbeats; of two words the later counts, by a version
 * that grows with every word. How long it lasts is counted down by every node on its own clock, from
 * the moment in which it first heard of the word. One that has run out is said on with nothing left of
 * it, so that a node which comes back does not begin it anew.
 */
import type { Instant } from "../std/time.ts";
import { after, elapsed, millis } from "../std/time.ts";
import type { Input } from "./input.ts";
import type { Peer } from "./peer.ts";
import { forgive } from "./peer.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, tell } from "./turn.ts";
import type { Maintenance, Message, NodeName } from "./types.ts";

/** What this node knows of maintenance. */
export interface Upkeep {
  /** What the operator said last, at whatever node; undefined: never anything. */
  word: Word | undefined;
  /** Whether it was in force at the end of the last turn. */
  wasOn: boolean;
  /** When it last ended. */
  endedAt: Instant | undefined;
}

export interface Word {
  readonly on: boolean;
  readonly version: number;
  readonly by: NodeName;
  readonly reason: string;
  /** Since when this node knows it. */
  readonly since: Instant;
  /** Undefined: until it is taken back. */
  until: Instant | undefined;
  /** The peers that have said that they know it. */
  readonly knownBy: Set<NodeName>;
  isTold: boolean;
}

/** As far as the wire goes. */
const VERSION_MAX = 2 ** 48;

/** @param maintenance - what the life before knew of it */
export function newUpkeep(maintenance: Maintenance | undefined, now: Instant): Upkeep {
  const word = maintenance === undefined ? undefined : wordFrom(maintenance, now);
  return { word, wasOn: false, endedAt: undefined };
}

/** Whether nothing is to move by itself. */
export function isMaintained({ upkeep, now }: State): boolean {
  return upkeep.word !== undefined && isOn(upkeep.word, now);
}

/** When maintenance ended; undefined: it has not, in this life. */
export function maintenanceEndedAt({ upkeep }: State): Instant | undefined {
  return upkeep.endedAt;
}

/**
 * Whether nothing is to be taken from a dead node: in maintenance, and for deadtime after it, which
 * is what it takes until one that was restarted meanwhile is heard.
 */
export function sparesDead(state: State): boolean {
  const spared = sparedUntil(state);
  const isAfter = spared !== undefined && state.now < spared;
  return isMaintained(state) || (isAfter && [...state.peers.values()].some(isMissing));
}

function isMissing({ liveness }: Peer): boolean {
  return liveness === "dead" || liveness === "unknown";
}

function sparedUntil({ upkeep, config }: State): Instant | undefined {
  return upkeep.endedAt === undefined ? undefined : after(upkeep.endedAt, config.timing.deadtime);
}

/** The operator's word, given here: the newest that there is. */
export function recordMaintenance(turn: Turn, input: Extract<Input, { type: "maintain" }>): void {
  const { state } = turn;
  const { request, on, lasts, reason } = input;
  const version = Math.min((state.upkeep.word?.version ?? 0) + 1, VERSION_MAX);
  const said = { on, version, by: state.config.self, left: on ? lasts : undefined, reason };
  state.upkeep.word = wordFrom(said, state.now);
  // Whoever asked may pull a cable next.
  turn.urgent = true;
  act(turn, { type: "answered", request, refusal: undefined });
}

/** What a peer knows of it, with a heartbeat that is news. */
export function hearMaintenance(turn: Turn, { from, maintenance }: Message): void {
  if (maintenance === undefined) return;
  const { upkeep, now } = turn.state;
  const order = upkeep.word === undefined ? 1 : compare(maintenance, upkeep.word);
  if (order < 0) return;
  if (order > 0) {
    upkeep.word = wordFrom(maintenance, now);
    turn.urgent = true;
  }
  if (order === 0) shorten(upkeep.word, maintenance.left, now);
  upkeep.word?.knownBy.add(from);
}

/** Who was away may count from a later moment than the others. */
function shorten(word: Word | undefined, left: Maintenance["left"], now: Instant): void {
  if (word === undefined || left === undefined) return;
  const until = after(now, left);
  if (word.until === undefined || until < word.until) word.until = until;
}

/** Draws the conclusions from what was said, and from the time that has passed. */
export function judgeMaintenance(turn: Turn): void {
  const { state } = turn;
  const { upkeep } = state;
  const { word } = upkeep;
  const isOnNow = isMaintained(state);
  if (word !== undefined && isOnNow && !word.isTold) {
    word.isTold = true;
    const left = leftOf(word, state.now);
    tell(turn, { code: "maintenance-on", by: word.by, reason: word.reason, left });
  }
  if (word !== undefined && upkeep.wasOn && !isOnNow) {
    // Whoever was restarted, or cut off, meanwhile has its whole deadtime to be heard.
    upkeep.endedAt = state.now;
    for (const peer of state.peers.values()) forgive(peer, state.now);
    tell(turn, word.on ? { code: "maintenance-over" } : { code: "maintenance-off", by: word.by });
  }
  upkeep.wasOn = isOnNow;
}

/** As heartbeats and the next life of this node have it. */
export function maintenanceOf({ upkeep, now }: State): Maintenance | undefined {
  const { word } = upkeep;
  if (word === undefined) return undefined;
  const { on, version, by, reason } = word;
  return { on, version, by, left: leftOf(word, now), reason };
}

/**
 * The nodes that have not said that they know the operator's last word. One that is called dead
 * counts too: it may be cut off, and take over.
 */
export function unawareOf({ upkeep, peers }: State): readonly NodeName[] {
  const { word } = upkeep;
  if (word === undefined) return [];
  return [...peers.keys()].filter((name) => !word.knownBy.has(name));
}

/** When something of this file may next have to be looked at, if nothing happens. */
export function maintenanceDue(state: State): readonly (Instant | undefined)[] {
  const { word } = state.upkeep;
  const spared = sparedUntil(state);
  return [
    word !== undefined && isOn(word, state.now) ? word.until : undefined,
    spared !== undefined && spared > state.now ? spared : undefined,
  ];
}

function wordFrom({ on, version, by, left, reason }: Maintenance, now: Instant): Word {
  const until = left === undefined ? undefined : after(now, left);
  return { on, version, by, reason, since: now, until, knownBy: new Set(), isTold: false };
}

function isOn({ on, until }: Word, now: Instant): boolean {
  return on && (until === undefined || now < until);
}

function leftOf({ until }: Word, now: Instant): Maintenance["left"] {
  if (until === undefined) return undefined;
  return until > now ? elapsed(now, until) : millis(0);
}

/**
 * Above 0 if `said` is the later word. Two nodes may be given words of one version while they do not
 * hear each other, and a node that has forgotten all may use one a second time: then it does not
 * matter which counts, but all must choose the same. What is left of it is no part of it.
 */
function compare(said: Maintenance, known: Word): number {
  if (said.version !== known.version) return said.version - known.version;
  if (said.by !== known.by) return said.by > known.by ? 1 : -1;
  if (said.on !== known.on) return said.on ? 1 : -1;
  if (said.reason === known.reason) return 0;
  return said.reason > known.reason ? 1 : -1;
}
