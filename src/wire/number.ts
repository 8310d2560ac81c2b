/**
 * Numbers as the original writes them: most are hexadecimal without a prefix, in lower case.
 */

import { assert } from "../std/assert.ts";

export function hexOf(count: number): string {
  assert(Number.isSafeInteger(count) && count >= 0, `a whole number from 0, not ${count}`);
  return count.toString(16);
}

/**
 * @returns a safe integer from 0; undefined for a sign, a blank, a prefix, nothing, or too much
 */
export function numberFromHex(text: string): number | undefined {
  if (!/^[0-9a-f]{1,14}$/i.test(text)) return undefined;
  const value = Number.parseInt(text, 16);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** Like `numberFromHex`, for the few that the original writes in decimal. */
export function numberFromDecimal(text: string): number | undefined {
  if (!/^\d{1,16}$/.test(text)) return undefined;
  const value = Number.parseInt(text, 10);
  return Number.isSafeInteger(value) ? value : undefined;
}
