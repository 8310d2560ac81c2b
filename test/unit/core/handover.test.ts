import { describe, expect, test } from "vitest";
import type { Selection } from "../../../src/core/index.ts";
import { groupName, nextDeadline, statusOf, step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { addressGroup, vip } from "../../sim/configs.ts";
import {
  active,
  atBeta,
  command,
  met,
  replies,
  report,
  said,
  settled,
  talkOf,
  timingOf,
  told,
} from "./original-support.ts";
import { alpha, beta, groupOf, peerOf } from "./support.ts";

const elsewhere = [
  addressGroup("10.0.0.100", [alpha, beta]),
  addressGroup("10.0.0.101", [alpha, beta]),
];

describe("a cold start with an original", () => {
  test("takes what is at home here as soon as the original has reported that it has not", () => {
    const talk = talkOf();
    talk.hear(active);
    talk.hear({ type: "repnodes", nodes: [] }, { dest: "alpha" });
    expect(groupOf(talk.state).local.at).toBe("stopped");
    const effects = talk.hear(report("none", false));
    expect(groupOf(talk.state).local.at).toBe("held");
    expect(said(effects)).toContain("resource local true true");
  });

  test("does not take what is at home there, for the original is about to", () => {
    const talk = talkOf(atBeta);
    talk.hear(active);
    talk.hear(report("none", false));
    talk.pass(20_000);
    expect(groupOf(talk.state).local.at).toBe("stopped");
    talk.hear(report("local"));
    expect(statusOf(talk.state, instant(talk.now)).groups[0]).toMatchObject({ holder: beta });
  });

  test("takes what is at home there, if the original is stable and nobody holds it", () => {
    const talk = talkOf({ ...atBeta, autoFailback: false });
    talk.hear(active);
    talk.hear({ type: "repnodes", nodes: [] }, { dest: "alpha" });
    talk.hear(report("none", false));
    talk.pass(2000);
    expect(groupOf(talk.state).local.at).toBe("stopped");
    talk.hear(report("none", true));
    expect(groupOf(talk.state).local.at).toBe("held");
  });

  test("leaves to the original what it holds, and says so in the status", () => {
    const talk = met();
    const { groups } = statusOf(talk.state, instant(talk.now));
    expect(groups[0]).toMatchObject({ holder: beta, state: "held", sinceMs: 1000 });
    expect(groups[0]!.reason).toContain("original heartbeat");
    expect(groups[0]!.nodes).toEqual([
      { node: alpha, able: true, why: undefined, rests: false },
      { node: beta, able: true, why: undefined, rests: false },
    ]);
  });

  test("answers its `starting` at any time", () => {
    const talk = settled();
    expect(said(talk.hear({ type: "starting" }))).toEqual(["resource local true true"]);
  });
});

describe("what the original gives up", () => {
  test("is taken when it has stopped it, and the end is said", () => {
    const talk = met();
    expect(said(talk.hear({ type: "ask_resources", holds: "all", step: "me" }))).toContain(
      "ask_resources all other",
    );
    talk.hear(report("none", false, "standby"));
    expect(groupOf(talk.state).local.at).toBe("stopped");
    const end = talk.hear({ type: "ask_resources", holds: "all", step: "done" });
    expect(groupOf(talk.state).local).toMatchObject({ at: "held", taking: { pinned: false } });
    expect(said(end).slice(-2)).toEqual(["resource all true true", "ask_resources all done"]);
  });

  test("is one side only, if it says so, seen from there", () => {
    const talk = met();
    talk.hear({ type: "ask_resources", holds: "foreign", step: "me" });
    talk.hear(report("local", false, "standby"));
    const end = talk.hear({ type: "ask_resources", holds: "foreign", step: "done" });
    expect(groupOf(talk.state).local.at).toBe("held");
    expect(said(end)).toContain("resource local true true");
  });

  test("is not taken up in flux: neither before it is stable nor while this node stops", () => {
    const talk = met();
    talk.hear(report("all", false));
    const me = { type: "ask_resources", holds: "all", step: "me" } as const;
    expect(said(talk.hear(me))).toEqual([]);
    talk.hear(report("all"));
    step(talk.state, [{ type: "leave" }], instant(talk.now));
    expect(said(talk.hear(me))).not.toContain("ask_resources all other");
  });

  test("is not taken up by a node that cannot hold it: no answer, and the original keeps it", () => {
    const talk = met();
    const fact = { group: vip, resource: vip, present: "absent", obstacle: "no eth0" } as const;
    step(talk.state, [{ type: "host", addresses: [fact] }], instant(talk.now));
    expect(said(talk.hear({ type: "ask_resources", holds: "all", step: "me" }))).toEqual([]);
  });

  test("and does not, after all, is soon no longer waited for", () => {
    const talk = met();
    talk.hear({ type: "ask_resources", holds: "all", step: "me" });
    expect(peerOf(talk.state).claims[0]?.at).toBe("stopping");
    talk.pass(16_000);
    expect(peerOf(talk.state).claims[0]?.at).toBe("held");
    talk.hear(report("all"));
    expect(said(talk.hear({ type: "ask_resources", holds: "all", step: "me" }))).toContain(
      "ask_resources all other",
    );
  });
});

/** What is said to an original that answers no offer. */
function saidAfter(scripts: readonly string[]): readonly string[] {
  const talk = settled({ groups: [addressGroup("10.0.0.100", [alpha, beta], scripts)] });
  return [1, 2].flatMap(() => [...said(command(talk, "standby")), ...said(talk.pass(16_000))]);
}

/** What is said to an original that returns to what is at home there. */
function back(autoFailback: boolean): readonly string[] {
  const talk = talkOf({ ...atBeta, autoFailback });
  talk.pass(timingOf(talk), false);
  talk.hear(active);
  talk.hear({ type: "repnodes", nodes: [] }, { dest: "alpha" });
  talk.hear({ type: "starting" });
  return [...said(talk.hear(report("none"))), ...said(talk.pass(2000))];
}

describe("what goes to the original", () => {
  test("is offered first, stopped when it says that it takes it, and waited for", () => {
    const talk = settled();
    expect(said(command(talk, "standby"))).toContain("ask_resources local me");
    expect(groupOf(talk.state).local.at).toBe("held");
    const release = talk.hear({ type: "ask_resources", holds: "local", step: "other" });
    expect(said(release)).toEqual(["resource none true false standby", "ask_resources local done"]);
    expect(groupOf(talk.state).local.at).toBe("stopped");
    expect(peerOf(talk.state).claims[0]?.at).toBe("starting");
    const end = talk.hear({ type: "ask_resources", holds: "local", step: "done" });
    expect(replies(end)).toEqual(["done"]);
    talk.hear(report("all"));
    expect(peerOf(talk.state).claims[0]?.at).toBe("held");
  });

  test("stays if it does not answer within ten seconds, and the operator is told", () => {
    const talk = settled();
    command(talk, "standby");
    const effects = talk.pass(10_000);
    expect(told(effects)).toContain("move-failed");
    expect(replies(effects)).toEqual(["refused: beta did not answer"]);
    expect(groupOf(talk.state).local.at).toBe("held");
  });

  test("and was offered twice in vain is let go for one that may wait, but not what must not run twice", () => {
    expect(saidAfter([])).toContain("ask_resources local done");
    expect(saidAfter(["web"])).not.toContain("ask_resources local done");
  });

  test("is claimed by it however long its scripts take", () => {
    const talk = settled();
    command(talk, "standby");
    talk.hear({ type: "ask_resources", holds: "local", step: "other" });
    expect(told(talk.pass(60_000))).not.toContain("move-failed");
    expect(groupOf(talk.state).local.at).toBe("stopped");
  });

  test("is held by it when it reports so, though its last word was lost", () => {
    const talk = settled();
    command(talk, "standby");
    talk.hear({ type: "ask_resources", holds: "local", step: "other" });
    talk.hear(report("all"));
    expect(peerOf(talk.state).claims[0]?.at).toBe("held");
    expect(peerOf(talk.state).original!.handover.at).toBe("none");
  });

  test("goes at the word of its operator", () => {
    const talk = settled();
    const effects = talk.hear({ type: "hb_takeover", holds: "all" });
    expect(said(effects)).toContain("ask_resources local me");
  });

  test("goes home by itself with auto_failback on, and not with off", () => {
    expect(back(true)).toContain("ask_resources foreign me");
    expect(back(false).join()).not.toContain("ask_resources");
  });

  test("goes there when it cannot be started here, with the other groups of its side", () => {
    const talk = settled({ groups: elsewhere });
    const group = groupOf(talk.state);
    group.local = { at: "refused", reason: "no", retryAt: instant(1e9) };
    expect(said(talk.pass(1000))).toContain("ask_resources local me");
    talk.hear({ type: "ask_resources", holds: "local", step: "other" });
    expect([...talk.state.groups.values()].map(({ local }) => local.at)).toEqual([
      "refused",
      "stopped",
    ]);
  });
});

test("a wish of its operator that cannot be met is forgotten, and costs no turns meanwhile", () => {
  const talk = settled();
  talk.hear(report("local", false));
  expect(said(talk.hear({ type: "hb_takeover", holds: "all" }))).toEqual([]);
  talk.pass(9950);
  expect(peerOf(talk.state).stances).toHaveLength(1);
  talk.pass(50, false);
  expect(peerOf(talk.state).stances).toEqual([]);
  expect(nextDeadline(talk.state).at).toBeGreaterThan(talk.now);
});

describe("the operator's word here", () => {
  test("asks the original to give up, and is done when it has", () => {
    const talk = met();
    expect(said(command(talk, "takeover"))).toContain("hb_takeover local");
    talk.hear({ type: "ask_resources", holds: "foreign", step: "me" });
    talk.hear(report("local", false, "standby"));
    const end = talk.hear({ type: "ask_resources", holds: "foreign", step: "done" });
    expect(replies(end)).toEqual(["done"]);
    expect(groupOf(talk.state).local).toMatchObject({ taking: { reason: "takeover" } });
  });

  test("moves no single group of a side", () => {
    const talk = settled({ groups: elsewhere });
    const one: Selection = { type: "group", group: groupName("10.0.0.101") };
    expect(replies(command(talk, "standby", one)).join()).toContain("say local");
    const only = settled();
    expect(said(command(only, "standby", { type: "group", group: vip }))).toContain(
      "ask_resources local me",
    );
  });

  test("is refused while the original is in transition", () => {
    const talk = settled();
    talk.hear(report("local", false));
    expect(replies(command(talk, "standby"))).toEqual([
      "refused: beta is in transition: try again in a moment",
    ]);
  });
});

describe("two hold it", () => {
  test("after a partition: the original is asked to give up, three times, then this node does", () => {
    const talk = talkOf();
    talk.pass(timingOf(talk), false);
    talk.hear(active);
    talk.hear({ type: "repnodes", nodes: [] }, { dest: "alpha" });
    const effects = talk.hear(report("all"));
    expect(told(effects)).toContain("split-brain");
    expect(said(effects)).toContain("hb_takeover local");
    const later = talk.pass(20_000);
    expect(said(later).filter((each) => each === "hb_takeover local")).toHaveLength(2);
    expect(groupOf(talk.state).local.at).toBe("stopped");
    expect(told(later)).toContain("split-brain-over");
  });

  test("until the original has stopped what it gives up: then it is told to be over", () => {
    const talk = talkOf();
    talk.pass(timingOf(talk), false);
    talk.hear(active);
    talk.hear({ type: "repnodes", nodes: [] }, { dest: "alpha" });
    talk.hear(report("all"));
    const slow = [
      ...talk.hear({ type: "ask_resources", holds: "foreign", step: "me" }),
      ...talk.hear(report("local", false, "standby")),
      ...talk.pass(6000),
    ];
    expect(told(slow)).not.toContain("split-brain-over");
    expect(statusOf(talk.state, instant(talk.now)).redundancy.why.join()).toContain("beta too");
    const end = talk.hear({ type: "ask_resources", holds: "foreign", step: "done" });
    expect(told(end)).toContain("split-brain-over");
  });

  test("when it gives up, this node announces itself once more", () => {
    const talk = talkOf();
    talk.pass(timingOf(talk), false);
    talk.hear(active);
    talk.hear({ type: "repnodes", nodes: [] }, { dest: "alpha" });
    talk.hear(report("all"));
    talk.hear({ type: "ask_resources", holds: "foreign", step: "me" });
    talk.hear(report("local", false, "standby"));
    talk.pass(300);
    const end = talk.hear({ type: "ask_resources", holds: "foreign", step: "done" });
    expect(end.some(({ type }) => type === "announce")).toBe(true);
    expect(groupOf(talk.state).local.at).toBe("held");
  });

  test("because it called us dead, though we hear it: we give way at once, and begin anew", () => {
    const talk = settled();
    const { generation } = talk.state;
    const effects = talk.hear(report("foreign", undefined, "mach_down"));
    expect(groupOf(talk.state).local.at).toBe("stopped");
    expect(effects).toContainEqual({ type: "saveGeneration", generation: generation + 1 });
    expect(statusOf(talk.state, instant(talk.now)).groups[0]).toMatchObject({ holder: beta });
  });
});

test("an original that calls us dead, though nothing is held here, makes us begin anew", () => {
  const talk = met();
  const { generation } = talk.state;
  talk.hear({ type: "stonith", node: alpha, result: "unneeded" });
  expect(talk.state.generation).toBe(generation + 1);
  expect(said(talk.pass(1000))).toContain("reqnodes");
  expect(peerOf(talk.state).claims[0]?.at).toBe("held");
});

test("an original whose ipfail reaches fewer ping nodes is given nothing", () => {
  const talk = settled({ pings: ["gateway"] });
  step(talk.state, [{ type: "pong", ping: "gateway" }], instant(talk.now));
  talk.hear({ type: "num_ping_nodes", count: 0 }, { dest: "alpha" });
  expect(replies(command(talk, "standby")).join()).toContain("reaches fewer ping nodes than alpha");
  const { nodes } = statusOf(talk.state, instant(talk.now)).groups[0]!;
  expect(nodes.find(({ node }) => node === beta)?.able).toBe(false);
  talk.hear({ type: "num_ping_nodes", count: 1 }, { dest: "alpha" });
  expect(said(command(talk, "standby"))).toContain("ask_resources local me");
});

describe("this node stops", () => {
  test("and says that it gives up everything, before it does, and its last word after", () => {
    const talk = settled();
    const effects = [...step(talk.state, [{ type: "leave" }], instant(talk.now)), ...talk.pass(0)];
    expect(said(effects)).toContain("resource none true false shutdown");
    const jobs = effects.flatMap((effect) => (effect.type === "run" ? [effect.job] : []));
    const outcome = { type: "succeeded" } as const;
    const done = jobs.map((job) => ({ type: "jobDone", job, outcome }) as const);
    const end = step(talk.state, done, instant(talk.now));
    const last = end.flatMap((effect) => (effect.type === "send" ? [effect.message.phase] : []));
    expect(last.at(-1)).toBe("gone");
  });
});
