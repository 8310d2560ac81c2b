/**
 * Many measurements of one thing, as four figures.
 */

export interface Spread {
  readonly min: number;
  readonly median: number;
  /** By nearest rank: of less than a hundred it is the greatest. */
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

/** @returns undefined: there is no measurement */
export function spreadOf(values: readonly number[]): Spread | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) return undefined;
  const rank = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? max;
  const middle = sorted.length / 2;
  const median = (rank(0.5) + (sorted[Math.floor(middle)] ?? max)) / 2;
  return { min, median, p99: rank(0.99), max, count: sorted.length };
}
