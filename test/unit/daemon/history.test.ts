import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { historyEntry } from "../../../src/control/index.ts";
import { groupName } from "../../../src/core/index.ts";
import { endedBadly, openHistory } from "../../../src/daemon/history.ts";

let stateDir: string;

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "understudy-history-"));
});

afterEach(() => rmSync(stateDir, { recursive: true }));

const path = () => join(stateDir, "history.jsonl");
const unserved = { code: "group-unserved", group: groupName("web") } as const;
const codes = () =>
  openHistory(stateDir)
    .entries()
    .map(({ code }) => code);

test("what was told is known, and still is after a restart of the daemon", async () => {
  const history = openHistory(stateDir);
  history.add({ code: "leaving" });
  history.add(unserved);
  expect(history.entries()).toMatchObject([{ code: "leaving" }, { ...unserved, level: "error" }]);
  await expect.poll(() => readFileSync(path(), "utf8").split("\n")).toHaveLength(3);
  expect(codes()).toEqual(["leaving", "group-unserved"]);
});

test("a line that a power loss cut off is left out, and no other", async () => {
  openHistory(stateDir).add(unserved);
  await expect.poll(() => readFileSync(path(), "utf8")).toContain("\n");
  appendFileSync(path(), '{"time":"2026-');
  expect(codes()).toEqual(["group-unserved"]);
});

test("no more than a thousand entries are kept", () => {
  const history = openHistory(stateDir);
  for (let count = 0; count < 1200; count++) history.add(unserved);
  expect(history.entries()).toHaveLength(1000);
});

test("the file has a limit, however much is told", async () => {
  const history = openHistory(stateDir);
  const entry = Buffer.byteLength(JSON.stringify(historyEntry(unserved, 0))) + 1;
  for (let round = 0; round < 60; round++) {
    for (let count = 0; count < 1000; count++) history.add(unserved);
    await history.drain();
    expect(statSync(path()).size).toBeLessThan(1024 * 1024 + 2000 * entry);
  }
});

test("what was told last is in the file when the daemon ends at once", async () => {
  const history = openHistory(stateDir);
  history.add({ code: "started", generation: 1 });
  await expect.poll(codes).toEqual(["started"]);
  history.add({ code: "leaving" });
  history.add({ code: "left" });
  await history.drain();
  expect(codes()).toEqual(["started", "leaving", "left"]);
});

describe("a life ended badly", () => {
  test.each([
    ["never, if there was none", [], false],
    ["if nothing is known of its end", ["peer-up"], true],
    ["if it was killed", ["left", "started", "peer-up"], true],
    ["if it was killed, which is told once", ["started", "ended-badly"], false],
    ["unless it was stopped", ["started", "leaving", "left"], false],
    ["unless it was stopped and had something to say after that", ["left", "sends-failed"], false],
    ["unless it was replaced", ["started", "away", "medium-failed"], false],
  ])("%s", (_, told, expected) => {
    const [time, level, message] = ["2026-11-20T00:00:00.000Z", "info", ""] as const;
    expect(endedBadly(told.map((code) => ({ time, level, code, message })))).toBe(expected);
  });
});
