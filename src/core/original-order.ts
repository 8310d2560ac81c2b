/**
 * The order of an original's messages: what is new, what is missing, what is asked for again
 * (heartbeat.c, should_drop_message and its neighbours, as observed).
 *
 * An original sends n+1 before n now and then, so what is missing is asked for only after a while.
 */
import type { Instant } from "../std/time.ts";
import { after, millis } from "../std/time.ts";
import type { OriginalMessage, Saying } from "./original-message.ts";
import { CONFIRM_AFTER } from "./original-report.ts";
import type { Original, OriginalPeer } from "./original.ts";
import { sayAside } from "./original.ts";
import type { Peer } from "./peer.ts";
import type { Turn } from "./turn.ts";
import { act, isDue } from "./turn.ts";

/** How many of its latest messages each side can say again. */
export const HISTORY = 500;
/** A gap as wide as this is not filled any more. */
const GAP_MAX = 250;
const REPEATS_MAX = 50;
const FIRST_REQUEST = millis(100);
const NEXT_REQUEST = millis(250);
/** A repetition on its way is not repeated. */
const REPEAT_AGAIN = millis(240);
/** Of ten messages this one is acknowledged, as the original does. */
const ACKNOWLEDGED_DIGIT = 7;

export interface Mark {
  readonly generation: number;
  readonly sequence: number;
}

/** Whether a message with this number of the generation in force is new; the gap is remembered. */
export function takeNumber(
  peer: Peer,
  original: Original,
  sequence: number,
  now: Instant,
): boolean {
  if (sequence <= peer.sequence) return original.missing.delete(sequence);
  const isFirst = peer.sequence === 0;
  if (!isFirst && sequence - peer.sequence > GAP_MAX) original.missing.clear();
  else if (!isFirst) noteGap(peer, original, sequence, now);
  peer.sequence = sequence;
  for (const number of original.missing.keys()) {
    if (number <= sequence - HISTORY) original.missing.delete(number);
  }
  return true;
}

function noteGap(peer: Peer, original: Original, sequence: number, now: Instant): void {
  for (let number = peer.sequence + 1; number < sequence; number++) {
    original.missing.set(number, after(now, FIRST_REQUEST));
  }
}

/** Acknowledges every tenth message, if nothing before it is missing. */
export function acknowledge(turn: Turn, { peer, original }: OriginalPeer, sequence: number): void {
  if (!original.acknowledges || sequence % 10 !== ACKNOWLEDGED_DIGIT) return;
  for (const number of original.missing.keys()) if (number < sequence) return;
  sayAside(turn, { type: "NS_ackmsg", sequence }, peer.name);
}

/**
 * Whether a message to us shows that its sender hears us at this time. What is in the order is new, or
 * it would have been dropped. What is outside of it has no number of its own, so that anybody can say
 * it again: it must speak of a later message of ours than all before it.
 *
 * An acknowledgement does not say of which of our generations it is: one that was recorded before
 * `beginAnew` passes once more when we count as far again. Nothing in the original's format prevents it.
 *
 * @param newest - the number of our newest message
 */
export function showsHearing(
  original: Original,
  { sequence, saying }: OriginalMessage,
  newest: number,
): boolean {
  if (sequence !== undefined) return true;
  const ours = numberOfOurs(saying);
  if (ours === undefined || ours <= original.spokenOf || ours > newest) return false;
  original.spokenOf = ours;
  return true;
}

function numberOfOurs(saying: Saying): number | undefined {
  if (saying.type === "NS_ackmsg") return saying.sequence;
  return saying.type === "NS_rexmit" ? saying.last : undefined;
}

/** Asks again for what is missing and due. */
export function askForMissing(turn: Turn, { peer, original }: OriginalPeer): void {
  const { now } = turn.state;
  for (const [number, at] of original.missing) {
    if (!isDue(at, turn)) continue;
    original.missing.set(number, after(now, NEXT_REQUEST));
    sayAside(turn, { type: "NS_rexmit", first: number, last: number }, peer.name);
  }
}

/** What the peer did not receive is said again, in the words of then. */
export function repeat(
  turn: Turn,
  { peer, original }: OriginalPeer,
  { first, last }: Extract<Saying, { type: "NS_rexmit" }>,
): void {
  const { state } = turn;
  for (const [number, at] of original.repeated) {
    if (state.now >= after(at, REPEAT_AGAIN)) original.repeated.delete(number);
  }
  const end = Math.min(last, state.sequence, first + REPEATS_MAX - 1);
  for (let sequence = Math.max(1, first); sequence <= end; sequence++) {
    if (sequence <= state.sequence - HISTORY) {
      const reason = "seqno too low";
      sayAside(turn, { type: "NS_nak_rexmit", sequence, reason }, peer.name);
    } else if (!original.repeated.has(sequence) && original.repeated.size < HISTORY) {
      original.repeated.set(sequence, state.now);
      original.confirmAt = after(state.now, CONFIRM_AFTER);
      act(turn, { type: "repeat", sequence });
    }
  }
}

/** When something is to be asked for next. */
export function requestDue({ missing }: Original): Instant | undefined {
  let next: Instant | undefined;
  for (const at of missing.values()) if (next === undefined || at < next) next = at;
  return next;
}
