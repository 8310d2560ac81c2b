/**
 * Going before ordinary programs (sched(7)), and staying in memory (mlock(2)).
 */
import { readFileSync } from "node:fs";
import type { Errno } from "./errno.ts";
import { lockMemory, setScheduler, unlockMemory } from "./syscall.ts";

/** include/uapi/linux/sched.h */
const SCHED_OTHER = 0;
const SCHED_RR = 2;
/** What the thread starts, threads and programs, is ordinary again. */
const SCHED_RESET_ON_FORK = 0x4000_0000;

/**
 * For the calling thread: Node's main thread, on which the loop runs.
 *
 * @param priority - 1 to 99
 * @returns why not, if the kernel refuses: EPERM without CAP_SYS_NICE
 */
export function goRealtime(priority: number): Errno | undefined {
  const set = setScheduler(SCHED_RR | SCHED_RESET_ON_FORK, priority);
  return set.ok ? undefined : set.error;
}

export function goOrdinary(): void {
  setScheduler(SCHED_OTHER, 0);
  unlockMemory();
}

/**
 * Keeps in memory what is read of the program's own file and its libraries: under pressure the kernel
 * would drop it first, and read it again from a disk that is slow then.
 *
 * Not the rest, with mlockall(2): V8 gives pages of its heap back by madvise(2), which the kernel
 * refuses for locked memory, and ends the process for that (`Check failed: 0 == ret`).
 *
 * @returns why not, if the kernel refuses: ENOMEM or EPERM without CAP_IPC_LOCK
 */
export function lockProgram(): Errno | undefined {
  for (const { start, length } of programRanges(readFileSync("/proc/self/maps", "latin1"))) {
    const locked = lockMemory(start, length);
    if (!locked.ok) return locked.error;
  }
  return undefined;
}

export interface Range {
  readonly start: bigint;
  readonly length: bigint;
}

/** Of proc_pid_maps(5), the mappings of files that nobody writes to. */
export function programRanges(maps: string): readonly Range[] {
  return maps.split("\n").flatMap((line) => {
    const [, from, to] = /^([\da-f]+)-([\da-f]+) r-[x-]p [\da-f]+ \S+ [1-9]\d* /.exec(line) ?? [];
    if (from === undefined || to === undefined) return [];
    const start = BigInt(`0x${from}`);
    return [{ start, length: BigInt(`0x${to}`) - start }];
  });
}
