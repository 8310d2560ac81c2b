import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { nextGeneration, openSaver, saveGeneration } from "../../../src/daemon/generation.ts";

let folder: string;
let dirs: { readonly stateDir: string; readonly heartbeatDir: string };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-generation-"));
  dirs = { stateDir: join(folder, "ours"), heartbeatDir: join(folder, "theirs") };
  mkdirSync(dirs.stateDir);
});

afterEach(() => rmSync(folder, { recursive: true }));

const ours = () => join(dirs.stateDir, "hb_generation");
const theirs = () => join(dirs.heartbeatDir, "hb_generation");

test("every start is one more than the one before, in the original's format", () => {
  writeFileSync(ours(), "     1795211077\n");
  expect(nextGeneration(dirs)).toEqual({ generation: 1_795_211_078, fault: undefined });
  expect(readFileSync(ours(), "latin1")).toBe("     1795211078\n");
  expect(readFileSync(ours(), "latin1")).toHaveLength(16);
  expect(nextGeneration(dirs).generation).toBe(1_795_211_079);
});

test("the first one is later than any clock of the past", () => {
  const before = Math.floor(Date.now() / 1000);
  expect(nextGeneration(dirs).generation).toBeGreaterThan(before);
  expect(existsSync(ours())).toBe(true);
});

test.each(["", "garbage\n", "-5\n", "9".repeat(20)])("a file of %j counts as none", (text) => {
  writeFileSync(ours(), text);
  expect(nextGeneration(dirs).generation).toBeGreaterThan(1e9);
});

test("a number that cannot be saved is told, and is not one that was used", () => {
  writeFileSync(ours(), "             41\n");
  // A folder stands where the new file would be written.
  mkdirSync(`${ours()}.new`);
  const before = Math.floor(Date.now() / 1000);
  const { generation, fault } = nextGeneration(dirs);
  expect(fault).toMatch(/EISDIR|EPERM/);
  expect(generation).toBeGreaterThanOrEqual(before);
});

test.each([
  [41, 77],
  [77, 41],
])("of ours, %i, and the original's, %i, the higher is continued, in both files", (one, other) => {
  mkdirSync(dirs.heartbeatDir);
  writeFileSync(ours(), `${String(one).padStart(15)}\n`);
  writeFileSync(theirs(), `${String(other).padStart(15)}\n`);
  expect(nextGeneration(dirs)).toEqual({ generation: 78, fault: undefined });
  for (const file of [ours(), theirs()]) {
    expect(readFileSync(file, "latin1")).toBe("             78\n");
  }
});

test("a folder of the original that is not there is not made", () => {
  nextGeneration(dirs);
  expect(existsSync(dirs.heartbeatDir)).toBe(false);
});

test("the original's file keeps its mode, and its owner", () => {
  mkdirSync(dirs.heartbeatDir);
  writeFileSync(theirs(), "             77\n");
  chmodSync(theirs(), 0o640);
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(theirs(), 12, 34);
  nextGeneration(dirs);
  const { mode, uid, gid } = statSync(theirs());
  expect(mode & 0o777).toBe(0o640);
  if (isRoot) expect([uid, gid]).toEqual([12, 34]);
  expect(readFileSync(theirs(), "latin1")).toBe("             78\n");
});

test("what waits in a folder of another user under the temporary name is not followed", () => {
  mkdirSync(dirs.heartbeatDir);
  const victim = join(folder, "victim");
  writeFileSync(victim, "untouched");
  symlinkSync(victim, `${theirs()}.new`);
  expect(nextGeneration(dirs).fault).toBeUndefined();
  expect(readFileSync(victim, "latin1")).toBe("untouched");
});

test("a link to what has no end is not followed, and makes way for a file", () => {
  mkdirSync(dirs.heartbeatDir);
  symlinkSync("/dev/zero", theirs());
  writeFileSync(ours(), "             41\n");
  expect(nextGeneration(dirs)).toEqual({ generation: 42, fault: undefined });
  expect(lstatSync(theirs()).isFile()).toBe(true);
  expect(statSync(theirs()).mode & 0o777).toBe(0o600);
});

test("what could be saved in one place only is not lower than the life that it is of", () => {
  mkdirSync(`${theirs()}.new`, { recursive: true });
  writeFileSync(ours(), "             41\n");
  const { generation, fault } = nextGeneration(dirs);
  expect(fault).toContain("hb_generation.new");
  rmSync(`${theirs()}.new`, { recursive: true });
  expect(nextGeneration(dirs).generation).toBe(generation + 1);
});

test("a life that could not be saved is saved when there is room", () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const faults: string[] = [];
  const saver = openSaver(dirs, (fault) => faults.push(fault));
  mkdirSync(`${ours()}.new`);
  saver.saveSoon(50);
  saver.saveSoon(51);
  vi.advanceTimersByTime(25_000);
  expect(faults).toHaveLength(1);
  rmSync(`${ours()}.new`, { recursive: true });
  vi.advanceTimersByTime(10_000);
  expect(readFileSync(ours(), "latin1").trim()).toBe("51");
  // A daemon that ends does not wait for a better moment.
  saver.saveSoon(52);
  saver.finish();
  expect(readFileSync(ours(), "latin1").trim()).toBe("52");
});

test("by the clock, as hbgenmethod time, it is not less than the seconds, nor than the file", () => {
  writeFileSync(ours(), "             41\n");
  const before = Math.floor(Date.now() / 1000);
  const byClock = nextGeneration(dirs, true).generation;
  expect(byClock).toBeGreaterThanOrEqual(before);
  writeFileSync(ours(), `${String(byClock + 1000).padStart(15)}\n`);
  expect(nextGeneration(dirs, true).generation).toBe(byClock + 1001);
});

test("a life that begins while the daemon runs is saved in both files", () => {
  mkdirSync(dirs.heartbeatDir);
  expect(saveGeneration(dirs, 90)).toBeUndefined();
  expect(nextGeneration(dirs).generation).toBe(91);
  rmSync(ours());
  expect(nextGeneration(dirs).generation).toBe(92);
});
