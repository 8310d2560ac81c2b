/**
 * One cell of the matrix: a pair of its own, a fault, and what the clients saw of it.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Fault } from "./fault.ts";
import { lastsMs, neverTwo } from "./fault.ts";
import { clients } from "./network.ts";
import type { Pair, PairOptions } from "./pair.ts";
import { createPair } from "./pair.ts";
import { UnfitError, untilFit } from "./unfit.ts";
import type { Outage, Period, Sight } from "./verdict.ts";
import { blindMs, bothMs, outageOf } from "./verdict.ts";

export interface Cell {
  readonly fault: Fault;
  /** Whether the operator has beta take over, half a deadtime after the fault. */
  readonly isWithTakeover: boolean;
  readonly options: PairOptions;
}

export interface Outcome {
  /** One of each client, in the order of {@link clients}. */
  readonly outages: readonly Outage[];
  /** The time during which both nodes answered somebody. */
  readonly bothMs: number;
  /** The same, of the client that saw more of it with its own eyes. */
  readonly bothSeenMs: number;
  /** The longest time in which a client asked nothing. */
  readonly blindMs: number;
  /** How often it was begun: a machine may be too busy for the pair to be calm before the fault. */
  readonly tries: number;
  /** What the daemon answered to the takeover. */
  readonly answer: string | undefined;
  /** What both daemons told from the fault on, oldest first. */
  readonly story: readonly string[];
}

export function isBroken({ fault }: Cell, outcome: Outcome): boolean {
  return fault.promise === neverTwo && outcome.bothMs > 0;
}

/** @throws if it could not be done: nothing is measured then */
export async function runCell(cell: Cell): Promise<Outcome> {
  const { value, tries } = await untilFit(() => tryCell(cell));
  return { ...value, tries };
}

type Measured = Omit<Outcome, "tries">;

async function tryCell(cell: Cell): Promise<Measured> {
  const { fault, options } = cell;
  const more = [...options.more, ...(fault.more?.(options.deadtime) ?? [])];
  const pair = createPair({ ...options, more });
  try {
    await pair.start(fault.prepare?.(pair) ?? {});
    // The clients see how it is without a fault.
    await pause(BEFORE_MS);
    return await measure(cell, pair);
  } catch (error) {
    if (error instanceof UnfitError) throw error;
    const story = storyOf(pair, 0).join("\n");
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${story}`, {
      cause: error,
    });
  } finally {
    await pair.remove();
  }
}

const BEFORE_MS = 500;

async function measure({ fault, isWithTakeover }: Cell, pair: Pair): Promise<Measured> {
  const from = Date.now();
  await fault.inject(pair);
  let answer: string | undefined;
  const asking = isWithTakeover
    ? pause(pair.deadtime / 2).then(async () => (answer = await pair.takeover(pair.beta)))
    : undefined;
  await pause(lastsMs(fault, pair.deadtime));
  await fault.heal?.(pair);
  await pause(afterMs(pair.deadtime));
  // Whoever still waits for an answer has waited for long enough.
  await Promise.race([asking, pause(0)]);
  const period = { from, to: Date.now() };
  const sights = await pair.sights();
  checkSights(sights, period);
  return {
    outages: sights.map((sight) => outageOf(sight, period)),
    bothMs: bothMs(sights, period),
    bothSeenMs: Math.max(...sights.map((sight) => bothMs([sight], period))),
    blindMs: Math.max(...sights.map((sight) => blindMs(sight, period))),
    answer,
    story: storyOf(pair, from),
  };
}

/** For what was late, and for what the end of a fault sets off. */
function afterMs(deadtime: number): number {
  return 3 * deadtime + 1000;
}

/** A client that saw nothing before the fault would see no two either. */
function checkSights(sights: readonly Sight[], { from }: Period): void {
  for (const [index, { answers }] of sights.entries()) {
    const before = answers.filter(({ at }) => at < from && at > from - BEFORE_MS / 2);
    const isSeen = before.some(({ isOrdinary }) => isOrdinary);
    if (!isSeen || before.some(({ node }) => node !== "alpha"))
      throw new UnfitError(
        `the client ${clients[index]} was not answered by alpha before the fault`,
      );
  }
}

function storyOf({ alpha, beta }: Pair, from: number): readonly string[] {
  return [alpha, beta]
    .flatMap((node) => node.story().map((line) => ({ name: node.name, line })))
    .map(({ name, line: { time, level, code, msg, ...rest } }) => {
      const at = typeof time === "number" ? time : Date.parse(String(time));
      const what = `${String(code)} ${msg} ${JSON.stringify(rest)}`;
      return { at, text: `${name}: ${level} ${what}` };
    })
    .filter(({ at }) => !(at < from))
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, text }) => `${String(Math.round(at - from)).padStart(7)} ${text}`);
}
