/**
 * What ha.cf says, directive by directive: what `cl_status hbparameter` asks for.
 */
import type { NodeName } from "../core/index.ts";
import { dictionary, isString, oneOf, parseCleanJson, record } from "./guard.ts";

export interface Settings {
  readonly version: 1;
  readonly node: string;
  /** Every directive of one value as written, defaults included, and what `env` sets. */
  readonly settings: Readonly<Record<string, string>>;
}

export function settings(node: NodeName, values: Settings["settings"]): Settings {
  return { version: 1, node, settings: values };
}

/** Undefined: the text is no answer of this version. Names and values come cleaned. */
export function parseSettings(text: string): Settings | undefined {
  const value = parseCleanJson(text);
  return isSettings(value) ? value : undefined;
}

const isSettings = record<Settings>({
  version: oneOf(1),
  node: isString,
  settings: dictionary(isString),
});
