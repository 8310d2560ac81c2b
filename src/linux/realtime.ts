/**
 * Going before ordinary programs (sched(7)), and staying in memory (mlock(2)).
 */
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { errnoFrom } from "./errno.ts";
import { lockMemory, setNice, setScheduler, unlockMemory } from "./syscall.ts";

/** include/uapi/linux/sched.h */
const SCHED_OTHER = 0;
const SCHED_RR = 2;
/** What a thread starts, threads and programs, is ordinary again, of nice 0. */
const SCHED_RESET_ON_FORK = 0x4000_0000;

const FIRST_OF_ORDINARY = -20;

/** The thread that calls: Node's main thread, on which the loop runs. */
const SELF = 0;

/**
 * For all threads of this process. The main thread hands work to the others (files) and takes a lock
 * for that which one of them may have just then: an ordinary one gives it back only when it gets a
 * processor, and on a busy machine that took 135 ms.
 *
 * @param priority - 1 to 99
 * @returns why not, if the kernel refuses: EPERM without CAP_SYS_NICE
 */
export async function goRealtime(priority: number): Promise<Errno | undefined> {
  const first = setScheduler(SELF, SCHED_RR | SCHED_RESET_ON_FORK, priority);
  if (!first.ok) return first.error;
  for (const thread of await threads())
    setScheduler(thread, SCHED_RR | SCHED_RESET_ON_FORK, priority);
  return undefined;
}

/**
 * What is left where realtime is refused: before all other ordinary programs, which get their turn.
 *
 * @returns why not, if the kernel refuses: EACCES without CAP_SYS_NICE
 */
export async function goFirst(): Promise<Errno | undefined> {
  setScheduler(SELF, SCHED_OTHER | SCHED_RESET_ON_FORK, 0);
  const first = setNice(SELF, FIRST_OF_ORDINARY);
  if (!first.ok) return first.error;
  for (const thread of await threads()) setNice(thread, FIRST_OF_ORDINARY);
  return undefined;
}

export async function goOrdinary(): Promise<void> {
  unlockMemory();
  for (const thread of await threads()) {
    setScheduler(thread, SCHED_OTHER, 0);
    setNice(thread, 0);
  }
}

/**
 * Asked in the way that starts all of libuv's threads, if they do not run yet. One that ends meanwhile
 * is not missed, nor are all where there is no /proc.
 */
async function threads(): Promise<readonly number[]> {
  try {
    return (await readdir("/proc/self/task")).map(Number);
  } catch {
    return [SELF];
  }
}

/**
 * Keeps in memory what is read of the program's own file and its libraries, and what it has besides
 * V8's heap: under pressure the kernel would drop the first of it and swap the other, and read them
 * again from a disk that is slow then.
 *
 * Not the rest, with mlockall(2): V8 gives pages of its heap back by madvise(2), which the kernel
 * refuses for locked memory, and ends the process for that (`Check failed: 0 == ret`).
 *
 * @returns why not, if the kernel refuses: ENOMEM or EPERM without CAP_IPC_LOCK
 */
export function lockProgram(): Errno | undefined {
  const maps = readMaps();
  if (!maps.ok) return maps.error;
  for (const { start, length } of programRanges(maps.value)) {
    const locked = lockMemory(start, length);
    if (!locked.ok) return locked.error;
  }
  return undefined;
}

function readMaps(): Result<string, Errno> {
  try {
    return ok(readFileSync("/proc/self/maps", "latin1"));
  } catch (error) {
    return fail(errnoFrom("open /proc/self/maps", error));
  }
}

export interface Range {
  readonly start: bigint;
  readonly length: bigint;
}

/** Of proc_pid_maps(5), what belongs to a file and is private, and what V8 never has: malloc's, the stack. */
export function programRanges(maps: string): readonly Range[] {
  return maps.split("\n").flatMap((line) => {
    const [, from, to] =
      /^([\da-f]+)-([\da-f]+) r[w-][x-]p [\da-f]+ \S+ (?:[1-9]\d* |0 +\[(?:heap|stack)\]$)/.exec(
        line,
      ) ?? [];
    if (from === undefined || to === undefined) return [];
    const start = BigInt(`0x${from}`);
    return [{ start, length: BigInt(`0x${to}`) - start }];
  });
}
