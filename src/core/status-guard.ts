/**
 * The part of the status about what keeps two nodes from answering at once: the lease, the witness,
 * maintenance, and whether this node ran at all.
 */
import type { Instant } from "../std/time.ts";
import { elapsed } from "../std/time.ts";
import { isMaintained, unawareOf } from "./maintenance.ts";
import { leaseOf } from "./right.ts";
import type { State } from "./state.ts";
import type { LeaseStatus, MaintenanceStatus, Status, WitnessStatus } from "./status.ts";

/** @param now - not before the latest turn, here and below */
export function leaseStatus(state: State, now: Instant): LeaseStatus {
  const { kind, until, lapsed } = state.lease;
  return {
    mechanism: kind?.mechanism,
    fault: kind?.fault,
    lengthMs: leaseOf(state),
    lateMs: kind?.late,
    leftMs: lapsed === undefined ? leftOf(until, now) : undefined,
    lapsed:
      lapsed === undefined ? undefined : { why: lapsed.why, sinceMs: sinceOf(lapsed.since, now) },
  };
}

export function maintenanceStatus(state: State, now: Instant): MaintenanceStatus | undefined {
  const { word } = state.upkeep;
  if (word === undefined || !isMaintained(state)) return undefined;
  return {
    by: word.by,
    reason: word.reason,
    sinceMs: elapsed(word.since, now),
    leftMs: leftOf(word.until, now),
    unaware: unawareOf(state),
  };
}

export function witnessStatus({ config, witness }: State, now: Instant): WitnessStatus | undefined {
  if (config.hasWitness !== true) return undefined;
  const { until, owner, fault } = witness;
  return {
    leftMs: until !== undefined && until > now ? leftOf(until, now) : undefined,
    owner,
    fault,
  };
}

export function stallStatus({ stalledAt, stalledFor }: State, now: Instant): Status["stall"] {
  if (stalledFor === 0) return undefined;
  return { agoMs: elapsed(stalledAt, now), lostMs: stalledFor };
}

function leftOf(until: Instant | undefined, now: Instant): number | undefined {
  if (until === undefined) return undefined;
  return until > now ? elapsed(now, until) : 0;
}

/** A lease may be called lapsed in the turn before it is. */
function sinceOf(since: Instant, now: Instant): number {
  return since < now ? elapsed(since, now) : 0;
}
