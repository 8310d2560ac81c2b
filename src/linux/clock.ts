/**
 * The one clock: monotonic, and counting the time that the machine was suspended. A node that slept
 * must know how long its peers have not heard it; CLOCK_MONOTONIC stands still meanwhile.
 */
import { assert } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import { instant } from "../std/time.ts";
import { readClock } from "./syscall.ts";

/** clock_gettime(2), since Linux 2.6.39. */
export const CLOCK_BOOTTIME = 7;

const timespec = Buffer.alloc(16);
let latest = 0;

/** Milliseconds since the machine was booted, to the microsecond. */
export function now(): Instant {
  const read = readClock(CLOCK_BOOTTIME, timespec);
  assert(read.ok, "a kernel that has CLOCK_BOOTTIME");
  // The upper half of the seconds is zero for the first 136 years.
  const micros = timespec.readUInt32LE(0) * 1e6 + Math.floor(timespec.readUInt32LE(8) / 1000);
  assert(micros >= latest, "a clock that does not run backwards");
  latest = micros;
  return instant(micros / 1000);
}
