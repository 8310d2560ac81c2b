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

export function countRejected(turn: Turn, medium: MediumName, reason: RejectReason): void {
  count(turn, turn.state.media.get(medium)?.rejected, reason);
}

export function countSendFailed(turn: Turn, medium: MediumName, errno: string): void {
  count(turn, turn.state.media.get(medium)?.sendsFailed, errno);
}

function count<K>(turn: Turn, tallies: Map<K, Tally> | undefined, kind: K): void {
  if (tallies === undefined) return;
  const tally = tallies.get(kind) ?? { total: 0, untold: 0, tellAt: turn.state.now };
  tally.total += 1;
  tally.untold += 1;
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
