import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Claim, Stance } from "../../../src/core/index.ts";
import { groupName, nodeName } from "../../../src/core/index.ts";
import { millis } from "../../../src/std/time.ts";
import { textField } from "../../../src/wire/index.ts";
import { reasonFields, withReasons } from "../../../src/wire/reasons.ts";

const carrier = "eth0 has no carrier";
const beta = nodeName("beta");

function refuses(group: string, why?: string): Stance {
  return { group: groupName(group), at: "refuses", ...(why === undefined ? {} : { why }) };
}

function claim(group: string, cause?: string): Claim {
  return {
    group: groupName(group),
    term: 1,
    at: "held",
    pinned: false,
    reason: "peer-refused",
    from: beta,
    age: millis(0),
    ...(cause === undefined ? {} : { cause }),
  };
}

const bare = { claims: [claim("db")], stances: [refuses("web"), refuses("ftp")] };

test("a reason is said once for all groups that have it", () => {
  const stances = [
    refuses("web", carrier),
    refuses("a,b", carrier),
    refuses("ftp", "nginx: no"),
    refuses("x"),
  ];
  expect(reasonFields({ claims: [claim("db", carrier)], stances })).toEqual([
    textField("us_why", "eth0%20has%20no%20carrier,web,a%2cb nginx:%20no,ftp"),
    textField("us_cause", "eth0%20has%20no%20carrier,db"),
  ]);
});

test("who gives no reason says nothing of it, and is understood", () => {
  expect(reasonFields(bare)).toEqual([]);
  expect(withReasons(bare, [])).toEqual(bare);
});

test("a reason of what is not said belongs to nothing", () => {
  const stances: Stance[] = [{ group: groupName("web"), at: "wants" }];
  const fields = [textField("us_why", "no,web,db"), textField("us_cause", "no,web")];
  expect(withReasons({ claims: [claim("db")], stances }, fields)).toEqual({
    claims: [claim("db")],
    stances,
  });
});

test("what is said is understood, up to 200 characters of it", () => {
  const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 });
  const reason = fc.oneof(fc.constant(carrier), fc.constant("x".repeat(200)), text);
  const group = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 8 });
  const of = fc.uniqueArray(fc.tuple(group, fc.option(reason, { nil: undefined })), {
    selector: ([name]) => name,
  });
  fc.assert(
    fc.property(of, of, (whys, causes) => {
      const stances = whys.map(([name, why]) => refuses(name, why));
      const claims = causes.map(([name, cause]) => claim(name, cause));
      const stripped = {
        stances: whys.map(([name]) => refuses(name)),
        claims: causes.map(([name]) => claim(name)),
      };
      expect(withReasons(stripped, reasonFields({ stances, claims }))).toEqual({ claims, stances });
    }),
  );
  const [field] = reasonFields({ claims: [], stances: [refuses("web", "x".repeat(201))] });
  expect(field).toEqual(textField("us_why", `${"x".repeat(200)},web`));
});

describe("is malformed", () => {
  test.each([
    ["empty", ""],
    ["without a group", "no"],
    ["without a reason", ",web"],
    ["with an empty group", "no,"],
    ["with two blanks", "no,web  no,db"],
    ["too long", `${"x".repeat(201)},web`],
    ["not quoted", "50%,web"],
  ])("a reason that is %s", (_, text) => {
    for (const name of ["us_why", "us_cause"])
      expect(withReasons(bare, [textField(name, text)])).toBeUndefined();
  });
});
