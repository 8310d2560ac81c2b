import { expect, test } from "vitest";
import { ago, either, length, localTime, measured, since, wrap } from "../../../src/cli/words.ts";
import { utc } from "./reports.ts";

test.each([
  [0, "0 ms"],
  [999.9, "999 ms"],
  [1000, "1.0 s"],
  [9999, "9.9 s"],
  [10_000, "10 s"],
  [119_999, "119 s"],
  [120_000, "2 min"],
  [125_000, "2 min 5 s"],
  [600_000, "10 min"],
  [3_599_999, "59 min"],
  [7_380_000, "2 h 3 min"],
  [47 * 3_600_000, "47 h"],
  [76 * 3_600_000, "3 d 4 h"],
])("%d ms are said as %s, never as more than have passed", (ms, text) => {
  expect(length(ms)).toBe(text);
});

test("what never was has no age", () => {
  expect([ago(null), ago(350)]).toEqual(["never", "350 ms ago"]);
});

test("a measured time has a tenth", () => {
  expect(measured(12.34)).toBe("12.3 ms");
});

test("a moment of today is an hour, an older one a day", () => {
  const moment = "2025-11-17T21:15:03.000Z";
  expect(since({ since: moment, sinceMs: 60_000 }, utc)).toBe("21:15:03 (60 s)");
  expect(since({ since: moment, sinceMs: 43_200_000 }, utc)).toBe("2025-11-17 21:15 (12 h)");
});

test("a moment is shown on this machine's clock, and what is no moment as it is", () => {
  const local = new Date(2025, 0, 2, 3, 4, 5).toISOString();
  expect([localTime(local), localTime("soon")]).toEqual(["2025-01-02 03:04:05", "soon"]);
});

test.each([
  [[], ""],
  [["alpha"], "alpha"],
  [["alpha", "beta"], "alpha or beta"],
  [["alpha", "beta", "gamma"], "alpha, beta or gamma"],
])("%j are listed as '%s'", (names, text) => {
  expect(either(names)).toBe(text);
});

test("a long text is wrapped at 80 columns, a word that is longer stays whole", () => {
  const long = "x".repeat(100);
  const lines = wrap(`${"word ".repeat(20)}${long} end`, { width: 80, indent: "  " }).split("\n");
  expect(lines.map((line) => line.length)).toEqual([79, 21, 102, 5]);
  expect(lines.slice(1).every((line) => line.startsWith("  "))).toBe(true);
});

test("without a width a text is one line, however long", () => {
  const text = "word ".repeat(100).trim();
  expect(wrap(text, { width: Infinity, indent: "  " })).toBe(text);
});
