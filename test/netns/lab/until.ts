/**
 * Waiting for what happens in other processes: by looking, with a deadline.
 */
import { setTimeout as pause } from "node:timers/promises";

/**
 * Looks every few milliseconds until there is something to see.
 *
 * @param what - what is waited for: the failure says it
 * @param look - undefined or false: not yet
 * @param limitMs - generous, for a busy machine; nothing is measured by it
 * @param everyMs - rarer where a look costs a process
 * @throws if the time is over
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  limitMs = 20_000,
  everyMs = 10,
): Promise<T> {
  const deadline = performance.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() > deadline) throw new Error(`waited ${limitMs} ms in vain for ${what}`);
    await pause(everyMs);
  }
}

/** Milliseconds of CLOCK_MONOTONIC, which is the same in every process of a machine. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
