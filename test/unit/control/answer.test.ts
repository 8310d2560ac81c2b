import { expect, test } from "vitest";
import { answer, parseAnswer, parseRefusal, refusal } from "../../../src/control/index.ts";
import type { Reply } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import { alpha, beta, web } from "../cli/reports.ts";

const reply: Reply = {
  groups: [
    { group: web, result: { type: "done", holder: beta, tookMs: 12.34567 } },
    { group: groupName("nginx"), result: { type: "already", holder: alpha } },
    { group: groupName("db"), result: { type: "accepted" } },
    { group: groupName("nfs"), result: { type: "refused", reason: "beta is dead" } },
  ],
};

test("an answer tells of each group what became of it, with the time to the microsecond", () => {
  expect(parseAnswer(JSON.stringify(answer(alpha, reply)))).toEqual({
    version: 1,
    node: "alpha",
    groups: [
      { group: "10.0.0.100", result: { type: "done", holder: "beta", tookMs: 12.346 } },
      { group: "nginx", result: { type: "already", holder: "alpha" } },
      { group: "db", result: { type: "accepted" } },
      { group: "nfs", result: { type: "refused", reason: "beta is dead" } },
    ],
  });
});

test.each([
  ['{"version":1,"node":"alpha","groups":[{"group":"a","result":{"type":"done","holder":"b"}}]}'],
  ['{"version":1,"node":"alpha","groups":[{"group":"a","result":{"type":"lost"}}]}'],
  ['{"version":2,"node":"alpha","groups":[]}'],
  ["OK"],
])("%s is no answer", (text) => {
  expect(parseAnswer(text)).toBeUndefined();
});

test("a refusal carries its reason, and a page of another server none", () => {
  expect(parseRefusal(JSON.stringify(refusal("no such path")))).toBe("no such path");
  expect(parseRefusal("<html>404</html>")).toBeUndefined();
});
