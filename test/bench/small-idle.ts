/**
 * What a pair costs on which nothing happens, at a keepalive of one second.
 */
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Place } from "./small-place.ts";
import { answered, startDaemon, stopDaemon } from "./small-place.ts";
import { usageOf } from "./usage.ts";

/** Until the two have met, and what was compiled for that is thrown away. */
const SETTLED_MS = 5000;

/**
 * @param words - what follows `node`
 * @param runtimes - a Node of its own for each of the two daemons: what processes share counts for
 *   each by its part only, and on a cluster node there is nobody to share with
 * @returns figures of the first node, by what they are
 */
export async function measureIdle(
  place: Place,
  words: readonly string[],
  runtimes: readonly [string, string],
  seconds: number,
): Promise<Readonly<Record<string, number>>> {
  const daemons = place.nodes.map((node, index) => startDaemon(node, [runtimes[index]!, ...words]));
  try {
    await Promise.all(place.nodes.map(answered));
    await pause(SETTLED_MS);
    const pid = daemons[0]!.pid!;
    const [memory, before] = [memoryOf(pid), usageOf(pid)];
    await pause(seconds * 1000);
    const [later, after] = [memoryOf(pid), usageOf(pid)];
    return {
      "PSS after the start, MiB": memory.pss,
      "of it of no file, MiB": memory.anonymous,
      [`PSS after ${seconds} s, MiB`]: later.pss,
      [`of it of no file after ${seconds} s, MiB`]: later.anonymous,
      "CPU when idle, %": ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100,
      "wake-ups a second": (after.wakeUps - before.wakeUps) / seconds,
    };
  } finally {
    await Promise.all(daemons.map(stopDaemon));
  }
}

/** proc_pid_smaps(5), smaps_rollup. */
function memoryOf(pid: number): { readonly pss: number; readonly anonymous: number } {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const mib = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1]) / 1024;
  return { pss: mib("Pss"), anonymous: mib("Pss_Anon") };
}
