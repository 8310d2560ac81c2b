/**
 * What `understudy status --json` prints: the core's status with moments of the wall clock, in a
 * form that scripts may rely on. A field is always there; what is not known is null. Fields may be
 * added within a version; none goes or changes its meaning.
 */
import type { GroupStatus, Move, PeerStatus, PingStatus, Status } from "../core/index.ts";
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
  /** `up`: still listening for its peers; `active`: takes part; `leaving`: is being stopped. */
  readonly phase: Status["phase"];
  readonly peers: readonly PeerReport[];
  readonly groups: readonly GroupReport[];
  /** The ping nodes of ha.cf, each group of them as one. */
  readonly pings: readonly PingReport[];
  readonly media: readonly { readonly medium: string; readonly fault: string | null }[];
  readonly redundancy: { readonly state: "ok" | "degraded"; readonly why: readonly string[] };
  /** Datagrams dropped since the start, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

export interface PeerReport {
  readonly node: string;
  readonly state: PeerStatus["state"];
  /** How long ago; null: never. */
  readonly lastHeardMs: number | null;
  /** Whether it runs heartbeat, the original. */
  readonly original: boolean;
  readonly hearsUs: boolean;
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
}

export interface MoveReport {
  readonly from: string | null;
  readonly to: string;
  readonly reason: string;
  readonly at: string;
  readonly agoMs: number;
  readonly detectMs: number;
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
    redundancy: status.redundancy,
    rejected: status.rejected,
  };
}

/**
 * The exit status of `understudy status`.
 *
 * @returns 0 all well, 1 degraded or something is under way, 2 a group is held by nobody
 */
export function health({ groups, redundancy }: Report): 0 | 1 | 2 {
  if (groups.some(({ holder, state }) => holder === null || state === "unserved")) return 2;
  const settled = groups.every(({ state }) => state === "held");
  return settled && redundancy.state === "ok" ? 0 : 1;
}

function peerReport(peer: PeerStatus): PeerReport {
  return {
    node: peer.node,
    state: peer.state,
    lastHeardMs: age(peer.lastHeardMs),
    original: peer.original,
    hearsUs: peer.hearsUs,
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
    startMs: rounded(move.startMs),
    outageMs: rounded(move.outageMs),
  };
}

function age(ms: number | undefined): number | null {
  return ms === undefined ? null : rounded(ms);
}
