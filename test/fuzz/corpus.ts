/**
 * The inputs that are kept: for each target a file, for each input a line, as a text of JSON in which a
 * character stands for a byte.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = new URL("corpus/", import.meta.url).pathname;

/** Those that were found by their coverage, and those that once broke a property. */
export function readCorpus(target: string): readonly Buffer[] {
  return [...readInputs(fileOf(target)), ...readInputs(findingsOf(target))];
}

/** Sorted, so that a change is seen as one. What broke a property stays where it is. */
export function writeCorpus(target: string, inputs: readonly Buffer[]): void {
  const kept = new Set(readInputs(findingsOf(target)).map(lineOf));
  const lines = [...new Set(inputs.map(lineOf))].filter((line) => !kept.has(line));
  writeLines(fileOf(target), lines);
}

/** @returns where it is kept */
export function keepFinding(target: string, input: Buffer): string {
  const file = findingsOf(target);
  writeLines(file, [...new Set([...readInputs(file).map(lineOf), lineOf(input)])]);
  return file;
}

function fileOf(target: string): string {
  return join(root, `${target}.txt`);
}

function findingsOf(target: string): string {
  return join(root, `${target}.found.txt`);
}

function readInputs(file: string): readonly Buffer[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => Buffer.from(String(JSON.parse(line)), "latin1"));
}

function writeLines(file: string, lines: readonly string[]): void {
  mkdirSync(root, { recursive: true });
  writeFileSync(
    file,
    lines
      .toSorted()
      .map((line) => `${line}\n`)
      .join(""),
  );
}

/** Printable ASCII only: no editor and no tool may change it. */
function lineOf(input: Buffer): string {
  return JSON.stringify(input.toString("latin1")).replaceAll(
    /[\x7f-\xff]/g,
    (odd) => `\\u${odd.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
