/**
 * What keeps the pair from being whole, one sentence each: whether the other node could take over
 * right now is a state of its own, not something to be found out when it is needed.
 */
import { hearsUs } from "./agreement.ts";
import { fenceSentence } from "./fence.ts";
import type { Group } from "./group.ts";
import { isClaimed } from "./group.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import { candidatesOf } from "./placement.ts";
import type { State } from "./state.ts";
import type { Claim, NodeName } from "./types.ts";

export interface Placed {
  readonly group: Group;
  readonly holder: NodeName | undefined;
  readonly at: Claim["at"] | undefined;
}

/** @returns nothing if all is well */
export function problemsOf(state: State, placed: readonly Placed[]): readonly string[] {
  return [
    ...(state.misconfigured === undefined
      ? []
      : [
          `the files were changed and have errors, the old ones are in force: ${state.misconfigured}`,
        ]),
    ...[...state.peers.values()].flatMap((peer) => peerProblems(state, peer)),
    ...mediumProblems(state),
    ...pingProblems(state),
    ...placed.flatMap((each) => groupProblems(state, each)),
  ];
}

function peerProblems(state: State, peer: Peer): readonly string[] {
  const { name } = peer;
  if (peer.liveness === "unknown") return [`${name} was not heard yet`];
  if (!isAlive(peer)) {
    const gone = `${name} ${peer.liveness === "left" ? "has stopped" : "is dead"}`;
    return [fenceSentence(state, name) ?? gone];
  }
  const problems: string[] = [];
  if (!hearsUs(peer, state)) problems.push(`${name} does not hear this node`);
  if (peer.original === undefined && peer.digest !== state.config.digest)
    problems.push(
      `${name} has other configuration files in force: make them the same, and reload both`,
    );
  for (const { medium, state: link } of peer.links.values()) {
    if (link === "dead") problems.push(`${name} is not heard on ${medium}`);
    if (link === "unknown") problems.push(`${name} was never heard on ${medium}`);
  }
  return problems;
}

function mediumProblems(state: State): readonly string[] {
  return [...state.media].flatMap(([medium, { fault }]) =>
    fault === undefined ? [] : [`medium ${medium}: ${fault}`],
  );
}

function pingProblems({ pings }: State): readonly string[] {
  return [...pings.values()].flatMap((ping) =>
    ping.state === "dead" ? [`ping node ${ping.name} does not answer`] : [],
  );
}

function groupProblems(state: State, { group, holder, at }: Placed): readonly string[] {
  const { name } = group.config;
  const problems: string[] = [];
  if (at === undefined) problems.push(`${name} is held by nobody`);
  else if (at !== "held") problems.push(`${name} is ${at}`);
  if (group.rival !== undefined) problems.push(`${name} is held by ${group.rival} too`);
  for (const { node, obstacle } of candidatesOf(state, group)) {
    const peer = state.peers.get(node);
    // That a peer is dead is said once, not for each of its groups.
    if (node === holder || obstacle === undefined || (peer && !isAlive(peer))) continue;
    problems.push(`${node} could not take ${name}: ${obstacle}`);
  }
  if (holder === state.config.self) problems.push(...doubts(group));
  return [...problems, ...strangers(group)];
}

/** What is held here and cannot be reached. */
function doubts(group: Group): readonly string[] {
  return [...group.facts.values()].flatMap(({ resource, doubt }) =>
    doubt === undefined ? [] : [`${resource} is held here and cannot be reached: ${doubt}`],
  );
}

function strangers(group: Group): readonly string[] {
  if (isClaimed(group)) return [];
  return [...group.facts.values()].flatMap(({ resource, present }) =>
    present === "foreign"
      ? [
          `${resource} is configured here, not by this daemon, and ${group.config.name} is not held here`,
        ]
      : [],
  );
}
