/**
 * What a pair costs while nothing happens: the holder holds, the standby stands by, nobody asks.
 */
import { setTimeout as pause } from "node:timers/promises";
import { pssMiB, usageOf } from "../usage.ts";
import type { Contender } from "./contender.ts";
import type { Lab, Station } from "./lab.ts";
import { createLab } from "./lab.ts";
import { memoryMiB } from "./memory.ts";

/** Of one node, all its processes together. */
export interface Cost {
  /** Of one processor. */
  readonly cpuPercent: number;
  /** As if it were alone on its machine. */
  readonly memoryMiB: number;
  /** The sum of Pss, here, where others share its pages. */
  readonly pssMiB: number;
  readonly processes: number;
}

export interface Idle {
  readonly holder: Cost;
  readonly standby: Cost;
  /** The address did not stay where it was, though nothing happened. */
  readonly hasMoved: boolean;
}

/** Its start is over by then: what was compiled, what was announced. */
const SETTLE_MS = 5000;

export async function measureIdle(contender: Contender, ms: number): Promise<Idle> {
  const lab = await createLab();
  try {
    await contender.start(lab);
    await pause(SETTLE_MS);
    return await measure(lab, ms);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${text}\n${contender.story(lab)}`, { cause: error });
  } finally {
    lab.remove();
  }
}

async function measure({ alpha, beta }: Lab, ms: number): Promise<Idle> {
  const [holder, standby] = [meter(alpha), meter(beta)];
  await pause(ms);
  const [ofHolder, ofStandby] = [holder(), standby()];
  const hasMoved = !alpha.hasAddress() || beta.hasAddress();
  return { holder: ofHolder, standby: ofStandby, hasMoved };
}

/** @returns reads it */
function meter(station: Station): () => Cost {
  const pids = station.pids();
  const from = performance.now();
  const before = cpuSeconds(pids);
  return () => {
    const seconds = (performance.now() - from) / 1000;
    return {
      cpuPercent: ((cpuSeconds(pids) - before) / seconds) * 100,
      memoryMiB: memoryMiB(pids),
      pssMiB: sum(pids.map(pssMiB)),
      processes: pids.length,
    };
  };
}

function cpuSeconds(pids: readonly number[]): number {
  return sum(pids.map((pid) => usageOf(pid).cpuSeconds));
}

function sum(values: readonly number[]): number {
  return values.reduce((one, other) => one + other, 0);
}
