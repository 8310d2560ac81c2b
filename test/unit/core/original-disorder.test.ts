/**
 * What an original says too late, twice or not at all: what alpha makes of it, and what it says so
 * that the original is not left waiting.
 */
import { describe, expect, test } from "vitest";
import { CONFIRM_AFTER } from "../../../src/core/original-report.ts";
import { addressGroup } from "../../sim/configs.ts";
import { met, report, said, settled } from "./original-support.ts";
import { alpha, beta, groupOf } from "./support.ts";

const me = { type: "ask_resources", step: "me" } as const;
const done = { type: "ask_resources", step: "done" } as const;
const other = { type: "ask_resources", step: "other" } as const;

describe("a report of ours", () => {
  test("is said once more after a while, and not again", () => {
    const talk = settled();
    const reports = (milliseconds: number): readonly string[] =>
      said(talk.pass(milliseconds)).filter((each) => each.startsWith("resource"));
    expect(reports(CONFIRM_AFTER - 1100)).toEqual([]);
    expect(reports(200)).toEqual(["resource local true true"]);
    expect(reports(60_000)).toEqual([]);
  });

  test("is said once more after the original had something else repeated", () => {
    const talk = settled();
    talk.pass(10_000);
    talk.hear({ type: "NS_rexmit", first: 2, last: 2 }, { dest: "alpha" });
    expect(said(talk.pass(CONFIRM_AFTER + 100))).toContain("resource local true true");
  });
});

describe("an original that gives up everything", () => {
  test("holds it until its last word, whatever it reports before", () => {
    const talk = met();
    talk.hear(report("none", false, "shutdown"));
    talk.hear(report("none", false));
    talk.pass(2000);
    expect(groupOf(talk.state).local.at).toBe("stopped");
    talk.hear({ type: "shutdone" });
    talk.pass(100);
    expect(groupOf(talk.state).local.at).toBe("held");
  });
});

describe("two offers that go by each other", () => {
  test("end with what the original says that it has released, and no more", () => {
    const groups = [
      addressGroup("10.0.0.100", [alpha, beta]),
      addressGroup("10.0.0.200", [beta, alpha]),
    ];
    const talk = met({ groups });
    expect(said(talk.hear({ ...me, holds: "all" }))).toContain("ask_resources all other");
    talk.hear(report("local", false, "standby"));
    talk.hear({ ...done, holds: "foreign" });
    talk.pass(1000);
    const [first, second] = [...talk.state.groups.values()];
    expect(first?.local.at).toBe("held");
    expect(second?.local.at).toBe("stopped");
  });
});

describe("word of our death", () => {
  test("that comes behind a later report is of the time before it", () => {
    const talk = settled();
    const { generation } = talk.state;
    const stonith = { type: "stonith", node: alpha, result: "n_stnth" } as const;
    talk.hear(report("local"), { sequence: 90 });
    talk.hear(stonith, { sequence: 80 });
    expect(talk.state.generation).toBe(generation);
    talk.hear(stonith, { sequence: 91 });
    expect(talk.state.generation).toBe(generation + 1);
  });
});

describe("an original that waits for the end of a handover", () => {
  test("gets what it says late that it takes", () => {
    const talk = settled();
    talk.hear({ ...other, holds: "local" });
    talk.pass(100);
    expect(groupOf(talk.state).local.at).toBe("stopped");
  });

  test("is let go after it has called its own offer off", () => {
    const talk = settled();
    talk.hear({ ...me, holds: "foreign" });
    expect(said(talk.pass(16_000))).toContain("starting");
    expect(said(talk.hear(report("local")))).toContain("ask_resources foreign done");
  });
});

describe("an offer of the original", () => {
  test("before it has heard this life of ours is not answered", () => {
    const talk = met();
    talk.hear({ type: "stonith", node: alpha, result: "n_stnth" });
    talk.hear(report("all"));
    expect(said(talk.hear({ ...me, holds: "foreign" }))).not.toContain(
      "ask_resources foreign other",
    );
  });
});
