/**
 * The original's older resource protocol, `auto_failback legacy`: every node that lives holds what is
 * at home on it. A node that comes asks for its groups one by one (`ip-request`), whoever has one
 * stops it and says so, and nothing is reported.
 */
import type { Instant } from "../std/time.ts";
import { after, seconds } from "../std/time.ts";
import type { Group } from "./group.ts";
import { isClaimed } from "./group.ts";
import type { Saying } from "./original-message.ts";
import type { Original, OriginalPeer } from "./original.ts";
import { livingOriginal, say } from "./original.ts";
import { homeOf } from "./placement.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { isDue, markChanged } from "./turn.ts";
import type { GroupConfig } from "./types.ts";

/** The original asks once and waits for ever; what is lost is asked for again here. */
const ASK_EVERY = seconds(2);

/** How an original names a group: by its first resource, with all its arguments. */
function keyOf({ name, resources }: GroupConfig): string {
  return resources[0]?.name ?? name;
}

/** The original that lives and is spoken with in this protocol. */
export function legacyPeer(state: State): OriginalPeer | undefined {
  return state.config.isLegacy ? livingOriginal(state) : undefined;
}

/** Whether the original has said that it does not have the group, or no longer. */
export function isGranted(original: Original, group: Group): boolean {
  return original.granted.includes(group.config.name);
}

/** Whether the original asks for a group that is at home there. */
export function isAskedFor(state: State, group: Group): boolean {
  return legacyPeer(state)?.original.askedFor.includes(group.config.name) === true;
}

export function recordRequest(
  turn: Turn,
  { peer, original }: OriginalPeer,
  { key }: Extract<Saying, { type: "ip-request" | "ip-request-resp" }>,
): void {
  const group = findGroup(turn.state, key);
  if (group === undefined || original.askedFor.includes(group.config.name)) return;
  if (homeOf(group.config) === peer.name) original.askedFor.push(group.config.name);
}

export function recordGrant(
  turn: Turn,
  { original }: OriginalPeer,
  { key }: Extract<Saying, { type: "ip-request-resp" }>,
): void {
  const group = findGroup(turn.state, key);
  if (group === undefined || isGranted(original, group)) return;
  original.granted.push(group.config.name);
  // What this node may do has changed, and the heartbeat of this turn is to say so.
  markChanged(turn, group);
}

/** Asks for what is at home here, and answers what is asked for from there. */
export function settleLegacy(turn: Turn, { peer, original }: OriginalPeer): void {
  const { state } = turn;
  for (const name of original.askedFor.splice(0)) {
    const group = state.groups.get(name);
    if (group === undefined) continue;
    if (isClaimed(group)) original.askedFor.push(name);
    else say(turn, { type: "ip-request-resp", key: keyOf(group.config), isOwner: true }, peer.name);
  }
  if (!asks(state, original) || !isDue(original.askReportAt, turn)) return;
  original.askReportAt = after(state.now, ASK_EVERY);
  for (const group of wanting(state, original)) {
    say(turn, { type: "ip-request", key: keyOf(group.config) });
  }
}

export function legacyDue(state: State, original: Original): Instant | undefined {
  return asks(state, original) ? original.askReportAt : undefined;
}

function asks(state: State, original: Original): boolean {
  return state.active && original.status === "active" && wanting(state, original).length > 0;
}

function wanting(state: State, original: Original): readonly Group[] {
  return [...state.groups.values()].filter(
    (group) =>
      homeOf(group.config) === state.config.self &&
      !isClaimed(group) &&
      !isGranted(original, group),
  );
}

function findGroup(state: State, key: string): Group | undefined {
  return [...state.groups.values()].find(({ config }) => keyOf(config) === key);
}
