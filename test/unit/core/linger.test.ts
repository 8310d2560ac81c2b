import { describe, expect, test } from "vitest";
import type { Effect } from "../../../src/core/index.ts";
import { nextDeadline, requestId, step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import type { Talk } from "./original-support.ts";
import { active, met, report, said, settled } from "./original-support.ts";
import { groupOf } from "./support.ts";

function leave(talk: Talk): Effect[] {
  const effects = step(talk.state, [{ type: "leave" }], instant(talk.now));
  const done = effects.flatMap((effect) =>
    effect.type === "run"
      ? [{ type: "jobDone", job: effect.job, outcome: { type: "succeeded" } } as const]
      : [],
  );
  return [...effects, ...step(talk.state, done, instant(talk.now))];
}

function spoken(effects: readonly Effect[]): readonly Effect[] {
  return effects.filter(({ type }) => type === "send" || type === "say" || type === "repeat");
}

function phases(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) => (effect.type === "send" ? [effect.message.phase] : []));
}

const exit = { type: "exit", code: 0 };

describe("a node that has said goodbye to an original", () => {
  test("stays without a word until the original has taken everything", () => {
    const talk = settled();
    const before = leave(talk);
    expect(phases(before).slice(-3)).toEqual(["gone", "gone", "gone"]);
    expect(before).not.toContainEqual(exit);
    const silent = [...talk.pass(1000), ...talk.hear(report("all", true, "req_our_resources()"))];
    expect(spoken(silent)).toEqual([]);
    expect(silent).not.toContainEqual(exit);
    expect(talk.hear(report("foreign", undefined, "mach_down"))).toContainEqual(exit);
  });

  test("does not wait longer than three seconds", () => {
    const talk = settled();
    leave(talk);
    expect(nextDeadline(talk.state).at).toBe(instant(talk.now + 3000));
    expect(talk.pass(2900)).not.toContainEqual(exit);
    expect(talk.pass(100)).toContainEqual(exit);
  });

  test("refuses a command that comes meanwhile", () => {
    const talk = settled();
    leave(talk);
    const command = { type: "takeover", selection: { type: "all" }, wait: true } as const;
    const input = { type: "command", request: requestId(7), command } as const;
    const effects = step(talk.state, [input], instant(talk.now));
    expect(effects.filter(({ type }) => type === "reply")).toHaveLength(1);
  });

  test("does not wait for one that stops too", () => {
    const talk = settled();
    talk.hear(report("none", false, "shutdown"));
    expect(leave(talk)).toContainEqual(exit);
  });
});

describe("what was said too early, or lost, is said again", () => {
  test("when the original has taken over from our former life: it gives back only after that", () => {
    // This node was quick to start again: the original takes over while it joins.
    const talk = met();
    const effects = talk.hear(report("foreign", undefined, "mach_down"));
    expect(said([...effects, ...talk.pass(100)])).toContain("starting");
    expect(said(talk.hear(report("all")))).toContain("resource none true true");
  });

  test("when it has first heard our new life: what that said before went by it", () => {
    const talk = settled();
    talk.hear(report("all", true));
    talk.hear(report("all", true));
    // In the life that began with that everything was said into a cut.
    expect(said(talk.pass(1000))).toContain("reqnodes");
    const answer = talk.hear({ type: "repnodes", nodes: [] }, { dest: "alpha" });
    expect(said([...answer, ...talk.pass(100)])).toContain("starting");
    expect(said(talk.hear(report("all")))).toContain("resource none true true");
  });
});

test("what an original's operator wanted there is not wanted any more once it came", () => {
  const talk = settled();
  expect(said(talk.hear({ type: "hb_takeover", holds: "foreign" }))).toContain(
    "ask_resources local me",
  );
  talk.hear({ type: "ask_resources", holds: "local", step: "other" });
  talk.pass(50);
  expect(groupOf(talk.state).local.at).toBe("stopped");
  // It says its report before the word that it follows from.
  talk.hear(report("all"));
  talk.hear({ type: "ask_resources", holds: "local", step: "done" });

  talk.hear({ type: "ask_resources", holds: "foreign", step: "me" });
  talk.hear(report("local", false, "standby"));
  talk.hear({ type: "ask_resources", holds: "foreign", step: "done" });
  expect(groupOf(talk.state).local.at).toBe("held");
  const later = [...talk.hear(report("local")), ...talk.hear(active), ...talk.pass(9000)];
  expect(said(later)).not.toContain("ask_resources local me");
  expect(groupOf(talk.state).local.at).toBe("held");
});
