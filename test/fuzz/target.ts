/**
 * What a target of the fuzzer is: a parser, and what must hold whatever it is given.
 */
import { readdirSync, readFileSync } from "node:fs";

export interface Target {
  /** `wire-stream`: the folder of its inputs below `corpus`, and what `--target` is compared with. */
  readonly name: string;
  /** What its mutations put in: the words that the parser looks at. */
  readonly words: readonly string[];
  /** Inputs to begin with, besides the corpus. */
  readonly seeds: () => readonly Buffer[];
  /** @throws if something does not hold */
  readonly check: (input: Buffer) => void;
}

/** The words of a folder of src, as its sources quote them: what its parsers compare with. */
export function wordsOf(folder: "wire" | "config" | "control"): readonly string[] {
  const root = new URL(`../../src/${folder}/`, import.meta.url);
  const texts = readdirSync(root).map((file) => readFileSync(new URL(file, root), "utf8"));
  const quoted = texts.flatMap((text) => [...text.matchAll(/"([^"\\\n]{1,24})"/g)]);
  return [...new Set(quoted.map(([, word = ""]) => word))].filter((word) => !word.endsWith(".ts"));
}

/**
 * A text that is a secret wherever it stands in a place for secrets. It is in nothing that the program
 * says by itself.
 */
export const planted = "Zq7planted";

/** @throws with both values, if they are not the same */
export function same(what: string, one: unknown, other: unknown): void {
  const [left, right] = [shown(one), shown(other)];
  if (left !== right) throw new Error(`${what}:\n${left}\n${right}`);
}

/** @throws what was expected */
export function holds(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

/** Maps and bytes as JSON, which knows neither; what is undefined is told from what is missing. */
export function shown(value: unknown): string {
  return JSON.stringify(value, (_, each: unknown): unknown => {
    if (each === undefined) return "(undefined)";
    if (each instanceof Map) return [...each.entries()];
    return each instanceof Set ? [...each.values()] : each;
  });
}
