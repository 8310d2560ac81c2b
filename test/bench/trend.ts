/**
 * Where a series of measurements goes.
 */
import { median } from "./usage.ts";

export interface Trend {
  readonly least: number;
  readonly most: number;
  /** By least squares, for one unit of the first of each pair. */
  readonly slope: number;
  /** Medians of the two halves: a single high one moves neither. */
  readonly earlier: number;
  readonly later: number;
}

/** @param points - when, what; in the order of when */
export function trendOf(points: readonly (readonly [number, number])[]): Trend {
  const values = points.map(([, value]) => value);
  const half = Math.ceil(values.length / 2);
  return {
    least: Math.min(...values),
    most: Math.max(...values),
    slope: slopeOf(points),
    earlier: median(values.slice(0, half)),
    later: median(values.slice(-half)),
  };
}

function slopeOf(points: readonly (readonly [number, number])[]): number {
  const mean = (index: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x0, y0] = [mean(0), mean(1)];
  let [above, below] = [0, 0];
  for (const [x, y] of points) {
    above += (x - x0) * (y - y0);
    below += (x - x0) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
