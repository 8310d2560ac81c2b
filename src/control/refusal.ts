/**
 * The body of every answer that is not 200: why the request was not understood.
 */
import { isString, parseCleanJson, record } from "./guard.ts";

export interface Refusal {
  readonly version: 1;
  readonly error: string;
}

export function refusal(error: string): Refusal {
  return { version: 1, error };
}

/** The reason given, or undefined if the body gives none. */
export function parseRefusal(text: string): string | undefined {
  const value = parseCleanJson(text);
  return isRefusal(value) ? value.error : undefined;
}

const isRefusal = record<{ readonly error: string }>({ error: isString });
