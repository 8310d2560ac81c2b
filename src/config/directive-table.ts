/**
 * The reference of ha.cf, for people.
 */
import type { Directive } from "./directive.ts";
import { directives } from "./directives.ts";

/** A table in Markdown of every directive: its argument, what is in force without it, what it does. */
export function directiveTable(): string {
  const rows = [...directives.values()].map(rowOf);
  return [
    "| directive | argument | default | effect |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ].join("\n");
}

function rowOf({ name, argument, initial = "", use, says }: Directive): string {
  const effect = { used: says, unused: `No effect: ${says}.`, refused: `Refused: ${says}.` }[use];
  return `| \`${name}\` | ${argument} | ${initial} | ${effect} |`;
}
