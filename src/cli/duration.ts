/**
 * Lengths of time as an operator types them on a command line. Not as ha.cf has them, which knows
 * no minutes.
 */
import { clean } from "../control/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `15min`, `1h30m`, `2d`; a bare number is seconds. @returns milliseconds, or what is wrong */
export function parseDuration(text: string): Result<number, string> {
  const fault = fail(`'${clean(text)}' is no length of time: write 90s, 15min, 2h or 1h30m`);
  if (/^\d+(\.\d+)?$/.test(text)) return ok(Number(text) * 1000);
  if (!/^(\d+(\.\d+)?[a-z]+)+$/i.test(text)) return fault;
  let sum = 0;
  for (const [, count = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)([a-z]+)/gi)) {
    const scale = units[unit.toLowerCase()];
    if (scale === undefined) return fault;
    sum += Number(count) * scale;
  }
  return ok(sum);
}
