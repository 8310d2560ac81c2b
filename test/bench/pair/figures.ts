/**
 * What the client saw of a fault, as figures.
 *
 * All moments are the kernel's, of one clock: of answers that reached the client, and of heartbeats that
 * the switch handed to the standby.
 */
import type { Period, Sight } from "../../faults/verdict.ts";
import { PAUSE_MS, blindMs, bothMs, outageOf } from "../../faults/verdict.ts";
import type { Contender } from "./contender.ts";
import type { Fault } from "./faults.ts";

export interface Figures {
  /** The longest time between two answers to the client's ordinary ping. */
  readonly outageMs: number;
  /** Nobody answered when the measurement ended: the outage is longer. */
  readonly isOutageOpen: boolean;
  /** From the fault to the first answer of the new holder; undefined: there was none. */
  readonly sinceFaultMs: number | undefined;
  /**
   * From the last heartbeat that was handed to the standby to the first answer of the new holder, less
   * the time of detection; undefined: there is none.
   */
  readonly overheadMs: number | undefined;
  /** For how long both nodes answered (verdict.ts). */
  readonly bothMs: number;
  /** They still did when the measurement ended. */
  readonly isBothOpen: boolean;
  /** The longest time in which the client asked nothing. */
  readonly blindMs: number;
}

export interface Seen {
  readonly sight: Sight;
  readonly period: Period;
  /** When the standby was handed one of the holder's. */
  readonly heartbeats: readonly number[];
}

export function figuresOf(
  { sight, period, heartbeats }: Seen,
  { detectionMs }: Pick<Contender, "detectionMs">,
  { moment, isSilent }: Pick<Fault, "moment" | "isSilent">,
): Figures {
  const { answers } = sight;
  const outage = outageOf(sight, period);
  const last = (node: string): number =>
    answers.findLast((answer) => answer.node === node)?.at ?? period.from;
  const first = answers.find(
    ({ at, node, isOrdinary }) => node === "beta" && isOrdinary && at >= period.from,
  )?.at;
  const faultAt = moment === "clock" ? period.from : last("alpha");
  const heartbeatAt = heartbeats.findLast((at) => first === undefined || at < first);
  const hasDetection = isSilent && first !== undefined && heartbeatAt !== undefined;
  const both = bothMs([sight], period);
  const isLate = (at: number): boolean => period.to - at < PAUSE_MS;
  return {
    outageMs: outage.ms,
    isOutageOpen: outage.isOpen && outage.ms > PAUSE_MS,
    sinceFaultMs: first === undefined ? undefined : first - faultAt,
    overheadMs: hasDetection ? first - heartbeatAt - detectionMs : undefined,
    bothMs: both,
    isBothOpen: both > 0 && isLate(last("alpha")) && isLate(last("beta")),
    blindMs: blindMs(sight, period),
  };
}
