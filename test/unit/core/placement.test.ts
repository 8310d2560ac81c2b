import { describe, expect, test } from "vitest";
import type { Message, Stance } from "../../../src/core/index.ts";
import { judge } from "../../../src/core/peer.ts";
import type { Candidate } from "../../../src/core/placement.ts";
import { candidatesOf, homeOf, placeElsewhere, placeOf } from "../../../src/core/placement.ts";
import { instant } from "../../../src/std/time.ts";
import { timing, vip } from "../../sim/configs.ts";
import { alpha, beta, gamma, groupOf, hearAll, heartbeat, peerOf, stateOf } from "./support.ts";

/** In short: `able`, `unable`, `wants`, or the node it yields to. */
type Word = "able" | "wants" | "to alpha" | "to beta" | "to gamma" | Unable;
type Unable = "unable" | "unable wants" | "unable to gamma";

const nodes = { alpha, beta, gamma };

function candidate(name: keyof typeof nodes, word: Word): Candidate {
  const obstacle = word.startsWith("unable") ? "is dead" : undefined;
  return { node: nodes[name], obstacle, stance: stance(word) };
}

function stance(word: Word): Stance | undefined {
  switch (word) {
    case "able":
    case "unable":
      return undefined;
    case "wants":
    case "unable wants":
      return { group: vip, at: "wants" };
    case "to alpha":
      return { group: vip, at: "yields", to: alpha };
    case "to beta":
      return { group: vip, at: "yields", to: beta };
    case "to gamma":
    case "unable to gamma":
      return { group: vip, at: "yields", to: gamma };
  }
}

describe("a group of alpha, beta and gamma, in this order, belongs to", () => {
  test.each<[string, readonly [Word, Word, Word], string | undefined]>([
    ["the most preferred", ["able", "able", "able"], "alpha"],
    ["the next, if that cannot", ["unable", "able", "able"], "beta"],
    ["the last, if no other can", ["unable", "unable", "able"], "gamma"],
    ["nobody, if none can", ["unable", "unable", "unable"], undefined],

    ["the one whose operator wants it", ["able", "able", "wants"], "gamma"],
    ["the more preferred of two that want it", ["able", "wants", "wants"], "beta"],
    ["not to one that wants and cannot", ["able", "unable wants", "able"], "alpha"],
    ["the one that wants it, whoever it was given to", ["to beta", "able", "wants"], "gamma"],

    ["the one that it was given to", ["to gamma", "able", "able"], "gamma"],
    ["another, if that cannot", ["to gamma", "able", "unable"], "beta"],
    ["the giver, if no other can", ["to beta", "unable", "unable"], "alpha"],
    ["the end of a chain of gifts", ["to beta", "to gamma", "able"], "gamma"],
    ["who is left, if the end cannot", ["to beta", "to gamma", "unable"], "alpha"],
    [
      "the more preferred, if two gave it to each other",
      ["to beta", "to alpha", "unable"],
      "alpha",
    ],
    ["the third, if two gave it to each other", ["to beta", "to alpha", "able"], "gamma"],
    ["the preferred of two that were given it", ["able", "to gamma", "to alpha"], "alpha"],
    ["not to whom a dead one gave it", ["able", "unable to gamma", "able"], "alpha"],
  ])("%s", (_, [ofAlpha, ofBeta, ofGamma], place) => {
    const candidates = [
      candidate("alpha", ofAlpha),
      candidate("beta", ofBeta),
      candidate("gamma", ofGamma),
    ];
    expect(placeOf(candidates)).toBe(place);
  });
});

/** What alpha knows of beta's fitness, after beta said this, or nothing. */
function obstacleOfBeta(message: Message | undefined, silence: number) {
  const state = stateOf();
  hearAll(state, message === undefined ? [] : [message], instant(0));
  // At first late, then dead.
  for (const at of [silence, silence]) judge(peerOf(state), timing, instant(at));
  return candidatesOf(state, groupOf(state)).find(({ node }) => node === beta)?.obstacle;
}

describe("a peer can hold a group", () => {
  const refuses: Stance = { group: vip, at: "refuses" };
  test.each<[string, Message | undefined, number, string | undefined]>([
    ["if it is up", heartbeat(), 1999, undefined],
    ["if it is late", heartbeat(), 3999, undefined],
    ["not if it is dead", heartbeat(), 4000, "is dead"],
    ["not if it was not heard yet", undefined, 7999, "was not heard yet"],
    ["not if it was never heard", undefined, 8000, "was never heard"],
    ["not if it is stopping", heartbeat({ phase: "leaving" }), 0, "is stopping"],
    ["not if it has stopped", heartbeat({ phase: "gone" }), 0, "has stopped"],
    ["not if it says so", heartbeat({ stances: [refuses] }), 0, "refuses it: see its own status"],
    [
      "not if it says why",
      heartbeat({ stances: [{ ...refuses, why: "eth0 has no carrier" }] }),
      0,
      "eth0 has no carrier",
    ],
  ])("%s", (_, message, silence, obstacle) => {
    expect(obstacleOfBeta(message, silence)).toBe(obstacle);
  });
});

describe("this node cannot hold a group", () => {
  test.each<[string, (state: ReturnType<typeof stateOf>) => void, string]>([
    [
      "while it is being stopped",
      (state) => {
        state.leaving = { until: instant(0) };
      },
      "is stopping",
    ],
    [
      "after a start of it has failed",
      (state) => {
        groupOf(state).local = { at: "refused", reason: "nginx: no", retryAt: instant(0) };
      },
      "could not start it: nginx: no",
    ],
    [
      "while its line of haresources changes",
      (state) => {
        groupOf(state).next = { config: undefined };
      },
      "reads its new configuration",
    ],
    [
      "without the interface of its address",
      (state) => {
        const fact = { group: vip, resource: vip, present: "absent" } as const;
        groupOf(state).facts.set(vip, { ...fact, obstacle: "there is no interface eth0" });
      },
      "there is no interface eth0",
    ],
  ])("%s, and says so", (_, change, obstacle) => {
    const state = stateOf();
    change(state);
    const own = candidatesOf(state, groupOf(state))[0];
    const said: Stance = { group: vip, at: "refuses", why: obstacle };
    expect(own).toEqual({ node: alpha, obstacle, stance: said });
  });
});

test("a group is given to the most preferred of the others that can hold it", () => {
  const state = stateOf(["alpha", "beta", "gamma"]);
  expect(placeElsewhere(state, groupOf(state))).toBeUndefined();
  hearAll(state, [heartbeat({ from: gamma })], instant(0));
  expect(placeElsewhere(state, groupOf(state))).toBe(gamma);
  hearAll(state, [heartbeat()], instant(0));
  expect(placeElsewhere(state, groupOf(state))).toBe(beta);
});

test("a group's home is the node that its line of haresources begins with", () => {
  expect(homeOf(groupOf(stateOf()).config)).toBe(alpha);
});
