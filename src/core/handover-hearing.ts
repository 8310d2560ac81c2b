/**
 * What an original says of groups: its reports, and its steps of a handover. What this node says to
 * that is in handover.ts.
 */
import { after, seconds } from "../std/time.ts";
import { STEP_WITHIN, isReady } from "./handover.ts";
import type { Saying, Side } from "./original-message.ts";
import type { Original, OriginalPeer } from "./original.ts";
import { askAnew, beginAnew, forgetTalk, isPair, say } from "./original.ts";
import { bothSides, groupsOn, holdingOf, obstacleOn, restate, sidesIn, turned } from "./sides.ts";
import type { Turn } from "./turn.ts";
import { isDue, markChanged, setLocal } from "./turn.ts";

/** How long after its `me` the original may take to begin to give up. */
const BEGIN_WITHIN = seconds(15);
/** How long the wish of its operator stands. */
const WISH_FOR = seconds(10);

export function recordWish(
  turn: Turn,
  pair: OriginalPeer,
  { holds }: Extract<Saying, { type: "hb_takeover" }>,
): void {
  const sides = turned(sidesIn(holds));
  pair.original.wants = { sides, until: after(turn.state.now, WISH_FOR) };
  restate(turn, pair);
}

export function recordReport(
  turn: Turn,
  pair: OriginalPeer,
  saying: Extract<Saying, { type: "resource" }>,
  sequence: number,
): void {
  const { peer, original } = pair;
  if (sequence < original.reportedIn) return;
  original.reportedIn = sequence;
  // It gives up everything, and says on demand that it holds nothing before it has.
  if (peer.phase === "leaving") return;
  if (saying.info === "shutdown") {
    peer.phase = "leaving";
    original.isStable = false;
    original.handover = { at: "none" };
    return restate(turn, pair);
  }
  const isAcquainted = original.hasReported;
  const before = original.holds;
  noteHolds(turn, original, holdsAfter(before, saying));
  if (saying.isFull) original.hasReported = true;
  if (saying.isStable === false) original.isStable = false;
  if (saying.isStable === true && !original.isStable) {
    original.isStable = true;
    // It waits for ours before it goes on.
    original.awaitsReport = true;
  }
  noteProgress(turn, original, saying);
  // It gives groups back when its peer says that it is stable, and not if that was said before this.
  if (saying.info === "mach_down" && original.handover.at === "none") askAnew(turn, original);
  const gained = original.holds.filter((side) => !before.includes(side));
  if (isAcquainted && hasReplacedUs(turn, original, gained)) return diedThere(turn, pair);
  return restate(turn, pair);
}

function holdsAfter(
  before: readonly Side[],
  { holds, isFull }: Extract<Saying, { type: "resource" }>,
): readonly Side[] {
  const said = turned(sidesIn(holds));
  if (isFull || holds === "none") return said;
  return bothSides.filter((side) => before.includes(side) || said.includes(side));
}

function noteHolds(turn: Turn, original: Original, holds: readonly Side[]): void {
  for (const side of holds) {
    if (!original.holds.includes(side)) original.since.set(side, turn.state.now);
  }
  original.holds = holds;
  // A side without groups is held by whoever says so.
  original.bare = original.bare.filter((side) => !holds.includes(side));
}

/** What a report says of a handover that is under way. */
function noteProgress(
  turn: Turn,
  original: Original,
  { info, isStable }: Extract<Saying, { type: "resource" }>,
): void {
  const { handover } = original;
  const { now } = turn.state;
  if (handover.at === "promised" && info === "standby") {
    original.handover = { ...handover, until: after(now, STEP_WITHIN) };
    // It says already what it will no longer hold; until its `done` it stops what is there.
    noteHolds(turn, original, [...new Set([...original.holds, ...handover.sides])]);
  }
  // Its `done` was lost.
  const isTaken = handover.at === "released" && isStable === true;
  if (isTaken && handover.sides.every((side) => original.holds.includes(side))) {
    original.handover = { at: "none" };
    original.wants = undefined;
  }
}

/** It holds what we hold, though nobody gave it: it has called us dead. */
function hasReplacedUs(turn: Turn, original: Original, gained: readonly Side[]): boolean {
  if (original.handover.at !== "none" && original.handover.at !== "asked") return false;
  return gained.some((side) =>
    groupsOn(turn.state, side).some(({ local }) => local.at === "held" || local.at === "starting"),
  );
}

/**
 * It has called us dead, though we hear it: what it takes now is its own. Were it to hear this life of
 * ours go on, it would take itself for the one that was cut off.
 */
export function diedThere(turn: Turn, pair: OriginalPeer): void {
  forgetTalk(pair.original, turn.state.now);
  // With that it has given up what it waited for.
  pair.original.interrupted = undefined;
  pair.original.hasReplacedUs = true;
  restate(turn, pair);
  beginAnew(turn);
}

export function recordStep(
  turn: Turn,
  pair: OriginalPeer,
  { holds, step }: Extract<Saying, { type: "ask_resources" }>,
): void {
  const { state } = turn;
  const { original } = pair;
  const { handover } = original;
  // Nothing cannot change hands, and would keep all else from doing so until its time is over.
  if (holds === "none" && step !== "done") return undefined;
  if (step === "me") return answerOffer(turn, pair, turned(sidesIn(holds)));
  original.unanswered = 0;
  if (step === "other" && handover.at === "asked") {
    original.handover = { ...handover, at: "releasing", until: after(state.now, STEP_WITHIN) };
  } else if (step === "other" && handover.at === "none" && state.leaving === undefined) {
    // It comes late, and waits for what was offered: it hears of nothing else until it has it.
    const until = after(state.now, STEP_WITHIN);
    original.handover = { at: "releasing", sides: sidesIn(holds), why: "standby", until };
  } else if (step === "done" && handover.at === "promised") {
    // Two offers may have gone by each other: what it has released is what it says now.
    const sides = turned(sidesIn(holds));
    original.handover = { at: "taking", sides, until: after(state.now, STEP_WITHIN) };
    const kept = original.holds.filter((side) => !sides.includes(side));
    noteHolds(turn, original, kept);
    for (const group of sides.flatMap((side) => groupsOn(state, side))) {
      group.yields = undefined;
      markChanged(turn, group);
    }
  } else if (step === "done" && handover.at === "released") {
    original.handover = { at: "none" };
    noteHolds(turn, original, [...new Set([...original.holds, ...handover.sides])]);
    original.wants = undefined;
  }
  return restate(turn, pair);
}

/** An offer that cannot be taken up is not answered: after a while the peer keeps what it has. */
function answerOffer(turn: Turn, pair: OriginalPeer, sides: readonly Side[]): void {
  const { state } = turn;
  const { original } = pair;
  // What it offered before it heard of this life of ours, it has forgotten.
  const isHeard = original.knowsUs || !original.acknowledges;
  const isFree = isHeard && (isReady(state, pair) || original.handover.at === "asked");
  if (!isFree || state.leaving !== undefined || !isPair(state)) return;
  for (const group of sides.flatMap((side) => groupsOn(state, side))) {
    // It does not say why it offers them: half a minute after a start has failed there, it does.
    const { local } = group;
    if (local.at === "refused" && isDue(local.retryAt, turn))
      setLocal(turn, group, { at: "stopped" });
  }
  if (sides.some((side) => obstacleOn(state, side) !== undefined)) return;
  original.handover = { at: "promised", sides, until: after(state.now, BEGIN_WITHIN) };
  original.isStable = false;
  // Whoever wanted it there has thought better of it.
  original.wants = undefined;
  say(turn, { type: "ask_resources", holds: holdingOf(turned(sides)), step: "other" });
  restate(turn, pair);
}
