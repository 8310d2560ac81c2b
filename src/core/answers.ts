/**
 * Answers: heartbeats before their time, because somebody waits to hear that it was heard.
 *
 * In a pair everything that is to be answered is answered at once. Where many hear one, many answer,
 * and each of them hears all these answers: if each of a hundred nodes that start were answered at once
 * by all, they would come to nothing else. So there is a bound for the whole cluster.
 */
import { after, instant, millis } from "../std/time.ts";
import type { State } from "./state.ts";

/** About as many answers all nodes together give in a keepalive, in the long run. */
const ANSWERS = 100;
/** So many a node that has been quiet gives at once: more than a planned move needs. */
const AT_ONCE = 8;
/** Peers of a small cluster: as many as the simulator has, and one more. */
const FEW = 7;

/** Has the next heartbeat sent at once, or as soon as may be, and in its own time at the latest. */
export function answer(state: State): void {
  const { config, now, peers, answersAt } = state;
  const spacing = millis((config.timing.keepalive * (peers.size - 1)) / ANSWERS);
  const at = instant(Math.max(now, answersAt - AT_ONCE * spacing));
  if (at >= state.nextKeepalive) return;
  state.nextKeepalive = at;
  state.answersAt = after(answersAt > now ? answersAt : now, spacing);
}

/**
 * Whether every heartbeat of a holder is answered at once. Where many would do so in the same moment,
 * and for several holders, its lease is up to a keepalive shorter instead, and lapses more easily when
 * heartbeats get lost.
 */
export function isSmall({ peers }: State): boolean {
  return peers.size <= FEW;
}
