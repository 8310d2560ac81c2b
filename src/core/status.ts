/**
 * What `understudy status` shows, worked out from what a node knows at one moment. Everything about
 * somebody else carries its age.
 */
import { unreachable } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import { elapsed } from "../std/time.ts";
import { hearsUs } from "./agreement.ts";
import type { GivingUp, Group, Taking } from "./group.ts";
import { ownClaim } from "./group.ts";
import type { Peer } from "./peer.ts";
import { claimOf, isAlive } from "./peer.ts";
import { candidatesOf, homeOf, placeOf } from "./placement.ts";
import type { State } from "./state.ts";
import type { GroupName, MediumName, NodeName } from "./types.ts";

export interface Status {
  readonly node: NodeName;
  readonly phase: "up" | "active" | "leaving";
  readonly peers: readonly PeerStatus[];
  readonly media: readonly { readonly medium: MediumName; readonly fault: string | undefined }[];
  readonly groups: readonly GroupStatus[];
  readonly redundancy: { readonly state: "ok" | "degraded"; readonly why: readonly string[] };
  /** Datagrams dropped since the start, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

export interface PeerStatus {
  readonly node: NodeName;
  readonly state: "unknown" | "up" | "late" | "dead" | "left";
  /** Undefined: never heard. */
  readonly lastHeardMs: number | undefined;
  /** Whether it says that it hears this node. */
  readonly hearsUs: boolean;
  /** Whether its configuration files are the same as ours. Undefined: not known. */
  readonly sameConfig: boolean | undefined;
  readonly links: readonly {
    readonly medium: MediumName;
    readonly state: "unknown" | "up" | "dead";
    readonly lastHeardMs: number | undefined;
  }[];
}

export interface GroupStatus {
  readonly name: GroupName;
  readonly preferred: NodeName;
  /** Who claims it: this node by its own knowledge, a peer by its latest heartbeat. */
  readonly holder: NodeName | undefined;
  /** Of the holder; `unserved` when there is none. */
  readonly state: "held" | "starting" | "stopping" | "stuck" | "unserved";
  /** How long it has been so, as far as this node knows. */
  readonly sinceMs: number;
  /** Why it is where it is, as a sentence. */
  readonly reason: string;
  readonly term: number;
  /** For every node that may hold it: whether it could take it now, and if not, why. */
  readonly nodes: readonly {
    readonly node: NodeName;
    readonly able: boolean;
    readonly why: string | undefined;
  }[];
  readonly lastMove: Move | undefined;
}

/** How a group came here, with the length of each phase in milliseconds. */
export interface Move {
  readonly group: GroupName;
  readonly from: NodeName | undefined;
  readonly to: NodeName;
  readonly reason: string;
  readonly agoMs: number;
  /** From the holder's last heartbeat heard, or its word that it gives up, to the decision. */
  readonly detectMs: number;
  /** From the decision to the start of the last resource. */
  readonly startMs: number;
  /** From the holder's last sign of life to the announcement: what a client may have missed. */
  readonly outageMs: number;
}

/** Notes who claims what, so that the status can say since when. */
export function noteShown(state: State): void {
  for (const group of state.groups.values()) {
    const { holder, at } = shownClaim(state, group);
    const what = `${holder ?? ""} ${at}`;
    if (what !== group.shown.what) group.shown = { what, since: state.now };
  }
}

/** @param now - not before the latest turn: ages are counted up to it */
export function statusOf(state: State, now: Instant): Status {
  const groups = [...state.groups.values()].map((group) => groupStatus(state, group, now));
  const why = [...peerProblems(state), ...mediumProblems(state), ...groupProblems(state)];
  return {
    node: state.config.self,
    phase: phaseOf(state),
    peers: [...state.peers.values()].map((peer) => peerStatus(state, peer, now)),
    media: [...state.media].map(([medium, { fault }]) => ({ medium, fault })),
    groups,
    redundancy: { state: why.length === 0 ? "ok" : "degraded", why },
    rejected: rejectedTotals(state),
  };
}

function phaseOf(state: State): Status["phase"] {
  if (state.leaving !== undefined) return "leaving";
  return state.active ? "active" : "up";
}

function peerStatus(state: State, peer: Peer, now: Instant): PeerStatus {
  return {
    node: peer.name,
    state: peer.liveness,
    lastHeardMs: peer.everHeard ? elapsed(peer.heard, now) : undefined,
    hearsUs: hearsUs(peer, state),
    sameConfig: peer.everHeard ? peer.digest === state.config.digest : undefined,
    links: [...peer.links.values()].map(({ medium, state: link, heard }) => ({
      medium,
      state: link,
      lastHeardMs: heard === undefined ? undefined : elapsed(heard, now),
    })),
  };
}

interface Shown {
  readonly holder: NodeName | undefined;
  readonly at: GroupStatus["state"];
}

/** The claim that counts: a whole one before one that ends, ours before another's. */
function shownClaim(state: State, group: Group): Shown {
  const own = ownClaim(group);
  const claims: Shown[] = own === undefined ? [] : [{ holder: state.config.self, at: own.at }];
  for (const peer of state.peers.values()) {
    const claim = claimOf(peer, group.config.name);
    if (claim !== undefined) claims.push({ holder: peer.name, at: claim.at });
  }
  const whole = claims.find(({ at }) => at === "held");
  return whole ?? claims[0] ?? { holder: undefined, at: "unserved" };
}

function groupStatus(state: State, group: Group, now: Instant): GroupStatus {
  const { holder, at } = shownClaim(state, group);
  const { config } = group;
  return {
    name: config.name,
    preferred: homeOf(config) ?? state.config.self,
    holder,
    state: at,
    sinceMs: elapsed(group.shown.since, now),
    reason: reasonOf(state, group, holder),
    term: group.term,
    nodes: candidatesOf(state, group).map(({ node, obstacle }) => ({
      node,
      able: obstacle === undefined,
      why: obstacle,
    })),
    lastMove: moveOf(state, group, now),
  };
}

function reasonOf(state: State, group: Group, holder: NodeName | undefined): string {
  const { local } = group;
  switch (local.at) {
    case "starting":
    case "held":
      return takeSentence(local.taking);
    case "stopping":
      return giveUpSentence(local.giving);
    case "stuck":
      return `${local.resource} does not stop: ${local.reason}`;
    case "refused":
      if (holder === undefined) return `could not be started here: ${local.reason}`;
      break;
    case "stopped":
      break;
  }
  if (holder !== undefined) return `${holder} says so`;
  if (!state.active) return "this node has just started and waits for its peers";
  const place = placeOf(candidatesOf(state, group));
  return place === undefined ? "no living node can hold it" : `${place} is to take it`;
}

function takeSentence(taking: Taking): string {
  const from = taking.from ?? "a peer";
  switch (taking.reason) {
    case "start":
      return "nobody held it";
    case "peer-dead":
      return `${from} is dead`;
    case "peer-left":
      return `${from} was stopped`;
    case "peer-refused":
      return `${from} could not hold it`;
    case "takeover":
      return "the operator asked for it here";
    case "standby":
      return `the operator asked ${from} to give it up`;
    case "failback":
      return "this is its preferred node";
    default:
      return unreachable(taking.reason);
  }
}

function giveUpSentence(giving: GivingUp): string {
  const to = giving.to ?? "another node";
  switch (giving.why) {
    case "standby":
      return "the operator asked to give it up";
    case "takeover":
      return `the operator asked for it on ${to}`;
    case "failback":
      return `${to} is its preferred node`;
    case "conflict":
      return `${to} holds it too, with the better claim`;
    case "start-failed":
      return `could not be started here: ${giving.failure ?? ""}`;
    case "ineligible":
      return "its interface has gone";
    case "leaving":
      return "this node is being stopped";
    case "unconfigured":
      return "its line of haresources was changed";
    default:
      return unreachable(giving.why);
  }
}

function moveOf(state: State, group: Group, now: Instant): Move | undefined {
  const { lastMove } = group;
  if (lastMove === undefined) return undefined;
  const { taking, announcedAt, heldAt } = lastMove;
  return {
    group: group.config.name,
    from: taking.from,
    to: state.config.self,
    reason: takeSentence(taking),
    agoMs: elapsed(heldAt, now),
    detectMs: elapsed(taking.lostAt, taking.decidedAt),
    startMs: elapsed(taking.decidedAt, heldAt),
    outageMs: elapsed(taking.lostAt, announcedAt ?? heldAt),
  };
}

function peerProblems(state: State): string[] {
  return [...state.peers.values()].flatMap((peer) => {
    if (peer.liveness === "unknown") return [`${peer.name} was not heard yet`];
    if (!isAlive(peer))
      return [`${peer.name} ${peer.liveness === "left" ? "has stopped" : "is dead"}`];
    const deaf = hearsUs(peer, state) ? [] : [`${peer.name} does not hear this node`];
    const differs =
      peer.digest === state.config.digest ? [] : [`${peer.name} has other configuration files`];
    const links = [...peer.links.values()].filter((link) => link.state === "dead");
    return [
      ...deaf,
      ...differs,
      ...links.map(({ medium }) => `${peer.name} is not heard on ${medium}`),
    ];
  });
}

function mediumProblems(state: State): string[] {
  return [...state.media].flatMap(([medium, { fault }]) =>
    fault === undefined ? [] : [`medium ${medium}: ${fault}`],
  );
}

function groupProblems(state: State): string[] {
  return [...state.groups.values()].flatMap((group) => {
    const { name } = group.config;
    const { holder, at } = shownClaim(state, group);
    const problems: string[] = [];
    if (at !== "held") problems.push(`${name} is ${at}`);
    if (group.rival !== undefined) problems.push(`${name} is held by ${group.rival} too`);
    const others = candidatesOf(state, group).filter(({ node }) => node !== holder);
    for (const { node, obstacle } of others) {
      const peer = state.peers.get(node);
      // That a peer is dead is said once, not for each of its groups.
      if (obstacle === undefined || (peer !== undefined && !isAlive(peer))) continue;
      problems.push(`${node} could not take ${name}: ${obstacle}`);
    }
    for (const { name: resource, at: present } of foreignAddresses(group)) {
      problems.push(`${resource} is configured here (${present}), but ${name} is not held here`);
    }
    return problems;
  });
}

function foreignAddresses(group: Group): { readonly name: string; readonly at: string }[] {
  if (ownClaim(group) !== undefined) return [];
  return [...group.facts.values()].flatMap(({ resource, present }) =>
    present === "foreign" ? [{ name: resource, at: "not by this daemon" }] : [],
  );
}

function rejectedTotals(state: State): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { rejected } of state.media.values()) {
    for (const [reason, { total }] of rejected) totals[reason] = (totals[reason] ?? 0) + total;
  }
  return totals;
}
