import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { groupName } from "../../../src/core/index.ts";
import { openHistory } from "../../../src/daemon/history.ts";

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
