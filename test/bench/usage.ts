/**
 * What processes have used of the machine, as the kernel counts it.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface Usage {
  /** User and system time of all its threads, in seconds. */
  readonly cpuSeconds: number;
  /** How often one of its threads has waited and was woken. */
  readonly wakeUps: number;
}

/** To the nanosecond (Documentation/scheduler/sched-stats.rst): proc_pid_stat(5) has 10 ms. */
export function usageOf(pid: number): Usage {
  let nanoseconds = 0;
  let wakeUps = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const folder = `/proc/${pid}/task/${thread}`;
    nanoseconds += Number(readFileSync(`${folder}/schedstat`, "latin1").split(" ")[0]);
    const status = readFileSync(`${folder}/status`, "latin1");
    wakeUps += Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(status)?.[1]);
  }
  return { cpuSeconds: nanoseconds / 1e9, wakeUps };
}

/** Its share of memory: what others use too counts by how many they are (proc_pid_smaps(5) Pss). */
export function pssMiB(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]) / 1024;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return ((sorted[(sorted.length - 1) >> 1] ?? NaN) + (sorted[sorted.length >> 1] ?? NaN)) / 2;
}
