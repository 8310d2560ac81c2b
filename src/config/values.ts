/**
 * The values of ha.cf: times, booleans, integers, as heartbeat 3.0.6 reads them (cl_misc.c).
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Millis } from "../std/time.ts";
import { millis } from "../std/time.ts";
import type { Fault } from "./diagnostic.ts";
import { quoted } from "./tokens.ts";

export const trueWords: readonly string[] = ["true", "on", "yes", "y", "1"];
export const falseWords: readonly string[] = ["false", "off", "no", "n", "0"];

/**
 * Digits with an optional point and an optional unit: none for seconds, `ms`, `us`. Of the unit
 * only two letters count, so that `msec` is one. Rounded to whole milliseconds.
 */
export function parseTime(text: string): Result<Millis, Fault> {
  const [, digits, unit = ""] = /^(\d+(?:\.\d*)?|\.\d+)([a-z].*)?$/i.exec(text) ?? [];
  if (digits === undefined) return fail(notATime(text, hintOf(text)));
  const perUnit = scaleOf(unit);
  if (perUnit === undefined) return fail(notATime(text, unitHint(Number(digits), unit)));
  const count = Math.trunc(Number(digits) * perUnit + 0.5);
  if (count <= longest) return ok(millis(count));
  return fail(notATime(text, "more than 24 days"));
}

/** Like {@link parseTime}, but nothing that comes to 0 ms. */
export function parsePositiveTime(text: string): Result<Millis, Fault> {
  const time = parseTime(text);
  if (!time.ok || time.value > 0) return time;
  return fail({
    code: "bad-time",
    message: `${quoted(text)} is no time at all: it must be above 0`,
  });
}

export function parseBoolean(text: string): Result<boolean, Fault> {
  const lower = text.toLowerCase();
  if (trueWords.includes(lower)) return ok(true);
  if (falseWords.includes(lower)) return ok(false);
  const message = `${quoted(text)} is neither on nor off: write on or off`;
  return fail({ code: "bad-boolean", message });
}

/** As atoi(3) reads it: what follows the digits is ignored, and what has none is 0. */
export function parseInteger(
  text: string,
  range: { readonly low: number; readonly high: number },
): Result<number, Fault> {
  const value = Number(/^[+-]?\d+/.exec(text)?.[0] ?? 0);
  if (value >= range.low && value <= range.high) return ok(value);
  const message = `${quoted(text)} is not a whole number from ${range.low} to ${range.high}`;
  return fail({ code: "bad-integer", message });
}

/** What a timer of Node can wait for, in milliseconds: longer ones run out at once. */
const longest = 2 ** 31 - 1;

function scaleOf(unit: string): number | undefined {
  if (unit === "") return 1000;
  const start = unit.slice(0, 2).toLowerCase();
  if (start === "ms") return 1;
  return start === "us" ? 0.001 : undefined;
}

function notATime(text: string, hint: string): Fault {
  return { code: "bad-time", message: `${quoted(text)} is not a time: ${hint}` };
}

function hintOf(text: string): string {
  if (text.startsWith("-")) return "it cannot be negative";
  if (scaleOf(text) !== undefined) return "write the unit without a blank, like 500ms";
  return howToWrite;
}

const howToWrite = "write seconds, like 10 or 1.5, or milliseconds, like 500ms";

/** `10s` is what everybody writes first. Seconds have no unit: heartbeat refuses one. */
function unitHint(count: number, unit: string): string {
  const seconds = { s: 1, m: 60, h: 3600, d: 86_400 }[unit.slice(0, 1).toLowerCase()];
  if (seconds === undefined || count * seconds > longest / 1000) return howToWrite;
  return `write ${count * seconds} or ${Math.round(count * seconds * 1000)}ms`;
}
