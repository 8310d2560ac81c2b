/**
 * What an operator may ask for, from the body of a POST.
 */
import type { Command, Selection } from "../core/index.ts";
import { groupName } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import { isObject, parseJson } from "./guard.ts";

/** The JSON body of a command. */
export interface CommandText {
  /** `all`, `local`, `foreign`, for standby also `failback`; anything else is a group's name. */
  readonly selection: string;
  /** Answer when it is done, not when it is accepted. False if it is left out. */
  readonly wait?: boolean;
}

/** A longer body is refused unread. */
export const bodyLimitBytes: number = 64 * 1024;

/** The words that are no group's name, as usage and mistakes show them. */
export const selections: { readonly [T in Command["type"]]: string } = {
  takeover: "all, local, foreign or a group's name",
  standby: "all, local, foreign, failback or a group's name",
};

const groupNameLimit = 255;

/**
 * Strict: a field that is unknown or of another type is refused, because what was meant may have
 * been something else.
 *
 * @param type - of the path that was posted to
 * @param body - JSON, a {@link CommandText}
 */
export function parseCommand(
  type: Command["type"],
  body: string,
): Result<Command, { readonly message: string }> {
  if (body.length > bodyLimitBytes) return refuse(`the body is over ${bodyLimitBytes} bytes long`);
  const value = parseJson(body);
  if (!isObject(value)) return refuse('the body is no JSON object: write {"selection": "all"}');
  const unknown = Object.keys(value).find((name) => name !== "selection" && name !== "wait");
  if (unknown !== undefined) return refuse("only the fields selection and wait are known");
  const { selection, wait } = { selection: value["selection"], wait: value["wait"] ?? false };
  if (typeof selection !== "string") return refuse(`selection must be ${selections[type]}`);
  if (typeof wait !== "boolean") return refuse("wait must be true or false");
  const selected = parseSelection(type, selection);
  return selected.ok ? ok({ type, selection: selected.value, wait }) : selected;
}

/** Which groups a word means: see {@link CommandText}. */
export function parseSelection(
  type: Command["type"],
  word: string,
): Result<Selection, { readonly message: string }> {
  if (word === "all" || word === "local" || word === "foreign") return ok({ type: word });
  if (word === "failback") {
    // hb_standby(1): to fail back is to give up what belongs to the other node. hb_takeover takes
    // the word too, and then takes everything (hb_takeover.in), which nobody can have meant.
    if (type === "standby") return ok({ type: "foreign" });
    return refuse("failback is a standby, of the node that is to give up: write takeover local");
  }
  if (!isGroupName(word)) return refuse(`selection must be ${selections[type]}`);
  return ok({ type: "group", group: groupName(word) });
}

function isGroupName(word: string): boolean {
  // As in haresources, nothing that cannot be seen (Cf turns the direction of writing).
  return word.length <= groupNameLimit && /^[^\s\p{Cc}\p{Cf}\p{Cs}]+$/u.test(word);
}

function refuse(message: string): { readonly ok: false; readonly error: { message: string } } {
  return fail({ message });
}
