import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { now } from "../../../src/linux/clock.ts";

test("the clock shows the time since boot, to the microsecond, and never runs backwards", () => {
  const before = uptime();
  const moments = Array.from({ length: 1000 }, now);
  expect(moments[0]).toBeGreaterThanOrEqual(before);
  expect(moments.at(-1)).toBeLessThanOrEqual(uptime() + 10);
  expect(moments).toEqual(moments.toSorted((a, b) => a - b));
  expect(moments.filter((moment) => Number(moment.toFixed(3)) !== moment)).toEqual([]);
  expect(moments.some((moment) => !Number.isInteger(moment))).toBe(true);
});

/** proc_uptime(5) counts the same, in hundredths of a second. */
function uptime(): number {
  return Number.parseFloat(readFileSync("/proc/uptime", "utf8")) * 1000;
}
