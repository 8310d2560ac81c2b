import { expect, test } from "vitest";
import { parseDuration } from "../../../src/cli/duration.ts";

test.each([
  ["90", 90_000],
  ["1.5", 1500],
  ["90s", 90_000],
  ["500ms", 500],
  ["15m", 900_000],
  ["15min", 900_000],
  ["2h", 7_200_000],
  ["1h30m", 5_400_000],
  ["1H30Min", 5_400_000],
  ["2d", 172_800_000],
  ["0", 0],
])("%s is %i ms", (text, ms) => {
  expect(parseDuration(text)).toEqual({ ok: true, value: ms });
});

test.each(["", "h", "-1", "2 h", "2w", "1h30", "soon", "\u001B[2J"])(
  "%j is no length of time, and is told how to write one",
  (text) => {
    const parsed = parseDuration(text);
    expect(parsed).toMatchObject({ ok: false });
    expect(parsed.ok ? "" : parsed.error).toMatch(/^\P{Cc}*write 90s, 15min, 2h or 1h30m$/u);
  },
);
