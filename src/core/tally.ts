/**
 * What happens often and means little one by one: counted, and told at most once a minute with the
 * number, never once per packet.
 */
import { after, seconds } from "../std/time.ts";
import type { RejectReason } from "./input.ts";
import type { Tally } from "./state.ts";
import type { Turn } from "./turn.ts";
import { isDue, tell } from "./turn.ts";
import type { MediumName, NodeName } from "./types.ts";

const TELL_EVERY = seconds(60);
/** The kinds of errno are few, but nothing here may grow without a limit. */
const KINDS_MAX = 32;

export interface Rejection {
  readonly medium: MediumName;
  readonly reason: RejectReason;
  readonly count: number;
}

export function countRejected(turn: Turn, { medium, reason, count: number }: Rejection): void {
  const tallies = turn.state.media.get(medium)?.rejected;
  if (tallies !== undefined) count(turn, tallies, reason, number);
}

export function countSendFailed(turn: Turn, medium: MediumName, errno: string): void {
  const tallies = turn.state.media.get(medium)?.sendsFailed;
  if (tallies !== undefined) count(turn, tallies, errno, 1);
}

function count<K>(turn: Turn, tallies: Map<K, Tally>, kind: K, number: number): void {
  const tally = tallies.get(kind) ?? { total: 0, untold: 0, tellAt: turn.state.now };
  tally.total += number;
  tally.untold += number;
  if (tallies.has(kind) || tallies.size < KINDS_MAX) tallies.set(kind, tally);
}

export function tellTallies(turn: Turn): void {
  for (const [medium, { rejected, sendsFailed }] of turn.state.media) {
    for (const [reason, tally] of rejected) {
      const number = takeUntold(turn, tally);
      if (number > 0) tell(turn, { code: "datagrams-rejected", medium, reason, count: number });
    }
    for (const [errno, tally] of sendsFailed) {
      const number = takeUntold(turn, tally);
      if (number > 0) tell(turn, { code: "sends-failed", medium, errno, count: number });
    }
  }
}

function takeUntold(turn: Turn, tally: Tally): number {
  if (tally.untold === 0 || !isDue(tally.tellAt, turn)) return 0;
  const number = tally.untold;
  tally.untold = 0;
  tally.tellAt = after(turn.state.now, TELL_EVERY);
  return number;
}

/** Another machine speaks in our name: told, but not at every heartbeat. */
export function tellClash(turn: Turn, node: NodeName, medium: MediumName): void {
  const { state } = turn;
  if (state.clashToldAt !== undefined && state.now < after(state.clashToldAt, TELL_EVERY)) return;
  state.clashToldAt = state.now;
  tell(turn, { code: "name-clash", node, medium });
}
