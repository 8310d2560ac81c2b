/**
 * The project's own rules. Each test names what breaks its rule, file by file; an empty list is what
 * is wanted.
 */
import { basename, posix } from "node:path";
import { describe, expect, test } from "vitest";
import { parseAuthkeys, parseHaCf, parseHaresources } from "../../src/config/index.ts";
import type { Diagnostic } from "../../src/config/index.ts";
import { notices } from "../../src/core/index.ts";
import type { Import, ProjectFile } from "./project.ts";
import { filesBelow, importsOf, isThere, read } from "./project.ts";

const everything = filesBelow(".");
const sources = everything.filter(({ path }) => /^(?:src|test)\/.*\.ts$/.test(path));
const program = sources.filter(({ path }) => path.startsWith("src/"));
const tests = everything.filter(({ path }) => /^test\/.*\.(?:ts|txt)$/.test(path));
const imports = program.flatMap(importsOf);
const entry = "src/understudy.ts";

describe("an import", () => {
  /** The table of src/README.md: what each folder may import. */
  const table = new Map(
    [...read("src/README.md").matchAll(/^\| `([\w.]+)` \| ([^|]+) \| ([^|]+) \|$/gm)].map(
      ([, folder = "", ours = "", others = ""]) => [folder, { ours: wordsOf(ours), others }],
    ),
  );

  test("is one that the table in src/README.md allows", () => {
    expect([...table.keys()].toSorted()).toEqual(
      [...new Set(program.map(({ path }) => partOf(path)))].toSorted(),
    );
    const forbidden = imports.filter((each) => {
      const row = table.get(partOf(each.path));
      if (each.target === undefined) return !wordsOf(row?.others ?? "").some(admits(each));
      const part = partOf(each.target);
      if (part === partOf(each.path)) return false;
      return !row?.ours.some(
        (word) => word === part || (word === `${part} (types)` && each.isType),
      );
    });
    expect(forbidden.map(shown)).toEqual([]);
  });

  test("of another folder goes through its index.ts, but for std, which has none", () => {
    const aside = imports.filter(({ path, target, isLazy }) => {
      if (target === undefined || partOf(path) === partOf(target)) return false;
      if (path === entry && isLazy) return false;
      return partOf(target) === "std"
        ? basename(target) === "index.ts"
        : basename(target) !== "index.ts";
    });
    expect(aside.map(shown)).toEqual([]);
  });

  test("of the daemon is made by the entry alone, and when it is called", () => {
    const loads = imports.filter(
      ({ path, target, isLazy }) =>
        target !== undefined &&
        partOf(target) === "daemon" &&
        partOf(path) !== "daemon" &&
        !(path === entry && isLazy),
    );
    expect(loads.map(shown)).toEqual([]);
  });

  test("of koffi is made by one file: all system calls are in it", () => {
    const files = imports.filter(({ specifier }) => specifier === "koffi").map(({ path }) => path);
    expect(files).toEqual(["src/linux/syscall.ts"]);
  });
});

describe("a file", () => {
  test("has a kebab-case name", () => {
    const odd = sources.filter(
      ({ path }) =>
        !/^(?:[a-z\d]+(?:-[a-z\d]+)*\/)*[a-z\d]+(?:-[a-z\d]+)*(?:\.test|\.config)?\.ts$/.test(path),
    );
    expect(pathsOf(odd)).toEqual([]);
  });

  test("has 400 lines at most", () => {
    expect(pathsOf(sources.filter(({ text }) => text.split("\n").length > 401))).toEqual([]);
  });

  test("of src says what it knows, at its head or at what it exports", () => {
    expect(pathsOf(program.filter(({ text }) => !text.includes("/**")))).toEqual([]);
  });

  test("of src is imported by another one, or is the entry", () => {
    const imported = new Set(imports.map(({ target }) => target));
    const dead = program.filter(({ path }) => path !== entry && !imported.has(path));
    expect(pathsOf(dead)).toEqual([]);
  });

  test("leaves nothing to be done and nothing of the machine that it was written on", () => {
    const words = [/\b(?:TODO|FIXME|XXX)\b/, /(?<![\w./-])\/(?:home|root|Users|work|farm)\//];
    const found = everything.filter(
      ({ path, text }) =>
        path !== "test/unit/tidy.test.ts" && words.some((word) => word.test(text)),
    );
    expect(pathsOf(found)).toEqual([]);
  });
});

describe("a test", () => {
  /** They decide on moments that they are given, or on conditions; these kinds need no waiting. */
  const waiting = /\bsleep\(|timers\/promises|\bsetTimeout\(|\bsetInterval\(/;

  test("of the kinds unit, trace and sim does not wait for time to pass", () => {
    const slow = sources.filter(
      ({ path, text }) =>
        /^test\/(?:unit|trace|sim)\//.test(path) && !isTidy(path) && waiting.test(text),
    );
    expect(pathsOf(slow)).toEqual([]);
  });

  test("is not left out, not repeated until it passes, and mocks no module", () => {
    const words = /\.only\(|\.skip\(|\.todo\(|\bretry:|\bvi\.mock\(|\bvi\.doMock\(/;
    const odd = sources.filter(({ path, text }) => !isTidy(path) && words.test(text));
    expect(pathsOf(odd)).toEqual([]);
  });
});

test("every notice is met by a test, by its code", () => {
  const texts = tests.filter(({ path }) => !isTidy(path)).map(({ text }) => text);
  const unmet = Object.keys(notices).filter((code) => {
    const told = new RegExp(`"${code}"|^ +[\\d.]+ \\w+: ${code}(?: |$)`, "m");
    return !texts.some((text) => told.test(text));
  });
  expect(unmet).toEqual([]);
});

test("every example in ha.d is sound, but for the key, which must be replaced", () => {
  const parsers: Readonly<Record<string, (text: string) => readonly Diagnostic[]>> = {
    "ha.d/ha.cf": (text) => parseHaCf({ file: "ha.cf", text }).diagnostics,
    "ha.d/haresources": (text) => parseHaresources({ file: "haresources", text }).diagnostics,
    "ha.d/authkeys": (text) =>
      parseAuthkeys({ file: "authkeys", text, mode: 0o600 }).diagnostics.filter(
        ({ code }) => code !== "example-secret",
      ),
  };
  const examples = filesBelow("ha.d");
  expect(pathsOf(examples)).toEqual(Object.keys(parsers).toSorted());
  expect(examples.flatMap(({ path, text }) => parsers[path]?.(text) ?? [])).toEqual([]);
});

describe("package.json", () => {
  const manifest = read("package.json");

  test("names folders and scripts that are there", () => {
    const files = /"files": \[([^\]]+)\]/.exec(manifest)?.[1]?.match(/[\w.]+/g) ?? [];
    expect(files).toContain("dist");
    const scripts = [...manifest.matchAll(/node (test\/[\w/.-]+\.ts)/g)].map(([, path]) => path);
    expect(scripts).not.toEqual([]);
    // dist is made by the build.
    const needed = [...files, ...scripts].filter((path) => path !== undefined && path !== "dist");
    expect(needed.filter((path) => !isThere(path ?? ""))).toEqual([]);
  });

  test("names a program that the build makes", () => {
    expect(manifest).toContain('"understudy": "dist/understudy.js"');
    expect(isThere(entry)).toBe(true);
  });

  test("and its lock say nothing of where packages were fetched from", () => {
    expect(/"resolved"|https?:\/\/[^"]*registry/.test(read("package-lock.json"))).toBe(false);
    expect(/registry=/.test(read(".npmrc"))).toBe(false);
  });
});

/** `core` of `src/core/step.ts`; the entry is a part of its own. */
function partOf(path: string): string {
  return posix.relative("src", path).split("/")[0] ?? "";
}

function wordsOf(cell: string): readonly string[] {
  return cell.split(",").map((word) => word.trim().replaceAll("`", ""));
}

/** `node:*` admits all of Node's own. */
function admits({ specifier }: Import): (word: string) => boolean {
  return (word) => word === specifier || (word === "node:*" && specifier.startsWith("node:"));
}

/** The tests of the rules name what they forbid. */
function isTidy(path: string): boolean {
  return path === "test/unit/tidy.test.ts";
}

function shown({ path, specifier }: Import): string {
  return `${path}: ${specifier}`;
}

function pathsOf(files: readonly ProjectFile[]): readonly string[] {
  return files.map(({ path }) => path);
}
