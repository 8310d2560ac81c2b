/**
 * How JSON says times.
 */

/** ISO 8601 in UTC, to the millisecond. */
export function isoTime(wallClockMs: number): string {
  // oxlint-disable-next-line no-restricted-globals -- Converts; reads no clock.
  return new Date(wallClockMs).toISOString();
}

/** To the microsecond, which is what the clock is good for: 250.909, not 250.90863899999977. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
