/**
 * Time as values. Nothing here reads a clock: the moment is always handed in.
 */
import { assert } from "./assert.ts";

declare const unit: unique symbol;

/** A length of time in milliseconds, never negative. May have a fraction, of microseconds. */
export type Millis = number & { readonly [unit]: "Millis" };

/** A moment of the monotonic clock, in milliseconds. Only differences mean anything. */
export type Instant = number & { readonly [unit]: "Instant" };

export function millis(count: number): Millis {
  assert(Number.isFinite(count) && count >= 0, `a length of time, not ${count}`);
  return count as Millis;
}

export function seconds(count: number): Millis {
  return millis(count * 1000);
}

export function instant(count: number): Instant {
  assert(Number.isFinite(count), `a moment, not ${count}`);
  return count as Instant;
}

/** The moment `delay` after `start`. */
export function after(start: Instant, delay: Millis): Instant {
  return (start + delay) as Instant;
}

/** How long ago `earlier` was. */
export function elapsed(earlier: Instant, now: Instant): Millis {
  assert(earlier <= now, `time that does not run backwards from ${earlier} to ${now}`);
  return (now - earlier) as Millis;
}

/** A moment that never comes. */
export const never: Instant = Number.MAX_SAFE_INTEGER as Instant;
