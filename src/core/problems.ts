/**
 * What keeps the pair from being whole, one sentence each: whether the other node could take over
 * right now is a state of its own, not something to be found out when it is needed.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, elapsed } from "../std/time.ts";
import { hearsUs } from "./agreement.ts";
import { elsewhereOf } from "./elsewhere.ts";
import { fenceSentence } from "./fence.ts";
import type { Group } from "./group.ts";
import { isClaimed } from "./group.ts";
import { isMaintained, unawareOf } from "./maintenance.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import { candidatesOf } from "./placement.ts";
import type { State } from "./state.ts";
import type { Claim, NodeName } from "./types.ts";
import { hasVote } from "./witness.ts";

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
    ...guardProblems(state),
    ...maintenanceProblems(state),
    ...[...state.peers.values()].flatMap((peer) => peerProblems(state, peer)),
    ...mediumProblems(state),
    ...pingProblems(state),
    ...placed.flatMap((each) => groupProblems(state, each)),
  ];
}

/** What keeps two nodes from answering at once, or one from answering at all. */
function guardProblems(state: State): readonly string[] {
  const { lease, config, isolated } = state;
  const problems: string[] = [];
  if (lease.lapsed !== undefined) {
    problems.push(
      `this node holds its addresses and does not answer for them: ${lease.lapsed.why}`,
    );
  }
  // Without one by the operator's own word all is as it is to be: see the line of the lease.
  if (lease.kind?.mechanism === "none" && config.lease !== undefined) {
    const why = lease.kind.fault === undefined ? "" : ` (${lease.kind.fault})`;
    problems.push(
      `there is no lease${why}: if this daemon freezes or is killed, two nodes may answer`,
    );
  }
  if (isolated) {
    problems.push("this node hears no peer and reaches no ping node: it holds nothing for that");
  }
  return [...problems, ...witnessProblems(state)];
}

/** With the way out, where it keeps this node from taking what a dead peer had. */
function witnessProblems(state: State): readonly string[] {
  const { config, witness, peers } = state;
  if (config.hasWitness !== true || witness.fault === undefined) return [];
  const fault = `the witness cannot be asked: ${witness.fault}`;
  const dead = [...peers.values()].find(({ liveness, isOff }) => liveness === "dead" && !isOff);
  if (dead === undefined || hasVote(state)) return [fault];
  return [
    fault,
    `without its vote nothing is taken from ${dead.name}: if that is off, write understudy confirm ` +
      `${dead.name}; to do without a witness, remove its line from ha.cf and reload`,
  ];
}

function maintenanceProblems(state: State): readonly string[] {
  const { word } = state.upkeep;
  if (word === undefined || !isMaintained(state)) return [];
  const why = word.reason === "" ? "" : `: ${word.reason}`;
  const unaware = unawareOf(state).map((name) =>
    state.peers.get(name)?.original === undefined
      ? `${name} does not know of the maintenance yet`
      : `${name} runs heartbeat, which knows of no maintenance: it takes over as ever`,
  );
  return [`maintenance, nothing moves by itself (said at ${word.by}${why})`, ...unaware];
}

function peerProblems(state: State, peer: Peer): readonly string[] {
  const { name } = peer;
  if (peer.liveness === "unknown") return [`${name} was not heard yet`];
  if (!isAlive(peer)) {
    const gone = `${name} ${peer.liveness === "left" ? "has stopped" : "is dead"}`;
    return [fenceSentence(state, name) ?? gone];
  }
  const absence = absenceSentence(peer, state.now);
  // What it does not do meanwhile is no fault of its own.
  if (absence !== undefined) return [`${name} ${absence}`];
  if (peer.unreachable?.isRefuted === false) {
    return [`${name} has no daemon that listens, its kernel says`];
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

/** How long a peer whose daemon is being replaced may still be away; undefined: it is not. */
export function absenceOf(peer: Peer, now: Instant): Millis | undefined {
  if (!isAlive(peer) || peer.phase !== "away") return undefined;
  const end = after(peer.judgedFrom, peer.deadtime);
  return elapsed(now, end > now ? end : now);
}

/** Without the name: `is being replaced, back within 12 s`. */
export function absenceSentence(peer: Peer, now: Instant): string | undefined {
  const left = absenceOf(peer, now);
  return left === undefined
    ? undefined
    : `is being replaced, back within ${Math.ceil(left / 1000)} s`;
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
  const elsewhere = at === undefined ? elsewhereOf(state, group) : undefined;
  if (elsewhere !== undefined) problems.push(`${name} is not taken: ${elsewhere.sentence}`);
  else if (at === undefined) problems.push(`${name} is held by nobody`);
  else if (at !== "held") problems.push(`${name} is ${at}`);
  if (group.rival !== undefined) problems.push(`${name} is held by ${group.rival} too`);
  for (const { node, obstacle } of candidatesOf(state, group)) {
    const peer = state.peers.get(node);
    // That a peer is dead is said once, not for each of its groups.
    if (obstacle === undefined || (peer && !isAlive(peer))) continue;
    if (node !== holder) problems.push(`${node} could not take ${name}: ${obstacle}`);
    else if (peer !== undefined && at === "held") {
      problems.push(
        `${name} is held by ${node}, and something is wrong with it there: ${obstacle}`,
      );
    }
  }
  if (holder === state.config.self) problems.push(...doubts(group));
  return [...problems, ...strangers(group)];
}

/** What is held here and cannot be reached. */
function doubts(group: Group): readonly string[] {
  const unplugged = [...group.facts.values()].flatMap(({ resource, doubt }) =>
    doubt === undefined ? [] : [`${resource} is held here and cannot be reached: ${doubt}`],
  );
  if (group.doubter === undefined) return unplugged;
  const { name } = group.config;
  return [...unplugged, `${group.doubter} finds that the network does not reach ${name} here`];
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
