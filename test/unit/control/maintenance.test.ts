import { describe, expect, test } from "vitest";
import {
  outcome,
  parseMaintain,
  parseOutcome,
  parseRestart,
  reasonLimit,
} from "../../../src/control/index.ts";
import { nodeName } from "../../../src/core/index.ts";

describe("the operator's word on maintenance", () => {
  test.each([
    [{ on: true }, { on: true, lasts: undefined, reason: "" }],
    [
      { on: true, forMs: 7_200_000, reason: "kernel update" },
      { on: true, lasts: 7_200_000, reason: "kernel update" },
    ],
    [{ on: false }, { on: false, lasts: undefined, reason: "" }],
    [
      { on: true, reason: "ü".repeat(reasonLimit) },
      { on: true, lasts: undefined, reason: "ü".repeat(reasonLimit) },
    ],
  ])("%j is understood", (body, value) => {
    expect(parseMaintain(JSON.stringify(body))).toEqual({ ok: true, value });
  });

  test.each([
    "",
    "on",
    "[]",
    "{}",
    '{"on":"on"}',
    '{"on":true,"for":1}',
    '{"on":true,"forMs":0}',
    '{"on":true,"forMs":-1}',
    '{"on":true,"forMs":"2h"}',
    '{"on":true,"forMs":1e300}',
    '{"on":false,"forMs":1000}',
    '{"on":true,"reason":1}',
    '{"on":true,"reason":"two\\nlines"}',
    '{"on":true,"reason":"\\u001b[2J"}',
    '{"on":true,"reason":"\\ud800"}',
    JSON.stringify({ on: true, reason: "x".repeat(reasonLimit + 1) }),
  ])("%s is refused with a sentence", (body) => {
    expect(parseMaintain(body)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/./u) as unknown },
    });
  });
});

describe("the wish for a restart", () => {
  test("says within what time the daemon is back", () => {
    expect(parseRestart('{"withinMs":15000}')).toEqual({ ok: true, value: { within: 15_000 } });
  });

  test.each([
    "",
    "{}",
    '{"withinMs":999}',
    '{"withinMs":300001}',
    '{"withinMs":"15s"}',
    '{"withinMs":15000,"x":1}',
  ])("%s is refused with the bounds", (body) => {
    expect(parseRestart(body)).toMatchObject({
      ok: false,
      error: { message: "a restart may take 1 to 300 s" },
    });
  });
});

test.each([[undefined], ["this node is stopping"]])("the answer is read back: %s", (refusal) => {
  const text = JSON.stringify(outcome(nodeName("alpha"), refusal));
  expect(parseOutcome(text)).toEqual({ version: 1, node: "alpha", refusal: refusal ?? null });
  expect(parseOutcome(text.replace('"version":1', '"version":2'))).toBeUndefined();
});
