/**
 * What daemons say in the situations that operators meet.
 */
import type { Report } from "../../../src/control/index.ts";
import { parseReport, report } from "../../../src/control/index.ts";
import type {
  GroupName,
  GroupStatus,
  Move,
  NodeName,
  PeerStatus,
  Status,
} from "../../../src/core/index.ts";
import { groupName, mediumName, nodeName } from "../../../src/core/index.ts";

export const alpha: NodeName = nodeName("alpha");
export const beta: NodeName = nodeName("beta");
export const gamma: NodeName = nodeName("gamma");
export const web: GroupName = groupName("10.0.0.100");

/** 2025-11-17 21:15:03 UTC */
export const moment: number = Date.UTC(2025, 10, 17, 21, 15, 3);
const hour = 3_600_000;

/** All is well: alpha holds the only group, beta could take it. */
export const allWell: Status = {
  node: alpha,
  phase: "active",
  peers: [peer()],
  pings: [],
  media: [
    { medium: mediumName("eth0"), fault: undefined },
    { medium: mediumName("eth1"), fault: undefined },
  ],
  groups: [group()],
  lease: {
    mechanism: "nftables",
    fault: undefined,
    lengthMs: 1800,
    lateMs: 0,
    leftMs: 1652.5,
    lapsed: undefined,
  },
  maintenance: undefined,
  witness: undefined,
  isolated: false,
  stall: undefined,
  redundancy: { state: "ok", why: [] },
  rejected: {},
};

export function peer(changes: Partial<PeerStatus> = {}): PeerStatus {
  return {
    node: beta,
    state: "up",
    lastHeardMs: 312.5,
    original: false,
    hearsUs: true,
    backMs: undefined,
    sameConfig: true,
    links: [link("eth0", 312.5), link("eth1", 313.25)],
    ...changes,
  };
}

export function link(medium: string, lastHeardMs: number | undefined): PeerStatus["links"][number] {
  const heard = lastHeardMs !== undefined && lastHeardMs < 2000;
  return { medium: mediumName(medium), state: heard ? "up" : "dead", lastHeardMs };
}

export function group(changes: Partial<GroupStatus> = {}): GroupStatus {
  return {
    name: web,
    preferred: alpha,
    holder: alpha,
    state: "held",
    elsewhere: undefined,
    silent: undefined,
    sinceMs: 2 * hour + 3 * 60_000,
    reason: "it belongs here",
    term: 1,
    nodes: [
      { node: alpha, able: true, why: undefined, rests: false },
      { node: beta, able: true, why: undefined, rests: false },
    ],
    lastMove: undefined,
    ...changes,
  };
}

/** beta took the group when alpha had died. */
export const failover: Move = {
  group: web,
  from: alpha,
  to: beta,
  reason: "alpha is dead",
  agoMs: 4200,
  detectMs: 2000.1234567,
  phases: { decideMs: 0.21, leaseMs: 0.04, addressMs: 0.3, announceMs: 0.05 },
  startMs: 1.25,
  outageMs: 2001.9,
};

/** The report as it comes out of the socket, with the changes made to `status`. */
export function reportOf(status: Status, changes: Partial<Status> = {}): Report {
  const extra = { software: "0.1.0", uptimeMs: 76 * hour };
  const parsed = parseReport(JSON.stringify(report({ ...status, ...changes }, moment, extra)));
  if (parsed === undefined) throw new Error("expected a report that is understood");
  return parsed;
}

/** The wall clock of a machine in UTC. */
export function utc(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}
