import { describe, expect, test } from "vitest";
import type { Local } from "../../../src/core/group.ts";
import type { Claim, NodeName } from "../../../src/core/index.ts";
import { jobId } from "../../../src/core/index.ts";
import { judge } from "../../../src/core/peer.ts";
import { rivalryOver } from "../../../src/core/rival.ts";
import { instant } from "../../../src/std/time.ts";
import { addressGroup, timing } from "../../sim/configs.ts";
import {
  alpha,
  beta,
  claim,
  gamma,
  groupOf,
  hearAll,
  heartbeat,
  held,
  peerOf,
  starting,
  stateOf,
  taking,
} from "./support.ts";

interface Scene {
  /** What alpha has of the group. */
  readonly local?: Local;
  /** In the order of haresources. */
  readonly nodes?: readonly NodeName[];
  readonly claims: readonly (readonly [NodeName, Partial<Claim>])[];
}

function rivalryIn({ local = held(5), nodes = [alpha, beta, gamma], claims }: Scene) {
  const groups = [addressGroup("10.0.0.100", nodes)];
  const state = stateOf(["alpha", "beta", "gamma"], { groups });
  groupOf(state).local = local;
  const messages = claims.map(([from, change]) => heartbeat({ from, claims: [claim(change)] }));
  hearAll(state, messages, instant(0));
  return { state, rivalry: rivalryOver(state, groupOf(state)) };
}

describe("of alpha with term 5 and beta, which both hold a group, it stays with", () => {
  test.each([
    ["the higher term, which is ours", 4, [alpha, beta], "alpha"],
    ["the higher term, which is the peer's", 6, [alpha, beta], "beta"],
    ["the higher term, however little it is preferred", 6, [alpha, gamma, beta], "beta"],
    ["the more preferred, with the same term", 5, [alpha, beta], "alpha"],
    ["the more preferred, with the same term, be it the peer", 5, [gamma, beta, alpha], "beta"],
    ["the one that is configured for it, with the same term", 5, [beta], "beta"],
    ["us, if only we are configured for it", 5, [alpha], "alpha"],
    ["the lower name, with the same term and no preference", 5, [gamma], "alpha"],
  ])("%s", (_, term, nodes, winner) => {
    const { rivalry } = rivalryIn({ nodes, claims: [[beta, { term }]] });
    expect(rivalry).toEqual({ peer: beta, winner });
  });
});

describe("a group is rivalled over", () => {
  const starts = starting(0, 5);
  const stops: Local = {
    at: "stopping",
    taking: taking(5),
    giving: { why: "standby", to: beta, since: instant(0), failure: undefined },
    step: 0,
    job: jobId(1),
  };
  test.each<[string, Local, Claim["at"], boolean]>([
    ["when both hold it", held(5), "held", true],
    ["when the peer just takes it", held(5), "starting", true],
    ["when this node just takes it", starts, "held", true],
    ["not when the peer gives it up", held(5), "stopping", false],
    ["not when it does not stop on the peer", held(5), "stuck", false],
    ["not when this node gives it up", stops, "held", false],
    ["not when this node has nothing of it", { at: "stopped" }, "held", false],
  ])("%s", (_, local, at, isRivalled) => {
    const { rivalry } = rivalryIn({ local, claims: [[beta, { at, term: 6 }]] });
    expect(rivalry !== undefined).toBe(isRivalled);
  });

  test("not with a peer that is dead", () => {
    const { state } = rivalryIn({ claims: [[beta, { term: 6 }]] });
    for (const at of [4000, 4000]) judge(peerOf(state), timing, instant(at));
    expect(rivalryOver(state, groupOf(state))).toBeUndefined();
  });

  test.each([
    [6, 7, { peer: gamma, winner: gamma }],
    [7, 6, { peer: beta, winner: beta }],
    [6, 6, { peer: beta, winner: beta }],
    [3, 4, { peer: gamma, winner: alpha }],
  ])("by three, with the best of the others: terms %d and %d", (ofBeta, ofGamma, rivalry) => {
    const claims = [
      [beta, { term: ofBeta }],
      [gamma, { term: ofGamma }],
    ] as const;
    expect(rivalryIn({ claims }).rivalry).toEqual(rivalry);
  });
});
