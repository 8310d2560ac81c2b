/**
 * The original's picture of a pair, translated into groups and claims, and back.
 *
 * It knows no single groups: a node holds the groups at home on it (`local`), those at home on the
 * other (`foreign`), both or none. Here a side is always seen from this node; what the peer says is
 * turned round as it comes in and goes out. This file is the only one that knows both pictures.
 */
import { elapsed } from "../std/time.ts";
import { noteClaims } from "./claims.ts";
import type { Group } from "./group.ts";
import { isClaimed, obstacleOf } from "./group.ts";
import { isGranted } from "./legacy.ts";
import type { Holding, Side } from "./original-message.ts";
import type { Handover, Interruption, Original, OriginalPeer } from "./original.ts";
import { isPair } from "./original.ts";
import { fewerPings, homeOf } from "./placement.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { Claim, Stance } from "./types.ts";

export const bothSides: readonly Side[] = ["local", "foreign"];

export function sidesIn(holding: Holding): readonly Side[] {
  if (holding === "all") return bothSides;
  return holding === "none" ? [] : [holding];
}

export function holdingOf(sides: readonly Side[]): Holding {
  const [one, other] = bothSides.filter((side) => sides.includes(side));
  return one === undefined ? "none" : other === undefined ? one : "all";
}

/** What is to be remembered of a handover that comes to no end: what goes, as its giver calls it. */
export function interruptionOf(handover: Exclude<Handover, { readonly at: "none" }>): Interruption {
  const { at, sides } = handover;
  if (at === "promised" || at === "taking") return { holds: holdingOf(turned(sides)), offered: [] };
  return { holds: holdingOf(sides), offered: sides };
}

/** The same groups, seen from the other node. */
export function turned(sides: readonly Side[]): readonly Side[] {
  return sides.map((side) => (side === "local" ? "foreign" : "local"));
}

export function sideOf(state: State, group: Group): Side {
  return homeOf(group.config) === state.config.self ? "local" : "foreign";
}

export function groupsOn(state: State, side: Side): readonly Group[] {
  return [...state.groups.values()].filter((group) => sideOf(state, group) === side);
}

/** What this node says that it holds: a side of which it claims a group, but not one on its way. */
export function heldHere(state: State, original: Original): readonly Side[] {
  const { handover } = original;
  const isGoing = handover.at === "releasing" || handover.at === "released";
  return bothSides.filter((side) => {
    if (isGoing && handover.sides.includes(side)) return false;
    const groups = groupsOn(state, side);
    return groups.length === 0 ? original.bare.includes(side) : groups.some(isClaimed);
  });
}

/** Why this node cannot hold the whole side. */
export function obstacleOn(state: State, side: Side): string | undefined {
  for (const group of groupsOn(state, side)) {
    if (group.local.at === "refused") {
      return `${group.config.name} could not be started: ${group.local.reason}`;
    }
    const obstacle = obstacleOf(group);
    if (obstacle !== undefined) return obstacle;
    if (group.behind !== undefined) return fewerPings(state, group.behind);
  }
  return undefined;
}

/**
 * Whether a group may be taken while the original lives: it has handed its side over, or nobody holds
 * it. What is at home here it never takes by itself from a node that lives; what is at home there
 * it may be about to take until it says that it is stable.
 */
export function originalLets(state: State, original: Original, group: Group): boolean {
  if (!isPair(state) || !state.active) return false;
  const side = sideOf(state, group);
  if (state.config.isLegacy) return side === "local" && isGranted(original, group);
  const { handover } = original;
  if (handover.at === "taking") return handover.sides.includes(side);
  if (handover.at !== "none" || !original.hasReported || original.holds.includes(side))
    return false;
  return side === "local" || original.isStable;
}

/**
 * Says what the original holds and does in the words of our own kind. It has no terms: in a conflict
 * its claim is the weaker one, unless it took what we hold because it had called us dead, which is
 * later than our taking.
 */
export function restate(turn: Turn, { peer, original }: OriginalPeer): void {
  const { state } = turn;
  const groups = [...state.groups.values()];
  peer.claims = groups.flatMap((group) => claimFrom(state, { peer, original }, group) ?? []);
  peer.stances = groups.flatMap((group) => stanceFrom(state, original, group) ?? []);
  noteClaims(turn, peer);
}

function claimFrom(
  state: State,
  { peer, original }: OriginalPeer,
  group: Group,
): Claim | undefined {
  const side = sideOf(state, group);
  const at = state.config.isLegacy
    ? legacyStageOf({ peer, original }, side, group)
    : stageOf({ peer, original }, side);
  if (at === undefined) return undefined;
  const before = peer.claims.find((claim) => claim.group === group.config.name);
  const since = original.since.get(side) ?? state.now;
  return {
    group: group.config.name,
    term: original.hasReplacedUs ? before?.term || group.term + 1 : 0,
    at,
    pinned: false,
    reason: "untold",
    from: undefined,
    age: elapsed(since, state.now),
  };
}

function stageOf({ peer, original }: OriginalPeer, side: Side): Claim["at"] | undefined {
  const { handover, holds } = original;
  const isMoving = handover.at !== "none" && handover.sides.includes(side);
  if (isMoving && handover.at === "released") return "starting";
  if (!holds.includes(side)) return undefined;
  if (peer.phase === "leaving") return "stopping";
  return isMoving && handover.at === "promised" ? "stopping" : "held";
}

/** Nothing is reported there: what is at home on a node that takes part is held by it. */
function legacyStageOf(
  { peer, original }: OriginalPeer,
  side: Side,
  group: Group,
): Claim["at"] | undefined {
  if (side === "local" || original.status !== "active" || isClaimed(group)) return undefined;
  return peer.phase === "leaving" ? "stopping" : "held";
}

function stanceFrom(state: State, original: Original, group: Group): Stance | undefined {
  const name = group.config.name;
  const side = sideOf(state, group);
  if (isGivenTo(original, side) || isLeftTo(original, side, group)) {
    return { group: name, at: "yields", to: state.config.self };
  }
  return original.wants?.sides.includes(side) === true ? { group: name, at: "wants" } : undefined;
}

function isGivenTo({ handover }: Original, side: Side): boolean {
  return handover.at === "taking" && handover.sides.includes(side);
}

/** Nobody holds it, and an original that is stable takes nothing by itself, not even its own. */
function isLeftTo(
  { handover, hasReported, holds, isStable }: Original,
  side: Side,
  group: Group,
): boolean {
  const isIdle = handover.at === "none" && hasReported && isStable;
  return isIdle && !holds.includes(side) && !isClaimed(group);
}
