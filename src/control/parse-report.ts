import type { MovePhases } from "../core/index.ts";
/**
 * A status report, read back by the side that asked for it.
 */
import { isBoolean, isNumber, isString, list, nullable, oneOf } from "./guard.ts";
import { dictionary, parseCleanJson, record } from "./guard.ts";
import type {
  GroupReport,
  LeaseReport,
  LinkReport,
  MaintenanceReport,
  MoveReport,
  NodeReport,
  PeerReport,
  PingReport,
  Report,
  WitnessReport,
} from "./report.ts";

/** Undefined: the text is no report of this version. Names and sentences come cleaned. */
export function parseReport(text: string): Report | undefined {
  const value = parseCleanJson(text);
  return isReport(value) ? value : undefined;
}

const isLink = record<LinkReport>({
  medium: isString,
  state: oneOf("unknown", "up", "late", "dead"),
  lastHeardMs: nullable(isNumber),
});

const isPeer = record<PeerReport>({
  node: isString,
  state: oneOf("unknown", "up", "late", "dead", "left"),
  lastHeardMs: nullable(isNumber),
  original: isBoolean,
  hearsUs: isBoolean,
  backMs: nullable(isNumber),
  sameConfig: nullable(isBoolean),
  links: list(isLink),
});

const isNode = record<NodeReport>({
  node: isString,
  able: isBoolean,
  why: nullable(isString),
  rests: isBoolean,
});

const isMove = record<MoveReport>({
  from: nullable(isString),
  to: isString,
  reason: isString,
  at: isString,
  agoMs: isNumber,
  detectMs: isNumber,
  phases: nullable(
    record<MovePhases>({
      decideMs: isNumber,
      leaseMs: isNumber,
      addressMs: isNumber,
      announceMs: isNumber,
    }),
  ),
  startMs: isNumber,
  outageMs: isNumber,
});

const isGroup = record<GroupReport>({
  name: isString,
  preferred: isString,
  holder: nullable(isString),
  state: oneOf("held", "starting", "stopping", "stuck", "unserved"),
  elsewhere: nullable(isString),
  silent: nullable(isString),
  since: isString,
  sinceMs: isNumber,
  reason: isString,
  term: isNumber,
  nodes: list(isNode),
  lastMove: nullable(isMove),
});

const isPing = record<PingReport>({
  name: isString,
  state: oneOf("unknown", "up", "dead"),
  lastHeardMs: nullable(isNumber),
});

const isMedium = record<Report["media"][number]>({ medium: isString, fault: nullable(isString) });

const isLease = record<LeaseReport>({
  mechanism: nullable(oneOf("nftables", "lifetime", "none")),
  fault: nullable(isString),
  lengthMs: nullable(isNumber),
  lateMs: nullable(isNumber),
  leftMs: nullable(isNumber),
  lapsed: nullable(
    record<NonNullable<LeaseReport["lapsed"]>>({ why: isString, sinceMs: isNumber }),
  ),
});

const isMaintenance = record<MaintenanceReport>({
  by: isString,
  reason: isString,
  since: isString,
  sinceMs: isNumber,
  leftMs: nullable(isNumber),
  unaware: list(isString),
});

const isWitness = record<WitnessReport>({
  leftMs: nullable(isNumber),
  owner: nullable(isString),
  fault: nullable(isString),
});

const isStall = record<NonNullable<Report["stall"]>>({
  at: isString,
  agoMs: isNumber,
  lostMs: isNumber,
});

const isRedundancy = record<Report["redundancy"]>({
  state: oneOf("ok", "degraded"),
  why: list(isString),
});

const isReport = record<Report>({
  version: oneOf(1),
  node: isString,
  time: isString,
  software: isString,
  uptimeMs: isNumber,
  phase: oneOf("up", "active", "leaving", "away"),
  peers: list(isPeer),
  groups: list(isGroup),
  pings: list(isPing),
  media: list(isMedium),
  lease: isLease,
  maintenance: nullable(isMaintenance),
  witness: nullable(isWitness),
  isolated: isBoolean,
  stall: nullable(isStall),
  redundancy: isRedundancy,
  rejected: dictionary(isNumber),
});
