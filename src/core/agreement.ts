/**
 * May this node act on what it knows? Only when every node that may be alive is known to know the
 * same.
 *
 * What a peer said a moment ago, that it holds nothing, it may have said before it knew what this
 * node wants, and it may be taking the group right now. So a group is taken only if, of every peer
 * that is not dead,
 *
 * 1. the newest heartbeat was sent knowing all that this node says of the group today (`hears`),
 * 2. and knowing all that every other living peer says today,
 * 3. and it heard us so lately that it cannot have called us dead meanwhile: what it acknowledges
 *    was sent less than our deadtime ago, so it is not older there.
 *
 * Two nodes that both decide on such grounds decide on the same facts, and placement.ts gives the
 * same answer to both. A heartbeat lost or late delays a takeover; it never doubles one.
 */
import type { Group } from "./group.ts";
import { originalHearsUs } from "./original.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import { originalLets } from "./sides.ts";
import type { State } from "./state.ts";

/** Whether all that matters to where the group belongs is common knowledge of the living. */
export function isAgreed(state: State, group: Group): boolean {
  for (const peer of state.peers.values()) {
    if (peer.liveness === "unknown") return false;
    if (!isAlive(peer)) continue;
    if (peer.original !== undefined) {
      if (!originalLets(state, peer.original, group)) return false;
      continue;
    }
    if (!knowsUs(peer, state, group.saidSince)) return false;
  }
  return doAllKnowEachOther(state);
}

/** Whether a peer is alive and was heard to hear us within deadtime. */
export function hearsUs(peer: Peer, state: State): boolean {
  if (!isAlive(peer)) return false;
  if (peer.original !== undefined) return originalHearsUs(peer, peer.original, state);
  return peer.acked !== undefined && state.now < peer.acked.until;
}

/** Whether it is known to know what this node has said since the heartbeat of this number. */
export function knowsUs(peer: Peer, state: State, since: number): boolean {
  return hearsUs(peer, state) && peer.acked !== undefined && peer.acked.sequence >= since;
}

function doAllKnowEachOther({ peers }: State): boolean {
  for (const peer of peers.values()) {
    if (!isAlive(peer) || peer.original !== undefined) continue;
    // Who is not in the list is dead to it, and will not be waited for by it either.
    for (const { node, generation, sequence } of peer.hears) {
      const other = peers.get(node);
      if (other === undefined || other === peer || !isAlive(other)) continue;
      if (generation !== other.generation || sequence < other.changed) return false;
    }
  }
  return true;
}
