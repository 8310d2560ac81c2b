import { describe, expect, test } from "vitest";
import type { Effect, Input, Message, State } from "../../../src/core/index.ts";
import { nextDeadline, requestId, statusOf, step } from "../../../src/core/index.ts";
import { instant, seconds } from "../../../src/std/time.ts";
import type { Shape } from "../../sim/configs.ts";
import { clusterOf, eth0, fencingBy } from "../../sim/configs.ts";
import { met, settled } from "./original-support.ts";
import { alpha, beta, claim, gamma, groupOf, heartbeat, held, peerOf, stateOf } from "./support.ts";

const fencing = fencingBy("power");

function said(change: Partial<Message>): Input {
  return { type: "message", medium: eth0, message: heartbeat(change) };
}

/** alpha has heard beta once, at 0 s, and beta is dead from 4 s on. */
function bereaved(change: Partial<Message>, shape: Shape = { fencing }): State {
  const state = stateOf(["alpha", "beta"], shape);
  step(state, [said(change)], instant(0));
  return state;
}

function pass(state: State, inputs: readonly Input[], second: number): readonly Effect[] {
  return step(state, inputs, instant(second * 1000));
}

/** Lets time pass as the daemon does: a turn at every deadline. */
function until(state: State, second: number): Effect[] {
  const effects: Effect[] = [];
  for (let turns = 0; turns < 1000; turns++) {
    const { at } = nextDeadline(state);
    if (at > second * 1000) break;
    effects.push(...step(state, [], at));
  }
  effects.push(...pass(state, [], second));
  return effects;
}

function fences(effects: readonly Effect[]) {
  return effects.flatMap((effect) =>
    effect.type === "run" && effect.task.type === "fence" ? [effect] : [],
  );
}

function codes(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.type === "tell" ? [effect.notice.code] : []));
}

function ended(effects: readonly Effect[], reason?: string): Input {
  const job = fences(effects).at(-1)!.job;
  if (reason === undefined) return { type: "jobDone", job, outcome: { type: "succeeded" } };
  return { type: "jobDone", job, outcome: { type: "failed", reason } };
}

function refusal(effects: readonly Effect[]): string | undefined {
  const answers = effects.flatMap((effect) => (effect.type === "confirmed" ? [effect] : []));
  expect(answers).toMatchObject([{ request: requestId(7) }]);
  return answers[0]!.refusal;
}

describe("a peer that held a group and is dead", () => {
  test("is fenced in the turn in which it is found dead, and the group taken in that of success", () => {
    const state = bereaved({ claims: [claim()] });
    const before = until(state, 3.999);
    expect(fences(before)).toEqual([]);
    const begun = pass(state, [], 4);
    expect(fences(begun)).toMatchObject([{ group: undefined, task: { node: beta, device: 0 } }]);
    expect(codes(begun)).toEqual(expect.arrayContaining(["peer-dead", "fencing"]));
    expect(codes(until(state, 20))).not.toContain("group-taking");
    const done = pass(state, [ended(begun)], 20);
    expect(codes(done)).toEqual(["fenced", "group-taking"]);
    expect(groupOf(state).local.at).toBe("starting");
  });

  test("is taken from at once if there is no device", () => {
    const state = bereaved({ claims: [claim()] }, {});
    expect(codes(until(state, 4))).toContain("group-taking");
    expect(state.fences.size).toBe(0);
  });

  test("is given up on by a device that takes too long, and then by the next one", () => {
    const state = bereaved({ claims: [claim()] }, { fencing: fencingBy("power", "board") });
    const begun = until(state, 4);
    const overdue = until(state, 24);
    expect(overdue).toContainEqual({ type: "cancel", job: fences(begun)[0]!.job });
    // That is said of the device, not of a group.
    expect(codes(overdue)).not.toContain("job-overdue");
    const { job } = fences(begun)[0]!;
    const next = pass(state, [{ type: "jobDone", job, outcome: { type: "cancelled" } }], 24.1);
    expect(next).toContainEqual({
      type: "tell",
      notice: {
        code: "fence-failed",
        peer: beta,
        device: "power",
        reason: "it took too long",
      },
    });
    expect(fences(next)).toMatchObject([{ task: { device: 1 } }]);
  });

  test("is tried again every 5 s, for ever, and that is the next deadline", () => {
    const state = bereaved({ claims: [claim()] });
    let effects: readonly Effect[] = until(state, 4);
    for (let second = 5; second < 600; second += 6) {
      effects = pass(state, [ended(effects, "no route")], second);
      expect(fences(effects)).toEqual([]);
      expect(fences(until(state, second + 4.999))).toEqual([]);
      effects = until(state, second + 5);
      expect(fences(effects)).toHaveLength(1);
    }
    expect(groupOf(state).local.at).toBe("stopped");
  });

  test("keeps its group after a reload that leaves it out of the files, until it is fenced", () => {
    const state = bereaved({ claims: [claim()] });
    const begun = until(state, 5);
    const config = clusterOf(["alpha"], { fencing })[0]!;
    pass(state, [{ type: "configured", config }], 6);
    expect(groupOf(state).local.at).toBe("stopped");
    pass(state, [ended(begun)], 7);
    expect(groupOf(state).local.at).toBe("starting");
    until(state, 8);
    expect(state.peers.has(beta)).toBe(false);
    expect(state.fences.size).toBe(0);
  });

  test("is taken from at once when a reload leaves out the last device", () => {
    const state = bereaved({ claims: [claim()] });
    const begun = until(state, 5);
    const config = clusterOf(["alpha", "beta"])[0]!;
    const effects = pass(state, [{ type: "configured", config }], 6);
    expect(effects).toContainEqual({ type: "cancel", job: fences(begun)[0]!.job });
    expect(codes(effects)).toContain("group-taking");
  });

  test("is not fenced by a node that stops", () => {
    const state = bereaved({ claims: [claim()] });
    const begun = until(state, 5);
    const effects = pass(state, [{ type: "leave" }], 6);
    expect(effects).toContainEqual({ type: "cancel", job: fences(begun)[0]!.job });
    expect(codes(effects)).toContain("left");
  });
});

describe("what was heard of it last", () => {
  test("a goodbye: there is nothing to fence", () => {
    const state = bereaved({ claims: [claim()] });
    pass(state, [said({ sequence: 2, changed: 2, phase: "gone" })], 1);
    expect(groupOf(state).local.at).toBe("starting");
    expect(fences(until(state, 60))).toEqual([]);
  });

  test("no claim: it may have taken what was free all the same, and is fenced", () => {
    const state = bereaved({ claims: [] });
    expect(fences(until(state, 4))).toHaveLength(1);
  });

  test("no claim, of a group that this node claimed when it died: it cannot have it", () => {
    const state = bereaved({ claims: [] });
    groupOf(state).local = held(2);
    until(state, 5);
    groupOf(state).local = { at: "stopped" };
    const effects = pass(state, [], 6);
    expect(fences(effects)).toEqual([]);
    expect(codes(effects)).toEqual(["group-taking"]);
  });

  test("a claim, of a group that this node claimed too: it is fenced before that is taken again", () => {
    const state = bereaved({ claims: [claim()] });
    groupOf(state).local = held(2);
    until(state, 5);
    groupOf(state).local = { at: "stopped" };
    expect(fences(pass(state, [], 6))).toHaveLength(1);
  });

  test("nothing, ever: it is fenced when initdead is over", () => {
    const state = stateOf(["alpha", "beta"], { fencing });
    expect(fences(until(state, 7.999))).toEqual([]);
    expect(fences(until(state, 8))).toHaveLength(1);
  });
});

describe("a peer that is heard again", () => {
  test("is left alone: what the device says later is not believed of its next death", () => {
    const state = bereaved({ claims: [claim()] });
    const begun = until(state, 5);
    const heard = pass(state, [said({ sequence: 2, claims: [claim()] })], 6);
    expect(heard).toContainEqual({ type: "cancel", job: fences(begun)[0]!.job });
    // Still being killed when beta dies again.
    expect(fences(until(state, 11))).toEqual([]);
    expect(peerOf(state).liveness).toBe("dead");
    const late = pass(state, [ended(begun)], 12);
    expect(codes(late)).not.toContain("group-taking");
    expect(fences(late)).toHaveLength(1);
  });

  test("after it was fenced is a peer like any other, and fenced again when it dies", () => {
    const state = bereaved({ claims: [claim()] });
    pass(state, [ended(until(state, 5))], 6);
    const reborn = said({ boot: "00000000000000b2", generation: 2, claims: [] });
    pass(state, [reborn], 7);
    expect(state.fences.size).toBe(0);
    groupOf(state).local = { at: "stopped" };
    expect(fences(until(state, 12))).toHaveLength(1);
  });
});

describe("a peer that runs the original", () => {
  test("is fenced before what it reported is taken", () => {
    const talk = met({ fencing });
    const effects = talk.pass(6000, false);
    expect(fences(effects)).toHaveLength(1);
    const news = codes(effects).filter((code) => /^fenc|^group/u.test(code));
    expect(news).toEqual(["fencing", "fenced", "group-taking", "group-held"]);
  });

  test("is not fenced if this node held everything", () => {
    const talk = settled({ fencing });
    const effects = talk.pass(6000, false);
    expect(codes(effects)).toContain("peer-dead");
    expect(fences(effects)).toEqual([]);
  });
});

describe("of three nodes", () => {
  test("only the one that is to take fences", () => {
    const claims = [claim()];
    const state = stateOf(["beta", "alpha", "gamma"], { fencing });
    step(state, [said({ from: gamma, claims })], instant(0));
    for (let second = 0; second <= 8; second++) {
      const effects = pass(state, [said({ sequence: second + 1, claims: [] })], second);
      expect(fences(effects)).toEqual([]);
    }
    expect(peerOf(state, gamma).liveness).toBe("dead");
  });

  test("a device is used for the nodes that it is for, and a node without one is not taken from", () => {
    const devices = [
      { name: "for-gamma", targets: [gamma] },
      { name: "for-beta", targets: [beta] },
    ];
    const state = stateOf(["alpha", "beta", "gamma"], {
      fencing: { devices, timeout: seconds(20) },
    });
    const begun = until(state, 8);
    const tried = fences(begun).map(({ task }) => task);
    expect(tried).toMatchObject([
      { node: beta, device: 1 },
      { node: gamma, device: 0 },
    ]);
    const none = bereaved(
      { claims: [claim()] },
      { fencing: { devices: [devices[0]!], timeout: seconds(20) } },
    );
    const failed = until(none, 9);
    expect(fences(failed)).toEqual([]);
    expect(codes(failed)).toContain("fence-failed");
    expect(groupOf(none).local.at).toBe("stopped");
  });
});

describe("the status", () => {
  test("says what the group waits for, and what to do about it", () => {
    const state = bereaved({ claims: [claim()] });
    const begun = until(state, 5);
    const fenced = "beta is dead and is being fenced";
    expect(statusOf(state, instant(5000))).toMatchObject({
      groups: [
        {
          state: "unserved",
          reason: fenced,
          nodes: [{ node: alpha, able: false, why: "must wait until beta is fenced" }, {}],
        },
      ],
    });
    expect(statusOf(state, instant(5000)).redundancy.why).toContain(fenced);
    pass(state, [ended(begun, "no route")], 6);
    const { groups } = statusOf(state, instant(6000));
    expect(groups[0]!.reason).toBe(
      "beta is dead and could not be fenced (power: no route): it is tried again; if it is off, write understudy confirm beta",
    );
    // It stays so while the next try runs.
    until(state, 11);
    expect(statusOf(state, instant(11_000)).groups[0]!.reason).toBe(groups[0]!.reason);
  });
});

describe("the operator's word", () => {
  const confirm = { type: "confirm", request: requestId(7), node: beta } as const;

  test("is as good as a device's, and ends its work", () => {
    const state = bereaved({ claims: [claim()] });
    const begun = until(state, 5);
    const effects = pass(state, [confirm], 6);
    expect(refusal(effects)).toBeUndefined();
    expect(effects).toContainEqual({ type: "cancel", job: fences(begun)[0]!.job });
    expect(codes(effects)).toEqual(["fence-confirmed", "group-taking"]);
    // What the device says of it afterwards is no news.
    expect(codes(pass(state, [ended(begun, "killed")], 7))).toEqual([]);
  });

  test.each([
    ["alive", 1, /it is heard/u],
    ["not called dead yet", undefined, /initdead/u],
  ] as const)("is not taken of a node that is %s", (_, heardAt, reason) => {
    const state = stateOf(["alpha", "beta"], { fencing });
    if (heardAt !== undefined) pass(state, [said({})], heardAt);
    expect(refusal(pass(state, [confirm], 2))).toMatch(reason);
  });

  test("is not taken of a node that has stopped", () => {
    const stopped = bereaved({});
    pass(stopped, [said({ sequence: 2, phase: "gone" })], 1);
    expect(refusal(pass(stopped, [confirm], 2))).toMatch(/good order/u);
  });

  test("is taken where no device is: what answers for the node's addresses is not waited for", () => {
    const bare = bereaved({}, {});
    until(bare, 5);
    expect(refusal(pass(bare, [confirm], 6))).toBeUndefined();
    expect(peerOf(bare).isOff).toBe(true);
  });
});
