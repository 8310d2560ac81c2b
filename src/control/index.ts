/**
 * The control socket's language: what may be asked over HTTP, and what the answers look like. Both
 * sides, the daemon and the command line, speak from this one page.
 *
 * Pure. Nothing here opens a socket or reads a clock; no text, however hostile, makes it throw.
 */
export type { Answer, GroupAnswer } from "./answer.ts";
export { answer, parseAnswer } from "./answer.ts";
export { clean } from "./clean.ts";
export type { Confirmation } from "./confirm.ts";
export { confirmation, parseConfirm, parseConfirmation } from "./confirm.ts";
export type { CommandText } from "./command.ts";
export { bodyLimitBytes, parseCommand, parseSelection, selections } from "./command.ts";
export type { Is } from "./guard.ts";
export {
  isBoolean,
  isNumber,
  isString,
  list,
  nullable,
  oneOf,
  parseJson,
  record,
} from "./guard.ts";
export type { History, HistoryEntry } from "./history.ts";
export { history, historyEntry, historyFile, isHistoryEntry, parseHistory } from "./history.ts";
export type { Maintain, Outcome, Restart } from "./maintenance.ts";
export {
  outcome,
  parseMaintain,
  parseOutcome,
  parseRestart,
  reasonLimit,
  restartLimitMs,
} from "./maintenance.ts";
export type { LeaseBound } from "./lease.ts";
export { leaseBound, leaseKind, leaseText, noLease } from "./lease.ts";
export { parseReport } from "./parse-report.ts";
export type {
  GroupReport,
  LeaseReport,
  LinkReport,
  MaintenanceReport,
  MoveReport,
  NodeReport,
  PeerReport,
  PingReport,
  Report,
  ReportExtra,
  WitnessReport,
} from "./report.ts";
export { health, report } from "./report.ts";
export type { Refusal } from "./refusal.ts";
export { parseRefusal, refusal } from "./refusal.ts";
export type { Route, RouteFault, RouteName } from "./routes.ts";
export {
  expiryHeader,
  isExpired,
  readersSocketName,
  routeOf,
  routes,
  socketName,
} from "./routes.ts";
export type { Settings } from "./settings.ts";
export { parseSettings, settings } from "./settings.ts";
