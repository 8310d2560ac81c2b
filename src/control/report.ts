/**
 * What `understudy status --json` prints: the core's status with moments of the wall clock, in a
 * form that scripts may rely on. A field is always there; what is not known is null. Fields may be
 * added within a version; none goes or changes its meaning.
 */
import type {
  GroupStatus,
  Move,
  MovePhases,
  PeerStatus,
  PingStatus,
  Status,
} from "../core/index.ts";
import { isoTime, rounded } from "./time-text.ts";

/** All lengths of time are in milliseconds, all moments ISO 8601 in UTC. */
export interface Report {
  readonly version: 1;
  readonly node: string;
  /** When the daemon gave this report. */
  readonly time: string;
  readonly software: string;
  /** How long the daemon has been running. */
  readonly uptimeMs: number;
  /**
   * `up`: still listening for its peers; `active`: takes part; `leaving`: is being stopped; `away`:
   * its daemon is being replaced.
   */
  readonly phase: Status["phase"];
  readonly peers: readonly PeerReport[];
  readonly groups: readonly GroupReport[];
  /** The ping nodes of ha.cf, each group of them as one. */
  readonly pings: readonly PingReport[];
  readonly media: readonly { readonly medium: string; readonly fault: string | null }[];
  readonly lease: LeaseReport;
  /** null: this node is not in maintenance. */
  readonly maintenance: MaintenanceReport | null;
  /** null: none is configured. */
  readonly witness: WitnessReport | null;
  /** Whether this node is cut off from all peers and ping nodes, and holds nothing for that. */
  readonly isolated: boolean;
  /** When the daemon last did not run for a while; null: never. */
  readonly stall: { readonly at: string; readonly agoMs: number; readonly lostMs: number } | null;
  readonly redundancy: { readonly state: "ok" | "degraded"; readonly why: readonly string[] };
  /** Datagrams dropped since the start, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** What keeps this node from answering when its daemon does not renew. */
export interface LeaseReport {
  /** null: not known yet. */
  readonly mechanism: "nftables" | "lifetime" | "none" | null;
  /** Why it is not the better one; null: nothing is wrong with it. */
  readonly fault: string | null;
  readonly lengthMs: number | null;
  /** How much later than that this node falls silent at the worst. */
  readonly lateMs: number | null;
  /** null: none runs. */
  readonly leftMs: number | null;
  /** Why this node does not answer for what it holds; null: it does. */
  readonly lapsed: { readonly why: string; readonly sinceMs: number } | null;
}

export interface MaintenanceReport {
  readonly by: string;
  readonly reason: string;
  readonly since: string;
  readonly sinceMs: number;
  /** null: until it is taken back. */
  readonly leftMs: number | null;
  /** The nodes that have not said that they know of it, whether they live or not. */
  readonly unaware: readonly string[];
}

export interface WitnessReport {
  /** How long this node has its vote; null: it has not. */
  readonly leftMs: number | null;
  readonly owner: string | null;
  /** Why it cannot be asked; null: it can. */
  readonly fault: string | null;
}

export interface PeerReport {
  readonly node: string;
  readonly state: PeerStatus["state"];
  /** How long ago; null: never. */
  readonly lastHeardMs: number | null;
  /** Whether it runs heartbeat, the original. */
  readonly original: boolean;
  readonly hearsUs: boolean;
  /** Its daemon is being replaced, and is to be back within this; null: it is not. */
  readonly backMs: number | null;
  /** null: not known. */
  readonly sameConfig: boolean | null;
  readonly links: readonly LinkReport[];
}

export interface LinkReport {
  readonly medium: string;
  readonly state: PeerStatus["links"][number]["state"];
  readonly lastHeardMs: number | null;
}

export interface PingReport {
  readonly name: string;
  readonly state: PingStatus["state"];
  /** When it answered last; null: never. */
  readonly lastHeardMs: number | null;
}

export interface GroupReport {
  readonly name: string;
  readonly preferred: string;
  /** null: nobody. */
  readonly holder: string | null;
  readonly state: GroupStatus["state"];
  /** Where it is though nobody claims it, `answered by beta, which is not heard`; null: nowhere. */
  readonly elsewhere: string | null;
  /** Why this node, which holds it, does not answer for it; null: it does, or holds it not. */
  readonly silent: string | null;
  readonly since: string;
  readonly sinceMs: number;
  readonly reason: string;
  readonly term: number;
  readonly nodes: readonly NodeReport[];
  /** null: it is not held by this node, which knows of its own takeovers only. */
  readonly lastMove: MoveReport | null;
}

/** Whether a node that may hold the group could take it now. */
export interface NodeReport {
  readonly node: string;
  readonly able: boolean;
  readonly why: string | null;
  /** The operator moved it away from there: it is taken there only if nobody else can. */
  readonly rests: boolean;
}

export interface MoveReport {
  readonly from: string | null;
  readonly to: string;
  readonly reason: string;
  readonly at: string;
  readonly agoMs: number;
  readonly detectMs: number;
  /** From the decision to the first announcement; null: the group has no addresses. */
  readonly phases: MovePhases | null;
  readonly startMs: number;
  readonly outageMs: number;
}

/** What the daemon knows and the core does not. */
export interface ReportExtra {
  /** Understudy's version. */
  readonly software: string;
  readonly uptimeMs: number;
}

/** @param wallClockMs - since 1970, at the moment of `status` */
export function report(status: Status, wallClockMs: number, extra: ReportExtra): Report {
  return {
    version: 1,
    node: status.node,
    time: isoTime(wallClockMs),
    software: extra.software,
    uptimeMs: rounded(extra.uptimeMs),
    phase: status.phase,
    peers: status.peers.map(peerReport),
    groups: status.groups.map((group) => groupReport(group, wallClockMs)),
    pings: status.pings.map((ping) => ({ ...ping, lastHeardMs: age(ping.lastHeardMs) })),
    media: status.media.map(({ medium, fault }) => ({ medium, fault: fault ?? null })),
    lease: leaseReport(status.lease),
    maintenance: maintenanceReport(status.maintenance, wallClockMs),
    witness: witnessReport(status.witness),
    isolated: status.isolated,
    stall: stallReport(status.stall, wallClockMs),
    redundancy: status.redundancy,
    rejected: status.rejected,
  };
}

/**
 * The exit status of `understudy status`.
 *
 * @returns 0 all well, 1 degraded or something is under way, 2 nobody answers for a group
 */
export function health({ groups, redundancy }: Report): 0 | 1 | 2 {
  if (groups.some(isUnanswered)) return 2;
  const settled = groups.every(({ state }) => state === "held");
  return settled && redundancy.state === "ok" ? 0 : 1;
}

/** As far as is known: what a machine answers for that is not heard is not without a holder. */
function isUnanswered({ holder, state, elsewhere, silent }: GroupReport): boolean {
  const isHeld = holder !== null && state !== "unserved";
  return isHeld ? silent !== null : elsewhere === null;
}

function leaseReport(lease: Status["lease"]): LeaseReport {
  const { mechanism, fault, lengthMs, lateMs, leftMs, lapsed } = lease;
  return {
    mechanism: mechanism ?? null,
    fault: fault ?? null,
    lengthMs: age(lengthMs),
    lateMs: age(lateMs),
    leftMs: age(leftMs),
    lapsed: lapsed === undefined ? null : { why: lapsed.why, sinceMs: rounded(lapsed.sinceMs) },
  };
}

function maintenanceReport(
  maintenance: Status["maintenance"],
  wallClockMs: number,
): MaintenanceReport | null {
  if (maintenance === undefined) return null;
  const { by, reason, sinceMs, leftMs, unaware } = maintenance;
  const since = isoTime(wallClockMs - sinceMs);
  return { by, reason, since, sinceMs: rounded(sinceMs), leftMs: age(leftMs), unaware };
}

function witnessReport(witness: Status["witness"]): WitnessReport | null {
  if (witness === undefined) return null;
  const { leftMs, owner, fault } = witness;
  return { leftMs: age(leftMs), owner: owner ?? null, fault: fault ?? null };
}

function stallReport(stall: Status["stall"], wallClockMs: number): Report["stall"] {
  if (stall === undefined) return null;
  const { agoMs, lostMs } = stall;
  return { at: isoTime(wallClockMs - agoMs), agoMs: rounded(agoMs), lostMs: rounded(lostMs) };
}

function peerReport(peer: PeerStatus): PeerReport {
  return {
    node: peer.node,
    state: peer.state,
    lastHeardMs: age(peer.lastHeardMs),
    original: peer.original,
    hearsUs: peer.hearsUs,
    backMs: age(peer.backMs),
    sameConfig: peer.sameConfig ?? null,
    links: peer.links.map((link) => ({ ...link, lastHeardMs: age(link.lastHeardMs) })),
  };
}

function groupReport(group: GroupStatus, wallClockMs: number): GroupReport {
  return {
    name: group.name,
    preferred: group.preferred,
    holder: group.holder ?? null,
    state: group.state,
    elsewhere: group.elsewhere ?? null,
    silent: group.silent ?? null,
    since: isoTime(wallClockMs - group.sinceMs),
    sinceMs: rounded(group.sinceMs),
    reason: group.reason,
    term: group.term,
    nodes: group.nodes.map((each) => ({ ...each, why: each.why ?? null })),
    lastMove: group.lastMove === undefined ? null : moveReport(group.lastMove, wallClockMs),
  };
}

function moveReport(move: Move, wallClockMs: number): MoveReport {
  return {
    from: move.from ?? null,
    to: move.to,
    reason: move.reason,
    at: isoTime(wallClockMs - move.agoMs),
    agoMs: rounded(move.agoMs),
    detectMs: rounded(move.detectMs),
    phases: move.phases === undefined ? null : phasesReport(move.phases),
    startMs: rounded(move.startMs),
    outageMs: rounded(move.outageMs),
  };
}

function phasesReport({ decideMs, leaseMs, addressMs, announceMs }: MovePhases): MovePhases {
  return {
    decideMs: rounded(decideMs),
    leaseMs: rounded(leaseMs),
    addressMs: rounded(addressMs),
    announceMs: rounded(announceMs),
  };
}

function age(ms: number | undefined): number | null {
  return ms === undefined ? null : rounded(ms);
}
