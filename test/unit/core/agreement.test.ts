import { describe, expect, test } from "vitest";
import { hearsUs, isAgreed } from "../../../src/core/agreement.ts";
import type { Hearing, Message } from "../../../src/core/index.ts";
import { judge } from "../../../src/core/peer.ts";
import { instant } from "../../../src/std/time.ts";
import { timing } from "../../sim/configs.ts";
import { beta, gamma, groupOf, hearAll, heartbeat, peerOf, stateOf } from "./support.ts";

/** alpha's heartbeat 7 was the first with what it says of the group today. */
const said = 7;

/** A pair at the moment 10 s, in which beta has acknowledged our heartbeat `sequence`. */
function pair(acked: { readonly sequence: number; readonly age: number } | undefined) {
  const state = stateOf();
  hearAll(state, [heartbeat()], instant(10_000));
  groupOf(state).saidSince = said;
  peerOf(state).acked = acked && {
    sequence: acked.sequence,
    sentAt: instant(10_000 - acked.age),
    until: instant(10_000 - acked.age + timing.deadtime),
  };
  return state;
}

describe("the word of a peer is enough to take a group", () => {
  test.each([
    ["if it knows what this node says today", { sequence: 7, age: 0 }, true],
    ["if it knows something newer", { sequence: 8, age: 0 }, true],
    ["not if it knows only what was said before", { sequence: 6, age: 0 }, false],
    ["not if it has acknowledged nothing", undefined, false],
    ["up to deadtime after we said what it acknowledges", { sequence: 7, age: 3999 }, true],
    ["not when it may have called us dead since", { sequence: 7, age: 4000 }, false],
  ])("%s", (_, acked, isEnough) => {
    const state = pair(acked);
    expect(isAgreed(state, groupOf(state))).toBe(isEnough);
  });

  test("not while it was not heard yet, and not needed once it is dead", () => {
    const state = stateOf();
    expect(isAgreed(state, groupOf(state))).toBe(false);
    judge(peerOf(state), timing, peerOf(state).joinsAt);
    expect(isAgreed(state, groupOf(state))).toBe(true);
  });

  test("not needed once it has stopped in good order", () => {
    const state = hearAll(stateOf(), [heartbeat({ phase: "gone" })], instant(0));
    expect(isAgreed(state, groupOf(state))).toBe(true);
  });

  test("also when it is late: it may be taking the group right now", () => {
    const state = hearAll(stateOf(), [heartbeat()], instant(0));
    judge(peerOf(state), timing, instant(2000));
    expect(peerOf(state).liveness).toBe("late");
    expect(isAgreed(state, groupOf(state))).toBe(false);
  });
});

test("a peer hears us as long as what it acknowledges is younger than deadtime", () => {
  const [young, old] = [3999, 4000].map((age) => pair({ sequence: 1, age }));
  expect(hearsUs(peerOf(young!), young!)).toBe(true);
  expect(hearsUs(peerOf(old!), old!)).toBe(false);
});

describe("of three nodes alpha takes a group only if the others know of each other", () => {
  /** gamma's news is its heartbeat 5, of its second start. */
  const news = { from: gamma, generation: 2, sequence: 9, changed: 5 };
  test.each<[string, Partial<Hearing> | undefined, boolean]>([
    ["all that gamma says today", { sequence: 5 }, true],
    ["a newer heartbeat of gamma's than its news", { sequence: 8 }, true],
    ["not if beta has not heard gamma's news", { sequence: 4 }, false],
    ["not if beta knows gamma's life before", { generation: 1, sequence: 99 }, false],
    ["also if beta calls gamma dead: it does not wait for it either", undefined, true],
  ])("%s", (_, hearing, isEnough) => {
    const hears =
      hearing === undefined ? [] : [{ node: gamma, generation: 2, sequence: 9, ...hearing }];
    const state = triple([heartbeat({ hears }), heartbeat(news)]);
    expect(isAgreed(state, groupOf(state))).toBe(isEnough);
  });

  test("which is of no matter for one that is dead", () => {
    const hears = [{ node: gamma, generation: 2, sequence: 4 }];
    const state = triple([heartbeat({ hears }), heartbeat(news)]);
    for (const at of [4000, 4000]) judge(peerOf(state, gamma), timing, instant(at));
    expect(isAgreed(state, groupOf(state))).toBe(true);
  });
});

/** Three nodes; both peers have acknowledged everything of ours. */
function triple(messages: readonly Message[]) {
  const state = hearAll(stateOf(["alpha", "beta", "gamma"]), messages, instant(0));
  for (const name of [beta, gamma]) {
    peerOf(state, name).acked = {
      sequence: 1,
      sentAt: instant(0),
      until: instant(timing.deadtime),
    };
  }
  return state;
}
