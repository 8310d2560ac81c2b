/**
 * Cut off from everything: a node that hears no peer and reaches no ping node. `on_isolated release`
 * lets it give up what it holds, and take nothing, because the others may do so.
 */
import type { Instant } from "../std/time.ts";
import { isAlive } from "./peer.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { markChanged, tell } from "./turn.ts";

/** When a ping node answered last; undefined: none ever did. */
export function lastPong({ pings }: State): Instant | undefined {
  let last: Instant | undefined;
  for (const { heard } of pings.values()) {
    if (heard !== undefined && (last === undefined || heard > last)) last = heard;
  }
  return last;
}

/** Whether this node is to hold nothing because it is cut off. */
export function isIsolated({ config, pings, peers }: State): boolean {
  if (config.onIsolated !== "release" || pings.size === 0) return false;
  if ([...pings.values()].some(({ state }) => state !== "dead")) return false;
  return ![...peers.values()].some((peer) => isAlive(peer) || peer.liveness === "unknown");
}

/** Notes whether this node is cut off, and says so. */
export function judgeIsolation(turn: Turn): void {
  const { state } = turn;
  const is = isIsolated(state);
  if (is === state.isolated) return;
  state.isolated = is;
  for (const group of state.groups.values()) markChanged(turn, group);
  tell(turn, { code: is ? "isolated" : "connected" });
}
