/**
 * Where a resource group belongs: a pure function of who can hold it and what they say of it.
 *
 * Every node works this out for itself. That they come to the same answer before one of them acts
 * on it is what agreement.ts sees to.
 */
import type { Group } from "./group.ts";
import { BACK, doubtOf, obstacleOf, ownStance } from "./group.ts";
import { isPair } from "./original.ts";
import type { Peer } from "./peer.ts";
import { stanceOf } from "./peer.ts";
import type { State } from "./state.ts";
import type { GroupConfig, NodeName, Stance } from "./types.ts";

/** A node that may hold the group by its configuration. */
export interface Candidate {
  readonly node: NodeName;
  /** Why it cannot hold it at present; undefined if it can. */
  readonly obstacle: string | undefined;
  readonly stance: Stance | undefined;
}

/** The nodes that may hold a group, the most preferred first, as this node knows them. */
export function candidatesOf(state: State, group: Group): readonly Candidate[] {
  return group.config.nodes.map((node) => {
    if (node === state.config.self) {
      const obstacle = ownObstacle(state, group);
      return { node, obstacle, stance: ownStance(group, obstacle) };
    }
    const peer = state.peers.get(node);
    if (peer === undefined) return { node, obstacle: "is not configured", stance: undefined };
    const stance = stanceOf(peer, group.config.name);
    return { node, obstacle: obstacleOfPeer(state, group, peer), stance };
  });
}

/** Why this node cannot hold the group at present; undefined if it can. */
export function ownObstacle(state: State, group: Group): string | undefined {
  return hindranceOf(state, group) ?? doubtOf(group) ?? lagOf(state, group) ?? backOf(group);
}

/** Why it is to let the group go, whether or not somebody else takes it. */
export function mustLetGo(state: State, group: Group): boolean {
  return (hindranceOf(state, group) ?? lagOf(state, group)) !== undefined;
}

function hindranceOf(state: State, group: Group): string | undefined {
  if (state.leaving !== undefined) return "is stopping";
  if (group.local.at === "refused") return `could not start it: ${group.local.reason}`;
  if (group.next !== undefined) return "reads its new configuration";
  if (state.isolated) return "hears no peer and reaches no ping node";
  return obstacleOf(group);
}

function lagOf(state: State, { behind }: Group): string | undefined {
  return behind === undefined ? undefined : fewerPings(state, behind);
}

function backOf({ plugged }: Group): string | undefined {
  return plugged?.isAble === false ? BACK : undefined;
}

/** That this node is worse connected than another one, with what both last said. */
export function fewerPings({ peers, pings, reach }: State, ahead: NodeName): string {
  const other = peers.get(ahead)?.reach ?? 0;
  // What is made up for counts only when it has lasted.
  if (reach === undefined || other <= reach) return `reached fewer ping nodes than ${ahead}`;
  return `reaches fewer ping nodes than ${ahead} (${reach} of ${pings.size}, ${ahead} ${other})`;
}

/** Why a peer cannot hold the group at present; undefined if it can. */
export function obstacleOfPeer(state: State, group: Group, peer: Peer): string | undefined {
  switch (peer.liveness) {
    case "unknown":
      return "was not heard yet";
    case "dead":
      return peer.everHeard ? "is dead" : "was never heard";
    case "left":
      return "has stopped";
    case "up":
    case "late":
      if (peer.original !== undefined && !isPair(state)) {
        return "runs the original heartbeat, which knows pairs only";
      }
      if (peer.phase === "leaving") return "is stopping";
      // An original refuses nothing by itself, but its ipfail says how many it reaches.
      if (peer.original !== undefined && isBehind(state, peer)) return refusal(state, peer);
      return refusalBy(state, group, peer);
  }
}

function refusalBy(state: State, group: Group, peer: Peer): string | undefined {
  const stance = stanceOf(peer, group.config.name);
  if (stance?.at !== "refuses") return undefined;
  return stance.why ?? refusal(state, peer);
}

function isBehind({ reach }: State, peer: Peer): boolean {
  return reach !== undefined && peer.reach !== undefined && peer.reach < reach;
}

function refusal(state: State, peer: Peer): string {
  if (!isBehind(state, peer)) return "refuses it: see its own status";
  const { config, pings, reach } = state;
  const { self } = config;
  return `reaches fewer ping nodes than ${self} (${peer.reach} of ${pings.size}, ${self} ${reach})`;
}

/**
 * The node that the group belongs to, of those that can hold it: the one whose operator asked for
 * it; else the one it was given to; else the most preferred one.
 */
export function placeOf(candidates: readonly Candidate[]): NodeName | undefined {
  const able = candidates.filter(({ obstacle }) => obstacle === undefined);
  const wanting = able.find(({ stance }) => stance?.at === "wants");
  if (wanting !== undefined) return wanting.node;
  const free = able.filter(({ stance }) => stance?.at !== "yields");
  const given = free.find(({ node }) =>
    able.some(({ stance }) => stance?.at === "yields" && stance.to === node),
  );
  return (given ?? free[0] ?? able[0])?.node;
}

/** The other node that a group given up here would best go to. */
export function placeElsewhere(state: State, group: Group): NodeName | undefined {
  return candidatesOf(state, group).find(
    ({ node, obstacle }) => node !== state.config.self && obstacle === undefined,
  )?.node;
}

/** The node at whose place of the line haresources names the group. */
export function homeOf(config: GroupConfig): NodeName | undefined {
  return config.nodes[0];
}
