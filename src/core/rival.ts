/**
 * Two nodes hold a group: after a partition that no lease or fence guarded. One has the better
 * claim, and both know which; the other gives up at once.
 */
import type { Group } from "./group.ts";
import { ownClaim } from "./group.ts";
import type { Peer } from "./peer.ts";
import { claimOf, isAlive } from "./peer.ts";
import type { State } from "./state.ts";
import type { Claim, NodeName } from "./types.ts";

export interface Rivalry {
  readonly peer: NodeName;
  readonly winner: NodeName;
}

/** The peer with the best claim to a group that this node claims too, if there is one. */
export function rivalryOver(state: State, group: Group): Rivalry | undefined {
  const own = ownClaim(group, state.now);
  if (own === undefined || !isWhole(own)) return undefined;
  const { self } = state.config;
  let best: { readonly node: NodeName; readonly claim: Claim } | undefined;
  const nodes = preferenceOf(state, group);
  for (const { node, claim } of rivals(state, group)) {
    if (best === undefined || isBetter(nodes, { node, claim }, best)) best = { node, claim };
  }
  if (best === undefined) return undefined;
  const wins = isBetter(nodes, { node: self, claim: own }, best);
  return { peer: best.node, winner: wins ? self : best.node };
}

function rivals(state: State, group: Group): { node: NodeName; claim: Claim }[] {
  return [...state.peers.values()].filter(isAlive).flatMap((peer: Peer) => {
    const claim = claimOf(peer, group.config.name);
    return claim !== undefined && isWhole(claim) ? [{ node: peer.name, claim }] : [];
  });
}

/** A claim that its node means to keep: not one that is being given up. */
function isWhole(claim: Claim): boolean {
  return claim.at === "held" || claim.at === "starting";
}

/** Nodes with other files may prefer others: then nothing that both must agree on may rest on them. */
function preferenceOf(state: State, group: Group): readonly NodeName[] {
  const isShared = [...state.peers.values()]
    .filter(isAlive)
    .every(({ digest }) => digest === state.config.digest);
  return isShared ? group.config.nodes : [];
}

/** The higher term, then the more preferred node, then the lower name. */
function isBetter(
  nodes: readonly NodeName[],
  one: { readonly node: NodeName; readonly claim: Claim },
  other: { readonly node: NodeName; readonly claim: Claim },
): boolean {
  if (one.claim.term !== other.claim.term) return one.claim.term > other.claim.term;
  const ranks = [nodes.indexOf(one.node), nodes.indexOf(other.node)] as const;
  if (ranks[0] !== ranks[1]) return ranks[1] < 0 || (ranks[0] >= 0 && ranks[0] < ranks[1]);
  return one.node < other.node;
}
