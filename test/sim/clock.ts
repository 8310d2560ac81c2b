/**
 * The clock of one machine. No two run alike: each begins somewhere else, and gains or loses up to
 * some hundred microseconds a second. A daemon sees nothing but its own.
 */
import type { Instant } from "../../src/std/time.ts";
import { instant, never } from "../../src/std/time.ts";

export interface Clock {
  /** The moment of the world at which it showed `shown`. */
  base: Instant;
  shown: number;
  /** How much it gains in a millisecond of the world. */
  readonly rate: number;
}

/** The most by which the time of one clock can differ from that of another, for each unit of it. */
export const DRIFT_MAX = 0.001;

/** One that agrees with the world. */
export function trueClock(): Clock {
  return { base: instant(0), shown: 0, rate: 1 };
}

/** What the clock shows at a moment of the world. */
export function shownAt({ base, shown, rate }: Clock, now: Instant): Instant {
  return instant(shown + (now - base) * rate);
}

/** The moment of the world at which it will show, or has just shown, `at`. */
export function momentOf(clock: Clock, at: Instant): Instant {
  if (at >= never) return never;
  const { base, shown, rate } = clock;
  let moment = instant(base + (at - shown) / rate);
  // A timer that fires a rounding error too early would fire for ever.
  while (shownAt(clock, moment) < at) moment = instant(moment + 1e-4);
  return moment;
}

/** It shows the same before and after `duration`, in which it did not run. */
export function standStill(clock: Clock, duration: number): void {
  clock.shown -= duration * clock.rate;
}
