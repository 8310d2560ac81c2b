/**
 * Maintenance in one sentence: since when, at whose word, for how long still, and why.
 */
import type { MaintenanceReport } from "../control/index.ts";
import type { Clock } from "./words.ts";
import { length, since } from "./words.ts";

export function maintenanceText(maintenance: MaintenanceReport, clock: Clock): string {
  const { by, leftMs, reason } = maintenance;
  const left = leftMs === null ? "until it is taken back" : `${length(leftMs)} left`;
  const why = reason === "" ? "" : `: ${reason}`;
  return `in maintenance since ${since(maintenance, clock)}, said at ${by}, ${left}${why}`;
}
