/**
 * The operator's word that a dead node is off, and the answer to it.
 */
import type { NodeName } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import { isObject, isString, nullable, oneOf, parseCleanJson, parseJson, record } from "./guard.ts";

export interface Confirmation {
  readonly version: 1;
  /** Which node answers. */
  readonly node: string;
  readonly confirmed: string;
  /** Why the word was not taken; null if it was. */
  readonly refusal: string | null;
}

/** @param body - JSON, `{"node": "beta"}`; strict, as commands are */
export function parseConfirm(body: string): Result<NodeName, { readonly message: string }> {
  const value = parseJson(body);
  const name = isObject(value) && Object.keys(value).length === 1 ? value["node"] : undefined;
  if (isString(name) && name !== "") return ok(nodeName(name.toLowerCase()));
  return fail({ message: 'the body names no node: write {"node": "NAME"}' });
}

export function confirmation(
  node: NodeName,
  confirmed: NodeName,
  refusal: string | undefined,
): Confirmation {
  return { version: 1, node, confirmed, refusal: refusal ?? null };
}

/** Undefined: the text is no answer of this version. Names and reasons come cleaned. */
export function parseConfirmation(text: string): Confirmation | undefined {
  const value = parseCleanJson(text);
  return isConfirmation(value) ? value : undefined;
}

const isConfirmation = record<Confirmation>({
  version: oneOf(1),
  node: isString,
  confirmed: isString,
  refusal: nullable(isString),
});
