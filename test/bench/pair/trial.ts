/**
 * One fault, once: a pair of its own, and what its client saw.
 *
 * All moments are the kernel's, of one clock: of answers that reached the client, and of heartbeats that
 * the switch handed to the standby.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Captured } from "../../faults/capture.ts";
import { UnfitError, untilFit } from "../../faults/unfit.ts";
import type { Period, Sight } from "../../faults/verdict.ts";
import { PAUSE_MS, blindMs, bothMs, outageOf } from "../../faults/verdict.ts";
import type { Contender } from "./contender.ts";
import type { Fault } from "./faults.ts";
import type { Lab } from "./lab.ts";
import { createLab } from "./lab.ts";

export interface Trial {
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
  /** How often it was begun: a machine may be too busy for the pair to be calm before the fault. */
  readonly tries: number;
}

/** @throws if it could not be done: nothing is measured then */
export async function runTrial(contender: Contender, fault: Fault): Promise<Trial> {
  const { value, tries } = await untilFit(() => tryTrial(contender, fault));
  return { ...value, tries };
}

type Measured = Omit<Trial, "tries">;

async function tryTrial(contender: Contender, fault: Fault): Promise<Measured> {
  const lab = await createLab();
  try {
    await contender.start(lab);
    return await measure(lab, contender, fault);
  } catch (error) {
    if (error instanceof UnfitError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${text}\n${contender.story(lab)}`, { cause: error });
  } finally {
    lab.remove();
  }
}

/** The client sees for so long how it is without a fault. */
const BEFORE_MS = 500;

async function measure(lab: Lab, contender: Contender, fault: Fault): Promise<Measured> {
  const { detectionMs, settleMs, heartbeats } = contender;
  const capture = await lab.listen(heartbeats.filter);
  const observer = await lab.observe();
  // The fault comes at any moment between two heartbeats.
  await pause(BEFORE_MS + Math.random() * (detectionMs / 3));
  const pids = lab.alpha.pids();
  const from = Date.now();
  await fault.inject(lab, contender, pids);
  await pause((fault.isSilent ? 1.3 : 1.2) * detectionMs + settleMs);
  const period = { from, to: Date.now() };
  const sight = await observer.end();
  const frames = await capture.end();
  checkCalm(sight, period);
  return figuresOf({ sight, period, heartbeats: momentsOf(frames, contender) }, contender, fault);
}

function momentsOf(frames: readonly Captured[], { heartbeats }: Contender): readonly number[] {
  return frames.filter(({ frame }) => heartbeats.isOne(frame)).map(({ at }) => at);
}

interface Seen {
  readonly sight: Sight;
  readonly period: Period;
  /** When the standby was handed one of the holder's. */
  readonly heartbeats: readonly number[];
}

/** A client that saw nothing before the fault would see no two either. */
function checkCalm({ answers }: Sight, { from }: Period): void {
  const before = answers.filter(({ at }) => at < from && at > from - BEFORE_MS / 2);
  const isSeen = before.some(({ isOrdinary }) => isOrdinary);
  if (!isSeen || before.some(({ node }) => node !== "alpha"))
    throw new UnfitError("the client was not answered by alpha before the fault");
}

export function figuresOf(
  { sight, period, heartbeats }: Seen,
  { detectionMs }: Pick<Contender, "detectionMs">,
  { moment, isSilent }: Pick<Fault, "moment" | "isSilent">,
): Measured {
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
