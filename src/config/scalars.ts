/**
 * The directives of ha.cf that have one value: the last one that is given.
 */
import type { Findings } from "./diagnostic.ts";
import { addError, addWarning } from "./diagnostic.ts";
import type { Statement } from "./statements.ts";
import type { Word } from "./tokens.ts";
import { quoted } from "./tokens.ts";

/** By heartbeat's name of the directive; only those that are given, and sound. */
export type Scalars = ReadonlyMap<string, Word>;

export function scalarsOf(statements: readonly Statement[], findings: Findings): Scalars {
  const scalars = new Map<string, Word>();
  for (const { directive, words } of statements) {
    const { type } = directive.form;
    if (type === "list" || type === "line") continue;
    const name = directive.aliasOf ?? directive.name;
    for (const word of words) {
      const former = scalars.get(name);
      if (former !== undefined) sayRepeated(type, former, word, findings);
      scalars.set(name, word);
    }
  }
  return scalars;
}

function sayRepeated(type: "scalar" | "once", former: Word, word: Word, findings: Findings): void {
  const before = `${quoted(former.text)} in line ${former.line}`;
  if (type === "once") addError(findings, word, "repeated", `this was given as ${before} already`);
  else addWarning(findings, word, "repeated", `this replaces ${before}: the last value counts`);
}
