/**
 * Talks with an original about who holds what: joins it, reports, offers sides, asks for them.
 *
 * Level-triggered like everything here: every turn compares what was said with what is so, and says
 * the next thing. What the peer answers is recorded in handover-hearing.ts.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, seconds } from "../std/time.ts";
import { announceNow } from "./announce.ts";
import type { Group } from "./group.ts";
import { addressesOf, isClaimed, obstacleOf } from "./group.ts";
import { tellReach } from "./ipfail.ts";
import { isAskedFor, legacyDue, settleLegacy } from "./legacy.ts";
import type { GiveUpReason } from "./notice.ts";
import type { Side } from "./original-message.ts";
import { askForMissing, requestDue } from "./original-order.ts";
import { report, sayLeaving } from "./original-report.ts";
import type { Handover, HandoverReason, Original, OriginalPeer } from "./original.ts";
import { askAnew, livingOriginal, say } from "./original.ts";
import {
  bothSides,
  interruptionOf,
  groupsOn,
  holdingOf,
  obstacleOn,
  restate,
  sideOf,
  turned,
} from "./sides.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { isDue, tell } from "./turn.ts";

const ASK_NODES_EVERY = seconds(1);
const ASK_REPORT_EVERY = seconds(2);
/** It waits as long for our answer (heartbeat.c, HB_STANDBY_TIMEOUT). */
const ANSWER_WITHIN = seconds(10);
const ASK_AGAIN_AFTER = seconds(5);
/** How long one node gives the other to stop, or to start, what changes hands. */
export const STEP_WITHIN: Millis = seconds(3600);
/** How often it is asked to give up what both hold, before this node does. */
const ASK_TIMES = 3;

/** After as many offers without an answer it is taken to wait for the end of one before them. */
const UNANSWERED_MAX = 2;

/** A move to an original begins with an offer: see `mayGiveUp`. */
export function settleOriginal(turn: Turn): void {
  const pair = livingOriginal(turn.state);
  if (pair === undefined) return;
  askForMissing(turn, pair);
  if (turn.state.config.isLegacy) return settleLegacy(turn, pair);
  if (turn.state.leaving !== undefined) return sayLeaving(turn, pair.original);
  expireWish(turn, pair);
  join(turn, pair);
  tellReach(turn, pair);
  proceed(turn, pair);
  release(turn, pair);
  offer(turn, pair);
  request(turn, pair);
  report(turn, pair.original);
}

/** When there is something to say though nothing happens. */
export function originalDue(state: State): readonly (Instant | undefined)[] {
  const pair = livingOriginal(state);
  if (pair === undefined || state.leaving !== undefined) return [];
  const { peer, original } = pair;
  const { handover } = original;
  if (state.config.isLegacy) return [requestDue(original), legacyDue(state, original)];
  return [
    requestDue(original),
    isReady(state, pair) ? original.confirmAt : undefined,
    asksForNodes(original) ? original.askNodesAt : undefined,
    asksForReport(state, pair) ? original.askReportAt : undefined,
    handover.at === "none" ? undefined : handover.until,
    original.wants?.until,
    original.askAgainAt > state.now && peer.phase === "active" ? original.askAgainAt : undefined,
  ];
}

function asksForNodes({ acknowledges, knowsUs }: Original): boolean {
  return acknowledges && !knowsUs;
}

function asksForReport(state: State, { original }: OriginalPeer): boolean {
  const isJoined = original.knowsUs || !original.acknowledges;
  return state.active && original.status === "active" && isJoined && !original.hasReported;
}

function join(turn: Turn, { peer, original }: OriginalPeer): void {
  const { state } = turn;
  if (asksForNodes(original) && isDue(original.askNodesAt, turn)) {
    original.askNodesAt = after(state.now, ASK_NODES_EVERY);
    say(turn, { type: "reqnodes" }, peer.name);
  }
  if (asksForReport(state, { peer, original }) && isDue(original.askReportAt, turn)) {
    original.askReportAt = after(state.now, ASK_REPORT_EVERY);
    say(turn, { type: "starting" });
  }
}

/** What the peer's operator wanted a while ago, and could not be. */
function expireWish(turn: Turn, { peer, original }: OriginalPeer): void {
  if (original.wants === undefined || !isDue(original.wants.until, turn)) return;
  original.wants = undefined;
  restate(turn, { peer, original });
}

/**
 * Whether a group may be given up now. To an original it may as soon as the peer has said that it
 * takes it; until then its side is offered.
 */
export function mayGiveUp(
  turn: Turn,
  group: Group,
  order: { readonly why: GiveUpReason; readonly to: string | undefined },
): boolean {
  const pair = livingOriginal(turn.state);
  if (pair === undefined || order.to !== pair.peer.name || !isOffered(order.why)) return true;
  if (turn.state.config.isLegacy) return isAskedFor(turn.state, group);
  const { handover } = pair.original;
  const side = sideOf(turn.state, group);
  if (handover.at === "releasing" && handover.sides.includes(side)) return true;
  turn.offers.set(side, order.why);
  return false;
}

const offered: readonly GiveUpReason[] = [
  "standby",
  "takeover",
  "failback",
  "ineligible",
  "unplugged",
] satisfies readonly HandoverReason[];

function isOffered(why: GiveUpReason): why is HandoverReason {
  return offered.includes(why);
}

/** Why a group goes with its side, now that the original has said that it takes that. */
export function handoverOf(
  state: State,
  group: Group,
): { readonly why: HandoverReason; readonly to: OriginalPeer["peer"]["name"] } | undefined {
  const pair = livingOriginal(state);
  if (pair === undefined) return undefined;
  if (isAskedFor(state, group)) return { why: "failback", to: pair.peer.name };
  const { handover } = pair.original;
  if (handover.at !== "releasing" || !handover.sides.includes(sideOf(state, group))) {
    return undefined;
  }
  return { why: handover.why, to: pair.peer.name };
}

/** Takes the steps of a handover that are ours, and ends one that does not go on. */
function proceed(turn: Turn, { peer, original }: OriginalPeer): void {
  const { state } = turn;
  const { handover } = original;
  if (handover.at === "none") return;
  const groups = handover.sides.flatMap((side) => groupsOn(state, side));
  if (handover.at === "releasing" && groups.every((group) => !isClaimed(group))) {
    original.bare = original.bare.filter((side) => !handover.sides.includes(side));
    original.handover = { ...handover, at: "released", until: after(state.now, STEP_WITHIN) };
    for (const side of handover.sides) original.since.set(side, state.now);
    // The report goes before the word that it follows from, as the original says them.
    report(turn, original);
    say(turn, { type: "ask_resources", holds: holdingOf(handover.sides), step: "done" });
    return restate(turn, { peer, original });
  }
  if (handover.at === "taking" && groups.every(hasEnded)) {
    return finishTaking(turn, { peer, original }, handover.sides);
  }
  if (isDue(handover.until, turn)) giveUpHandover(turn, { peer, original }, handover);
}

/** It was started, or will not be. */
function hasEnded(group: Group): boolean {
  const { local, mending } = group;
  if (local.at === "stopped") return obstacleOf(group) !== undefined;
  return mending === undefined && (local.at === "held" || local.at === "refused");
}

function finishTaking(turn: Turn, { peer, original }: OriginalPeer, sides: readonly Side[]): void {
  const { state } = turn;
  original.handover = { at: "none" };
  original.asked = 0;
  original.askAgainAt = state.now;
  original.bare = [...new Set([...original.bare, ...sides])];
  for (const group of sides.flatMap((side) => groupsOn(state, side))) {
    // Both may have held it until now: whoever asked was told one or the other.
    const ips = addressesOf(group.config).map(({ ip }) => ip);
    if (group.local.at === "held" && group.local.since < state.now && ips.length > 0) {
      announceNow(turn, group, ips);
    }
  }
  report(turn, original);
  say(turn, { type: "ask_resources", holds: holdingOf(turned(sides)), step: "done" });
  restate(turn, { peer, original });
}

function giveUpHandover(
  turn: Turn,
  { peer, original }: OriginalPeer,
  handover: Exclude<Handover, { readonly at: "none" }>,
): void {
  if (handover.at === "asked") original.unanswered += 1;
  if (handover.at !== "asked" || original.unanswered >= UNANSWERED_MAX) {
    original.interrupted = interruptionOf(handover);
  }
  // What it offered it may have thought better of, or takes this node to be in transition.
  if (handover.at === "promised") askAnew(turn, original);
  original.handover = { at: "none" };
  original.askAgainAt = after(turn.state.now, ASK_AGAIN_AFTER);
  if (handover.at === "asked") {
    for (const group of handover.sides.flatMap((side) => groupsOn(turn.state, side))) {
      if (!group.standby) continue;
      group.standby = false;
      group.refusal = `${peer.name} did not answer`;
      tell(turn, { code: "move-failed", group: group.config.name, reason: group.refusal });
    }
  }
  restate(turn, { peer, original });
}

/**
 * An original that was left in the middle of a handover waits an hour for its end, and until then
 * hears of no other. If it does not wait the word means nothing to it. What it takes upon it, it
 * reports, and then this node gives way: that may happen to an address, and to nothing else.
 */
function release(turn: Turn, pair: OriginalPeer): void {
  const { original } = pair;
  const { interrupted } = original;
  if (interrupted === undefined || !isReady(turn.state, pair)) return;
  const groups = interrupted.offered.flatMap((side) => groupsOn(turn.state, side));
  if (groups.some(runsHere)) return;
  say(turn, { type: "ask_resources", holds: interrupted.holds, step: "done" });
  original.interrupted = undefined;
}

/** Something of it runs here that must not run twice, or does not stop. */
function runsHere(group: Group): boolean {
  const { local, config } = group;
  if (local.at === "stopping" || local.at === "stuck") return true;
  return isClaimed(group) && config.resources.some(({ type }) => type !== "address");
}

/** Whether the peer can be asked for anything now. */
export function isReady(state: State, { peer, original }: OriginalPeer): boolean {
  return (
    state.active &&
    peer.phase === "active" &&
    original.status === "active" &&
    original.handover.at === "none" &&
    original.hasReported &&
    original.isStable
  );
}

/** Why the operator cannot have a group moved by itself, from or to an original; if he cannot. */
export function refusalByOriginal(state: State): string | undefined {
  const pair = livingOriginal(state);
  if (pair === undefined) return undefined;
  const { name } = pair.peer;
  if (state.config.isLegacy) {
    return `${name} runs heartbeat with auto_failback legacy: nothing is moved by hand there`;
  }
  if (!isReady(state, pair)) return `${name} is in transition: try again in a moment`;
  return undefined;
}

/** Why a group cannot be moved without the others of its side. */
export function refusalOfOne(state: State, group: Group): string | undefined {
  const pair = livingOriginal(state);
  if (pair === undefined) return undefined;
  const side = sideOf(state, group);
  if (groupsOn(state, side).length === 1) return undefined;
  return `${pair.peer.name} runs heartbeat, which moves all groups of a node at once: say ${side}`;
}

/** Offers the sides that are to go. */
function offer(turn: Turn, pair: OriginalPeer): void {
  const { state } = turn;
  const { original } = pair;
  if (!isReady(state, pair) || !isDue(original.askAgainAt, turn)) return;
  const offers = new Map(turn.offers);
  for (const side of bothSides) {
    if (isForTheOther(state, original, side)) offers.set(side, offers.get(side) ?? "ineligible");
  }
  const sides = bothSides.filter((side) => offers.has(side));
  const why = sides.map((side) => offers.get(side)).find((each) => each !== undefined);
  if (why === undefined) return;
  report(turn, original);
  original.handover = { at: "asked", sides, why, until: after(state.now, ANSWER_WITHIN) };
  say(turn, { type: "ask_resources", holds: holdingOf(sides), step: "me" });
}

/** A side that cannot be held here as a whole; or an empty one that belongs there. */
function isForTheOther(state: State, original: Original, side: Side): boolean {
  if (original.holds.includes(side)) return false;
  if (obstacleOn(state, side) !== undefined) return true;
  const isBare = original.bare.includes(side) && groupsOn(state, side).length === 0;
  return side === "foreign" && isBare && state.config.autoFailback;
}

/** Asks the peer to give up what is wanted here, or is held by both. */
function request(turn: Turn, pair: OriginalPeer): void {
  const { state } = turn;
  const { original } = pair;
  if (!isReady(state, pair) || !isDue(original.askAgainAt, turn)) return;
  const isDouble = (side: Side): boolean => isHeldTwice(state, original, side);
  const sides = bothSides.filter((side) => isWanted(state, original, side) || isDouble(side));
  if (sides.length === 0) return;
  if (sides.some(isDouble)) {
    original.asked += 1;
    if (original.asked > ASK_TIMES) {
      // It does not hear, or does not obey. One of the two must go.
      original.hasReplacedUs = true;
      return restate(turn, pair);
    }
  }
  report(turn, original);
  original.askAgainAt = after(state.now, ASK_AGAIN_AFTER);
  say(turn, { type: "hb_takeover", holds: holdingOf(sides) });
}

function isWanted(state: State, original: Original, side: Side): boolean {
  if (!original.holds.includes(side)) return false;
  return groupsOn(state, side).some((group) => group.wants !== undefined);
}

function isHeldTwice(state: State, original: Original, side: Side): boolean {
  if (!original.holds.includes(side) || original.hasReplacedUs) return false;
  return groupsOn(state, side).some(({ local }) => local.at === "held");
}
