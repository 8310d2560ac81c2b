import { describe, expect, test } from "vitest";
import { active, atBeta, command, replies, said, talkOf, timingOf } from "./original-support.ts";
import { groupOf } from "./support.ts";

describe("auto_failback legacy", () => {
  const shape = { isLegacy: true };

  test("asks for what is at home here, and takes it when the answer comes", () => {
    const talk = talkOf(shape);
    const first = said(talk.hear(active));
    expect(first).toContain("ip-request 10.0.0.100");
    expect(first.join()).not.toContain("starting");
    talk.pass(1000);
    expect(groupOf(talk.state).local.at).toBe("stopped");
    const key = "10.0.0.100";
    talk.hear({ type: "ip-request-resp", key, isOwner: true }, { dest: "alpha" });
    expect(groupOf(talk.state).local.at).toBe("held");
  });

  test("stops what is asked for from there, and says so", () => {
    const talk = talkOf({ ...atBeta, ...shape });
    talk.pass(timingOf(talk), false);
    expect(groupOf(talk.state).local.at).toBe("held");
    talk.hear(active);
    const effects = talk.hear({ type: "ip-request", key: "10.0.0.100" });
    expect(groupOf(talk.state).local.at).toBe("stopped");
    expect(said(effects)).toContain("ip-request-resp 10.0.0.100 true");
  });

  test("gives way to an original that takes what is at home there without asking", () => {
    const talk = talkOf({ ...atBeta, ...shape });
    talk.pass(timingOf(talk), false);
    talk.hear(active);
    talk.hear({ type: "ip-request-resp", key: "10.0.0.100", isOwner: true }, { dest: "beta" });
    expect(groupOf(talk.state).local.at).toBe("stopped");
  });

  test("answers which nodes there are when it is asked again: by then it was noticed", () => {
    const talk = talkOf(shape);
    talk.hear(active);
    expect(said(talk.hear({ type: "reqnodes" }, { dest: "alpha" }))).toEqual([]);
    const again = said(talk.hear({ type: "reqnodes" }, { dest: "alpha" }));
    expect(again).toEqual(["repnodes alpha+beta"]);
  });

  test("moves nothing by hand", () => {
    const talk = talkOf(shape);
    talk.hear(active);
    expect(replies(command(talk, "takeover")).join()).toContain("legacy");
  });
});
