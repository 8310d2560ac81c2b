import { describe, expect, test } from "vitest";
import { headline } from "../../../src/config/index.ts";
import { codes, errors, haCf, haCfWith, soundHaCf } from "./support.ts";

test("a sound file is met in silence", () => {
  expect(haCf(soundHaCf).diagnostics).toEqual([]);
});

describe("a line", () => {
  test("is cut at the first # anywhere, at blanks and at commas", () => {
    const text = "  # comment\n\tnode\talpha,beta gamma#delta\n\n";
    expect(haCf(text).value.nodes).toEqual(["alpha", "beta", "gamma"]);
  });

  test("may end as Windows ends lines", () => {
    expect(haCf(soundHaCf.replaceAll("\n", "\r\n"))).toEqual(haCf(soundHaCf));
  });

  test("ends at a carriage return, and what follows is told not to be read", () => {
    const parsed = haCf("node alpha\rnode beta\n");
    expect(parsed.value.nodes).toEqual(["alpha"]);
    expect(codes(parsed)).toContain("warning 1:11 carriage-return");
  });

  test("of 5119 bytes is read, one of 5120 is refused, also as a comment", () => {
    expect(codes(haCfWith(`#${"x".repeat(5118)}`))).toEqual([]);
    expect(codes(haCfWith(`#${"x".repeat(5119)}`))).toEqual(["error 7:1 line-too-long"]);
    expect(codes(haCfWith(`#${"\u20ac".repeat(1706)}`))).toEqual([]);
    expect(codes(haCfWith(`#${"\u20ac".repeat(1707)}`))).toEqual(["error 7:1 line-too-long"]);
  });

  test("cannot be continued", () => {
    expect(codes(haCfWith("node gamma \\", "delta"))).toEqual([
      "error 7:12 continuation",
      "error 8:1 unknown-directive",
    ]);
  });

  test("has no characters that cannot be seen", () => {
    expect(codes(haCfWith("node gam\u0007ma", "node del\u00a0ta", "\ufeffnode x"))).toEqual([
      "error 7:6 bad-character",
      "error 8:6 bad-character",
      "error 9:1 bad-character",
    ]);
  });
});

describe("an unknown directive", () => {
  test.each([
    ["Node gamma", 'unknown directive "Node"; did you mean "node"?'],
    ["keepalvie 1", 'unknown directive "keepalvie"; did you mean "keepalive"?'],
    ["auto-failback on", 'unknown directive "auto-failback"; did you mean "auto_failback"?'],
    ["frobnicate on", 'unknown directive "frobnicate"'],
  ])("is named with what may have been meant: %s", (line, message) => {
    expect(haCfWith(line).diagnostics.map(headline)).toEqual([`ha.cf:7:1: error: ${message}`]);
  });
});

describe("a node", () => {
  test("is lower case whatever is written", () => {
    expect(haCf("node Alpha BETA.Example.COM").value.nodes).toEqual(["alpha", "beta.example.com"]);
  });

  test("named twice is one node", () => {
    const parsed = haCfWith("node ALPHA");
    expect(parsed.value.nodes).toEqual(["alpha", "beta"]);
    expect(codes(parsed)).toEqual(["warning 7:6 duplicate-node"]);
  });

  test("has a name of 99 letters at most", () => {
    expect(errors(haCfWith(`node ${"x".repeat(99)}`))).toEqual([]);
    expect(errors(haCfWith(`node ${"x".repeat(100)}`))).toEqual(["bad-name"]);
  });

  test.each(["al/pha", "al=pha", "n\u00f6de"])("is not called %s", (name) => {
    expect(errors(haCfWith(`node ${name}`))).toEqual(["bad-name"]);
  });

  test("is one of 100 at most", () => {
    const names = Array.from({ length: 98 }, (_, index) => `node${index}`).join(" ");
    expect(errors(haCfWith(`node ${names}`))).toEqual([]);
    expect(errors(haCfWith(`node ${names} more`))).toEqual(["too-many"]);
  });

  test("must be there", () => {
    expect(errors(haCf(soundHaCf.replace("node alpha beta", "")))).toEqual(["no-nodes"]);
  });

  test("without another one is warned of", () => {
    const parsed = haCf(soundHaCf.replace("beta", ""));
    expect(codes(parsed)).toEqual(["warning 1:1 single-node"]);
  });
});

describe("auto_failback", () => {
  const silent = soundHaCf.replace("auto_failback on\n", "");

  test.each([
    ["auto_failback on", "on", []],
    ["auto_failback YES", "on", []],
    ["auto_failback off", "off", []],
    ["auto_failback legacy", "legacy", ["warning 6:1 auto-failback"]],
    ["", "legacy", ["warning 0:0 auto-failback"]],
    ["nice_failback on", "legacy", ["warning 6:1 auto-failback"]],
    ["auto_failback on\nnice_failback on", "off", ["warning 7:1 auto-failback"]],
    ["nice_failback on\nauto_failback on", "on", ["warning 6:1 auto-failback"]],
  ])("%j is %j", (lines, expected, said) => {
    const parsed = haCf(`${silent}${lines}\n`);
    expect(parsed.value.autoFailback).toBe(expected);
    expect(codes(parsed)).toEqual(said);
  });
});

describe("the settings that scripts see", () => {
  test("are as written, with the defaults of what is not", () => {
    expect(haCfWith("cluster web", "env A=b=c D=").value.settings).toMatchObject({
      keepalive: "1",
      deadtime: "10",
      initdead: "30",
      warntime: "5000ms",
      udpport: "694",
      auto_failback: "on",
      cluster: "web",
      A: "b=c",
      D: "",
    });
  });

  test("hold any name that env gives them, and nothing is inherited", () => {
    const { settings } = haCfWith("env __proto__=x").value;
    expect(Object.getOwnPropertyDescriptor(settings, "__proto__")?.value).toBe("x");
  });
});

/** What is not proportional to the length takes minutes for a megabyte. */
test.each([
  "frobnicate x\n",
  "node alpha\n",
  "bcast eth0\n",
  "keepalive 1\n",
  "keepalive 1111111111111111111111111111111.1111111.1\n",
  "#\n",
  "x",
])("a megabyte of %j is read in time proportional to its length", { timeout: 60_000 }, (line) => {
  const start = performance.now();
  haCf(line.repeat(Math.ceil(2 ** 20 / line.length)));
  expect(performance.now() - start).toBeLessThan(10_000);
});
