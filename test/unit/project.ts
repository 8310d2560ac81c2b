/**
 * The project's own files, as the tests of its rules and its documents read them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";

const root = new URL("../../", import.meta.url);

/** What is made, not written. */
const made: ReadonlySet<string> = new Set(["node_modules", "dist", ".git"]);

export interface ProjectFile {
  /** From the project's folder: `src/core/step.ts`. */
  readonly path: string;
  readonly text: string;
}

/** Every file below these folders, or below the project's own, sorted by path. */
export function filesBelow(...folders: readonly string[]): readonly ProjectFile[] {
  return folders
    .flatMap(pathsBelow)
    .toSorted()
    .map((path) => ({ path, text: read(path) }));
}

export function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}

export function isThere(path: string): boolean {
  return existsSync(new URL(path, root));
}

function pathsBelow(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, root), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (made.has(entry.name)) return [];
    if (entry.isDirectory()) return pathsBelow(path);
    return entry.isFile() && !entry.name.endsWith(".deb") ? [path] : [];
  });
}

/** One import or re-export of a source. */
export interface Import {
  /** The file that imports. */
  readonly path: string;
  /** As written: `../core/index.ts`, `node:fs`, `koffi`. */
  readonly specifier: string;
  /** The file of the project that is meant; undefined for a package. */
  readonly target: string | undefined;
  readonly isType: boolean;
  /** `import("...")`: loaded when it is called. */
  readonly isLazy: boolean;
}

/** @throws if there is an import in the text that is not understood */
export function importsOf({ path, text }: ProjectFile): readonly Import[] {
  const found = [...matches(text, statements), ...matches(text, sideEffects)];
  const ends = [...text.matchAll(/(?:from|^import) "[^"]+";$/gm)].length;
  if (found.length !== ends) throw new Error(`${path}: an import that is not understood`);
  return [
    ...found.map((match) => importIn(path, match, false)),
    ...matches(text, lazyImports).map((match) => importIn(path, match, true)),
  ];
}

const statements =
  /^(?:import|export)(?<type> type)? (?:\w+|(?:\w+, )?\{[^}]*\}|\*(?: as \w+)?) from "(?<specifier>[^"]+)";$/gm;
const sideEffects = /^import "(?<specifier>[^"]+)";$/gm;
const lazyImports = /\bimport\("(?<specifier>[^"]+)"\)/g;

function matches(text: string, pattern: RegExp): readonly RegExpExecArray[] {
  return [...text.matchAll(pattern)];
}

function importIn(path: string, { groups }: RegExpExecArray, isLazy: boolean): Import {
  const specifier = groups?.["specifier"] ?? "";
  const isOurs = specifier.startsWith(".");
  const target = isOurs ? posix.join(posix.dirname(path), specifier) : undefined;
  return { path, specifier, target, isType: groups?.["type"] !== undefined, isLazy };
}
