import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { nextGeneration } from "../../../src/daemon/generation.ts";

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "understudy-generation-"));
});

afterEach(() => rmSync(stateDir, { recursive: true }));

const file = () => join(stateDir, "hb_generation");

test("every start is one more than the one before, in the original's format", () => {
  writeFileSync(file(), "     1795211077\n");
  expect(nextGeneration(stateDir)).toEqual({ generation: 1_795_211_078, fault: undefined });
  expect(readFileSync(file(), "latin1")).toBe("     1795211078\n");
  expect(readFileSync(file(), "latin1")).toHaveLength(16);
  expect(nextGeneration(stateDir).generation).toBe(1_795_211_079);
});

test("the first one is later than any clock of the past", () => {
  const before = Math.floor(Date.now() / 1000);
  expect(nextGeneration(stateDir).generation).toBeGreaterThan(before);
  expect(existsSync(file())).toBe(true);
});

test.each(["", "garbage\n", "-5\n", "9".repeat(20)])("a file of %j counts as none", (text) => {
  writeFileSync(file(), text);
  expect(nextGeneration(stateDir).generation).toBeGreaterThan(1e9);
});

test("a number that cannot be saved is told, and is not one that was used", () => {
  writeFileSync(file(), "             41\n");
  // A folder stands where the new file would be written.
  mkdirSync(`${file()}.new`);
  const before = Math.floor(Date.now() / 1000);
  const { generation, fault } = nextGeneration(stateDir);
  expect(fault).toContain("EISDIR");
  expect(generation).toBeGreaterThanOrEqual(before);
});
