/**
 * The operator's word that nothing is to move by itself, the wish that the daemon be restarted
 * without moving anything, and the answer to both.
 */
import type { NodeName } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Millis } from "../std/time.ts";
import { millis } from "../std/time.ts";
import type { JsonObject } from "./guard.ts";
import {
  isBoolean,
  isNumber,
  isObject,
  isString,
  nullable,
  oneOf,
  parseCleanJson,
  parseJson,
  record,
} from "./guard.ts";

export interface Maintain {
  readonly on: boolean;
  /** Undefined: until it is taken back. */
  readonly lasts: Millis | undefined;
  /** May be empty. */
  readonly reason: string;
}

export interface Restart {
  /** The peers hold off for so long. */
  readonly within: Millis;
}

/** What became of it. */
export interface Outcome {
  readonly version: 1;
  /** Which node answers. */
  readonly node: string;
  /** Why it was not done; null if it was. */
  readonly refusal: string | null;
}

/** Of UTF-16: it travels with every heartbeat. */
export const reasonLimit = 200;
/** A longer maintenance is one without an end, and is better called so. */
const lastsLimitMs = 366 * 86_400_000;
/** A daemon needs about a second; and nobody is there for its clients if it never comes back. */
export const restartLimitMs: { readonly low: number; readonly high: number } = {
  low: 1000,
  high: 300_000,
};

type Faulty<T> = Result<T, { readonly message: string }>;

/** @param body - JSON, `{"on": true, "forMs": 7200000, "reason": "kernel"}`; strict, as commands are */
export function parseMaintain(body: string): Faulty<Maintain> {
  const object = fieldsOf(body, ["on", "forMs", "reason"]);
  if (object === undefined)
    return refuse('write {"on": true}, with "forMs" and "reason" if wanted');
  const { on, forMs, reason } = {
    on: object["on"],
    forMs: object["forMs"],
    reason: object["reason"] ?? "",
  };
  if (!isBoolean(on)) return refuse("on must be true or false");
  if (!isString(reason) || !isReason(reason)) {
    return refuse(`reason must be one line of at most ${reasonLimit} characters`);
  }
  if (forMs === undefined) return ok({ on, lasts: undefined, reason });
  if (!on) return refuse("maintenance that ends has no length");
  if (!isNumber(forMs) || !(forMs > 0 && forMs <= lastsLimitMs)) {
    return refuse("the length must be above 0 and at most 366 days");
  }
  return ok({ on, lasts: millis(forMs), reason });
}

/** @param body - JSON, `{"withinMs": 15000}` */
export function parseRestart(body: string): Faulty<Restart> {
  const within = fieldsOf(body, ["withinMs"])?.["withinMs"];
  const { low, high } = restartLimitMs;
  if (!isNumber(within) || !(within >= low && within <= high)) {
    return refuse(`a restart may take ${low / 1000} to ${high / 1000} s`);
  }
  return ok({ within: millis(within) });
}

export function outcome(node: NodeName, refusal: string | undefined): Outcome {
  return { version: 1, node, refusal: refusal ?? null };
}

/** Undefined: the text is no answer of this version. Names and reasons come cleaned. */
export function parseOutcome(text: string): Outcome | undefined {
  const value = parseCleanJson(text);
  return isOutcome(value) ? value : undefined;
}

const isOutcome = record<Outcome>({
  version: oneOf(1),
  node: isString,
  refusal: nullable(isString),
});

/** Undefined: no JSON object, or one with other fields. */
function fieldsOf(body: string, known: readonly string[]): JsonObject | undefined {
  const value = parseJson(body);
  if (!isObject(value)) return undefined;
  return Object.keys(value).every((name) => known.includes(name)) ? value : undefined;
}

/** It stands in logs and on terminals, of every node. */
function isReason(text: string): boolean {
  return text.length <= reasonLimit && text.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text);
}

function refuse(message: string): { readonly ok: false; readonly error: { message: string } } {
  return fail({ message });
}
