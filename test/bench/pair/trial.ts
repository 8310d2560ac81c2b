/**
 * One fault, once: a pair of its own, and what its client saw.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Captured } from "../../faults/capture.ts";
import { UnfitError, untilFit } from "../../faults/unfit.ts";
import type { Period, Sight } from "../../faults/verdict.ts";
import type { Contender } from "./contender.ts";
import type { Fault } from "./faults.ts";
import type { Figures } from "./figures.ts";
import { figuresOf } from "./figures.ts";
import type { Lab } from "./lab.ts";
import { createLab } from "./lab.ts";

export interface Trial extends Figures {
  /** How often it was begun: a machine may be too busy for the pair to be calm before the fault. */
  readonly tries: number;
}

/** @throws if it could not be done: nothing is measured then */
export async function runTrial(contender: Contender, fault: Fault): Promise<Trial> {
  const { value, tries } = await untilFit(() => tryTrial(contender, fault));
  return { ...value, tries };
}

async function tryTrial(contender: Contender, fault: Fault): Promise<Figures> {
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

async function measure(lab: Lab, contender: Contender, fault: Fault): Promise<Figures> {
  const { detectionMs, settleMs, heartbeats } = contender;
  const capture = await lab.listen(heartbeats.filter);
  const observer = await lab.observe();
  // The fault comes at any moment between two heartbeats, of which one was seen before: no program sends
  // them more than two fifths of the detection apart.
  await pause(BEFORE_MS + (0.45 + Math.random() / 3) * detectionMs);
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

/** A client that saw nothing before the fault would see no two either. */
function checkCalm({ answers }: Sight, { from }: Period): void {
  const before = answers.filter(({ at }) => at < from && at > from - BEFORE_MS / 2);
  const isSeen = before.some(({ isOrdinary }) => isOrdinary);
  if (!isSeen || before.some(({ node }) => node !== "alpha"))
    throw new UnfitError("the client was not answered by alpha before the fault");
}
