/**
 * What a directive of ha.cf is: how its arguments are cut and checked, and what becomes of it here.
 */
import type { Result } from "../std/result.ts";
import type { Fault } from "./diagnostic.ts";
import { quoted } from "./tokens.ts";
import { parseBoolean, parseInteger, parsePositiveTime, parseTime } from "./values.ts";

export interface Directive {
  readonly name: string;
  /** How it is called in heartbeat's table of settings, if it is another's other name. */
  readonly aliasOf?: string;
  /** The form of its arguments, for people. */
  readonly argument: string;
  readonly form: Form;
  /** What is in force without it, as it would be written. */
  readonly initial?: string;
  /** Whether Understudy acts on it, only understands it, or refuses it. */
  readonly use: "used" | "unused" | "refused";
  /**
   * Values that ask for nothing that Understudy does not do: no warning then. In lower case. Of a
   * line that means something as a whole, its first word.
   */
  readonly harmless?: readonly string[];
  /** What it does; of an unused one, why it has no effect and what to write or run instead. */
  readonly says: string;
}

export type Form =
  /** Words between blanks or commas, each of which must be sound; the last one counts. */
  | { readonly type: "scalar"; readonly check: WordCheck }
  /** The same, but given twice it is an error. */
  | { readonly type: "once"; readonly check: WordCheck }
  /** Words between blanks or commas, each of which adds something. */
  | { readonly type: "list"; readonly check: WordCheck }
  /** Words between blanks: the line as a whole means something. */
  | { readonly type: "line"; readonly check: LineCheck };

export type WordCheck = (text: string) => Fault | undefined;
export type LineCheck = (words: readonly string[]) => Fault | undefined;

export const time: WordCheck = (text) => faultOf(parseTime(text));
export const positiveTime: WordCheck = (text) => faultOf(parsePositiveTime(text));
export const boolean: WordCheck = (text) => faultOf(parseBoolean(text));
export const anything: WordCheck = () => undefined;

export function integer(low: number, high: number): WordCheck {
  return (text) => faultOf(parseInteger(text, { low, high }));
}

export function oneOf(...words: readonly string[]): WordCheck {
  return (text) => (words.includes(text) ? undefined : badWord(text, words));
}

/** Like {@link oneOf}, in capitals or not; or a boolean. */
export function booleanOr(...words: readonly string[]): WordCheck {
  return (text) => {
    if (words.includes(text.toLowerCase()) || boolean(text) === undefined) return undefined;
    return badWord(text, ["on", "off", ...words]);
  };
}

export const absolutePath: WordCheck = (text) =>
  text.startsWith("/")
    ? undefined
    : { code: "bad-path", message: `${quoted(text)} is not an absolute path: begin with "/"` };

/** A line that needs as many words as `shape` names. */
export function atLeast(count: number, shape: string): LineCheck {
  return (words) => (words.length >= count ? undefined : missingArgument(shape));
}

export function missingArgument(shape: string): Fault {
  return { code: "missing-argument", message: `too few arguments: write ${shape}` };
}

export function faultOf(result: Result<unknown, Fault>): Fault | undefined {
  return result.ok ? undefined : result.error;
}

function badWord(text: string, words: readonly string[]): Fault {
  return { code: "bad-word", message: `${quoted(text)} is none of ${words.join(", ")}` };
}
