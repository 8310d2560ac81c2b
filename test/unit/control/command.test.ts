import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bodyLimitBytes, parseCommand } from "../../../src/control/index.ts";

describe("a takeover or standby", () => {
  test.each([
    ["takeover", "all", { type: "all" }],
    ["takeover", "local", { type: "local" }],
    ["takeover", "foreign", { type: "foreign" }],
    ["takeover", "10.0.0.100", { type: "group", group: "10.0.0.100" }],
    ["standby", "nginx", { type: "group", group: "nginx" }],
    ["standby", "failback", { type: "foreign" }],
  ] as const)("%s of %s is understood", (type, selection, expected) => {
    const command = parseCommand(type, JSON.stringify({ selection, wait: true }));
    expect(command).toEqual({ ok: true, value: { type, selection: expected, wait: true } });
  });

  test("does not wait unless it says so", () => {
    expect(parseCommand("standby", '{"selection":"all"}')).toMatchObject({
      value: { wait: false },
    });
  });
});

describe("what could have been meant otherwise is refused with what to write", () => {
  test.each([
    ["nothing at all", "", "the body is no JSON object"],
    ["a text that is no JSON", "selection=all", "the body is no JSON object"],
    ["a list", '["all"]', "the body is no JSON object"],
    ["null", "null", "the body is no JSON object"],
    ["no selection", "{}", "selection must be all, local, foreign"],
    ["a number as selection", '{"selection":1}', "selection must be all, local, foreign"],
    ["an empty selection", '{"selection":""}', "selection must be all, local, foreign"],
    ["a selection of two words", '{"selection":"a b"}', "selection must be all, local, foreign"],
    ["a control character", '{"selection":"a\\u001b"}', "selection must be all, local, foreign"],
    ["a name that is too long", `{"selection":"${"a".repeat(256)}"}`, "selection must be"],
    ["wait as a text", '{"selection":"all","wait":"no"}', "wait must be true or false"],
    ["a field that is unknown", '{"selection":"all","force":true}', "only the fields selection"],
    ["takeover failback", '{"selection":"failback"}', "write takeover local"],
  ])("%s", (_, body, message) => {
    const command = parseCommand("takeover", body);
    expect(command).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining(message) as unknown },
    });
  });

  test("a body over 64 KiB, though it is sound", () => {
    const sound = '{"selection":"all"}';
    const command = parseCommand("takeover", sound.padEnd(bodyLimitBytes + 1));
    expect(command).toMatchObject({ ok: false, error: { message: /over 65536 bytes/u } });
    expect(parseCommand("takeover", sound.padEnd(bodyLimitBytes)).ok).toBe(true);
  });
});

test("no text makes it throw, and a refusal is always one short line", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.json());
  fc.assert(
    fc.property(fc.constantFrom("takeover", "standby"), text, (type, body) => {
      const command = parseCommand(type, body);
      return (
        command.ok ||
        (/^[^\n]+$/u.test(command.error.message) && command.error.message.length < 120)
      );
    }),
  );
});

test("a name that would turn the direction of writing, or end a line, is no group's", () => {
  for (const odd of ["a\u202Eb", "a\u200Bb", "a\u2028b", "a\u001Bb", "a b"]) {
    expect(parseCommand("takeover", JSON.stringify({ selection: odd })).ok).toBe(false);
  }
  expect(parseCommand("takeover", '{"selection":"10.0.0.1"}').ok).toBe(true);
});

test("nesting deeper than any stack is refused like any other nonsense", () => {
  expect(parseCommand("standby", "[".repeat(60_000)).ok).toBe(false);
  expect(parseCommand("standby", "[".repeat(30_000) + "]".repeat(30_000)).ok).toBe(false);
});

test("what is understood is only ever a selection of the two that were posted", () => {
  const body = fc.record(
    { selection: fc.string(), wait: fc.boolean() },
    { requiredKeys: ["selection"] },
  );
  fc.assert(
    fc.property(body, (fields) => {
      const command = parseCommand("takeover", JSON.stringify(fields));
      if (!command.ok) return true;
      const { selection } = command.value;
      return selection.type === "group"
        ? selection.group === fields.selection
        : selection.type === fields.selection;
    }),
  );
});
