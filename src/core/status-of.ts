/**
 * Works out the status from what a node knows.
 */
import type { Instant } from "../std/time.ts";
import { elapsed, millis } from "../std/time.ts";
import { hearsUs } from "./agreement.ts";
import { elsewhereOf } from "./elsewhere.ts";
import { fenceSentence, suspectsOf } from "./fence.ts";
import type { Group } from "./group.ts";
import { addressesOf, ownClaim } from "./group.ts";
import { isMaintained } from "./maintenance.ts";
import type { Peer } from "./peer.ts";
import { claimOf } from "./peer.ts";
import { candidatesOf, homeOf, placeOf } from "./placement.ts";
import { absenceOf, absenceSentence, problemsOf } from "./problems.ts";
import { giveUpSentence, takeSentence } from "./sentences.ts";
import type { State } from "./state.ts";
import { leaseStatus, maintenanceStatus, stallStatus, witnessStatus } from "./status-guard.ts";
import type { GroupStatus, Move, PeerStatus, Status } from "./status.ts";
import type { Claim, NodeName } from "./types.ts";
import { hasVote } from "./witness.ts";

/** @param now - not before the latest turn: ages are counted up to it */
export function statusOf(state: State, now: Instant): Status {
  const shown = [...state.groups.values()].map((group) => ({
    group,
    claim: shownClaim(state, group, now),
  }));
  const why = problemsOf(
    state,
    shown.map(({ group, claim }) => ({ group, holder: claim?.holder, at: claim?.claim.at })),
  );
  return {
    node: state.config.self,
    phase: phaseOf(state),
    peers: [...state.peers.values()].map((peer) => peerStatus(state, peer, now)),
    pings: [...state.pings.values()].map(({ name, state: ping, heard }) => ({
      name,
      state: ping,
      lastHeardMs: heard === undefined ? undefined : elapsed(heard, now),
    })),
    media: [...state.media].map(([medium, { fault }]) => ({ medium, fault })),
    groups: shown.map(({ group, claim }) => groupStatus({ state, group, claim }, now)),
    lease: leaseStatus(state, now),
    maintenance: maintenanceStatus(state, now),
    witness: witnessStatus(state, now),
    isolated: state.isolated,
    stall: stallStatus(state, now),
    redundancy: { state: why.length === 0 ? "ok" : "degraded", why },
    rejected: rejectedTotals(state),
  };
}

function phaseOf(state: State): Status["phase"] {
  if (state.leaving !== undefined) return "leaving";
  if (state.away !== undefined) return "away";
  return state.active ? "active" : "up";
}

function peerStatus(state: State, peer: Peer, now: Instant): PeerStatus {
  return {
    node: peer.name,
    state: peer.liveness,
    lastHeardMs: peer.everHeard ? elapsed(peer.heard, now) : undefined,
    original: peer.original !== undefined,
    hearsUs: hearsUs(peer, state),
    backMs: absenceOf(peer, now),
    sameConfig: knowsConfig(peer) ? peer.digest === state.config.digest : undefined,
    links: [...peer.links.values()].map(({ medium, state: link, heard }) => ({
      medium,
      state: link,
      lastHeardMs: heard === undefined ? undefined : elapsed(heard, now),
    })),
  };
}

/** An original does not say what its files are. */
function knowsConfig({ everHeard, original }: Peer): boolean {
  return everHeard && original === undefined;
}

interface Shown {
  readonly holder: NodeName;
  readonly claim: Claim;
}

/** The claim that counts: one that is held before one that begins or ends, ours before another's. */
function shownClaim(state: State, group: Group, now: Instant): Shown | undefined {
  const own = ownClaim(group, now);
  const claims: Shown[] = own === undefined ? [] : [{ holder: state.config.self, claim: own }];
  for (const peer of state.peers.values()) {
    const claim = claimOf(peer, group.config.name);
    if (claim === undefined) continue;
    const age = millis(claim.age + elapsed(peer.heard, now));
    claims.push({ holder: peer.name, claim: { ...claim, age } });
  }
  return claims.find(({ claim }) => claim.at === "held") ?? claims[0];
}

interface Known {
  readonly state: State;
  readonly group: Group;
  readonly claim: Shown | undefined;
}

function groupStatus(known: Known, now: Instant): GroupStatus {
  const { state, group, claim } = known;
  const { config } = group;
  return {
    name: config.name,
    preferred: homeOf(config) ?? state.config.self,
    holder: claim?.holder,
    state: claim?.claim.at ?? "unserved",
    elsewhere: claim === undefined ? elsewhereOf(state, group)?.place : undefined,
    silent: silenceOf(known),
    sinceMs: claim?.claim.age ?? elapsed(group.unservedSince ?? now, now),
    reason: claim === undefined ? unservedSentence(state, group) : reasonOf(group, claim),
    term: claim?.claim.term ?? group.term,
    nodes: candidatesOf(state, group).map(({ node, obstacle, stance }) => {
      const why = hindrance(known, node, obstacle);
      const rests = stance?.at === "yields" && stance.why === undefined;
      return { node, able: why === undefined, why, rests };
    }),
    lastMove: moveOf(state, group, now),
  };
}

/** That it is held here and this node is silent. */
function silenceOf({ state, group, claim }: Known): string | undefined {
  if (claim?.holder !== state.config.self || addressesOf(group.config).length === 0) {
    return undefined;
  }
  return state.lease.lapsed?.why;
}

/** @param obstacle - what it says itself that is in its way, or its silence */
function hindrance(
  { state, group, claim }: Known,
  node: NodeName,
  obstacle: string | undefined,
): string | undefined {
  const elsewhere = claim === undefined ? elsewhereOf(state, group) : undefined;
  // That it is dead, which it is called for its silence, would be the wrong thing to say.
  if (elsewhere !== undefined && node === elsewhere.node) return elsewhere.there;
  if (obstacle !== undefined) return obstacle;
  const isStuck = claim?.claim.at === "stuck" && claim.holder !== node;
  if (isStuck) return `must wait until ${claim.holder} gives it up`;
  if (node === state.config.self)
    return ownHindrance({ state, group, claim }, elsewhere?.hindrance);
  const peer = state.peers.get(node);
  return peer === undefined ? undefined : absenceSentence(peer, state.now);
}

/** Why this node, which can hold the group, could not take it now all the same. */
function ownHindrance(
  { state, group, claim }: Known,
  elsewhere: string | undefined,
): string | undefined {
  if (!state.active) return "still listens for its peers";
  if (claim?.holder === state.config.self) return undefined;
  if (state.lease.lapsed !== undefined) return `is silent itself: ${state.lease.lapsed.why}`;
  if (claim !== undefined) return undefined;
  const suspect = suspectsOf(state, group)[0];
  if (suspect !== undefined) return `must wait until ${suspect} is fenced`;
  if (elsewhere !== undefined || hasVote(state)) return elsewhere;
  const { fault } = state.witness;
  return fault === undefined ? "waits for the witness's vote" : `cannot ask the witness: ${fault}`;
}

function reasonOf(group: Group, { holder, claim }: Shown): string {
  const { local } = group;
  if (claim.at === "stopping" && local.at === "stopping") return giveUpSentence(local.giving);
  if (claim.at === "stuck" && local.at === "stuck") {
    return `${local.resource} does not stop: ${local.reason}`;
  }
  if (claim.at === "stuck") return `a resource does not stop: see the log of ${holder}`;
  return claim.at === "stopping" ? `${holder} gives it up` : takeSentence(claim);
}

function unservedSentence(state: State, group: Group): string {
  const { local } = group;
  if (local.at === "refused") return `could not be started here: ${local.reason}`;
  if (!state.active) return "this node has just started and waits for its peers";
  const suspects = suspectsOf(state, group).flatMap((peer) => fenceSentence(state, peer) ?? []);
  if (suspects.length > 0) return suspects.join("; ");
  const elsewhere = elsewhereOf(state, group);
  if (elsewhere !== undefined) return elsewhere.sentence;
  if (isMaintained(state)) return "in maintenance nobody takes it: understudy takeover does";
  const place = placeOf(candidatesOf(state, group));
  return place === undefined ? "no living node can hold it" : `${place} is to take it`;
}

function moveOf(state: State, group: Group, now: Instant): Move | undefined {
  const { lastMove } = group;
  // What it once took to come here says nothing of how it came to where it is.
  if (lastMove === undefined || group.local.at !== "held") return undefined;
  const { taking, heldAt, phases } = lastMove;
  return {
    group: group.config.name,
    from: taking.from,
    to: state.config.self,
    reason: takeSentence(taking),
    agoMs: elapsed(heldAt, now),
    detectMs: elapsed(taking.lostAt, taking.decidedAt),
    phases: phases && {
      decideMs: phases.decide,
      leaseMs: phases.lease,
      addressMs: phases.address,
      announceMs: phases.announce,
    },
    startMs: elapsed(taking.decidedAt, heldAt),
    outageMs: elapsed(taking.lostAt, heldAt),
  };
}

function rejectedTotals(state: State): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const { rejected } of state.media.values()) {
    for (const [reason, { total }] of rejected) totals[reason] = (totals[reason] ?? 0) + total;
  }
  return totals;
}
