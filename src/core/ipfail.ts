import type { Saying } from "./original-message.ts";
/**
 * Speaks with the original's ipfail about ping nodes. What it says becomes the reach of the peer, and
 * reach.ts draws the same conclusions as among our own kind.
 */
import type { OriginalPeer } from "./original.ts";
import { say } from "./original.ts";
import type { Turn } from "./turn.ts";

/** Tells how many ping nodes this node reaches, if that is news to the peer. */
export function tellReach(turn: Turn, { peer, original }: OriginalPeer): void {
  const { reach } = turn.state;
  if (reach === undefined || reach === original.toldReach || !original.hasReported) return;
  original.toldReach = reach;
  say(turn, { type: "num_ping_nodes", count: reach }, peer.name);
}

/** It asks how we compare: it gives up if we reach more, and only then. */
export function recordPingCount(
  turn: Turn,
  { peer }: OriginalPeer,
  { count }: Extract<Saying, { type: "num_ping_nodes" }>,
): void {
  const { reach } = turn.state;
  peer.reach = count;
  if (reach === undefined || reach < count) return;
  say(turn, { type: reach > count ? "you_are_dead" : "abort_giveup" }, peer.name);
}

/** It reaches more than we said. */
export function recordWorse(turn: Turn, { peer }: OriginalPeer): void {
  peer.reach = Math.max(peer.reach ?? 0, (turn.state.reach ?? 0) + 1);
}

/** It reaches as many as we said. */
export function recordEqual(turn: Turn, { peer }: OriginalPeer): void {
  peer.reach = turn.state.reach;
}
