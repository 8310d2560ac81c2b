/**
 * What an original is told of what this node holds: one report for every change, and for every
 * question.
 */
import type { Millis } from "../std/time.ts";
import { after, seconds } from "../std/time.ts";
import type { Original } from "./original.ts";
import { say } from "./original.ts";
import { heldHere, holdingOf } from "./sides.ts";
import type { Turn } from "./turn.ts";
import { isDue } from "./turn.ts";

/** By then all that was said before has been repeated, if it was lost. */
export const CONFIRM_AFTER: Millis = seconds(3);

/** Reports what this node holds, if that is news to the peer. */
export function report(turn: Turn, original: Original): void {
  const { state } = turn;
  const { at } = original.handover;
  // What is about to change hands is reported when it has, or begins to leave.
  if (at === "asked" || at === "promised" || at === "taking") return;
  if (!state.active || original.status !== "active") return;
  const isOld = original.confirmAt !== undefined && isDue(original.confirmAt, turn);
  if (isOld) original.confirmAt = undefined;
  takeBareSide(original);
  const holds = holdingOf(heldHere(state, original));
  const isStable = original.hasReported && at === "none";
  const info = at === "none" ? "" : "standby";
  const said = `${holds} ${isStable}`;
  const isNews = original.hasReported && said !== original.told;
  if (!isNews && !original.awaitsReport && !isOld) return;
  original.awaitsReport = false;
  original.told = said;
  original.confirmAt = isStable && !isOld ? after(state.now, CONFIRM_AFTER) : undefined;
  say(turn, { type: "resource", holds, isFull: true, isStable, info });
}

/** A side without groups counts as held where it belongs, as the original counts. */
function takeBareSide(original: Original): void {
  const { hasReported, holds, bare } = original;
  if (hasReported && !holds.includes("local") && !bare.includes("local")) {
    original.bare = [...bare, "local"];
  }
}

export function sayLeaving(turn: Turn, original: Original): void {
  if (original.told === "leaving") return;
  original.told = "leaving";
  original.handover = { at: "none" };
  const holds = "none";
  say(turn, { type: "resource", holds, isFull: true, isStable: false, info: "shutdown" });
}
