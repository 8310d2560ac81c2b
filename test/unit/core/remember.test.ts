import { describe, expect, test } from "vitest";
import type { Input, Memory } from "../../../src/core/index.ts";
import { requestId } from "../../../src/core/index.ts";
import { instant, millis } from "../../../src/std/time.ts";
import { addressGroup, vip } from "../../sim/configs.ts";
import { acts, holder, leased, pass, said, told, types } from "./lease-support.ts";
import { alpha, beta, groupOf } from "./support.ts";

const memory: Memory = {
  groups: [{ group: vip, term: 7, pinned: false }],
  resting: [],
  maintenance: undefined,
  peers: [],
};
const served = [addressGroup("10.0.0.100", [alpha, beta], ["nginx"])];

function kernel(change: Partial<Extract<Input, { type: "host" }>["addresses"][number]>): Input {
  const fact = {
    group: vip,
    resource: "10.0.0.100",
    present: "absent",
    obstacle: undefined,
  } as const;
  return { type: "host", addresses: [{ ...fact, ...change }] };
}

describe("what a killed daemon has left running", () => {
  test("is stopped by the next one, whose lease has run out, before anything else", () => {
    const state = leased({ memory, groups: served });
    const effects = acts(state, [kernel({})], 0);
    expect(effects).toContainEqual(expect.objectContaining({ type: "run", group: vip }));
    expect(groupOf(state).local).toMatchObject({
      at: "stopping",
      giving: { why: "left-behind" },
    });
    expect(types(effects)).not.toContain("grant");
  });

  test("is nothing of a group that only has addresses", () => {
    const state = leased({ memory });
    expect(types(acts(state, [kernel({})], 0))).not.toContain("run");
    expect(groupOf(state).local.at).toBe("stopped");
  });
});

test("in maintenance what this node held before its daemon was killed is taken again", () => {
  const maintenance = { on: true, version: 1, by: beta, left: undefined, reason: "" };
  for (const [before, isTaken] of [
    [{ ...memory, maintenance }, true],
    [{ ...memory, groups: [], maintenance }, false],
  ] as const) {
    const state = leased({ memory: before });
    acts(state, [kernel({})], 0);
    const effects = pass(state, { from: 100, to: 900 }, (at) => [said(state, at, { maintenance })]);
    expect(told(effects).includes("group-taking")).toBe(isTaken);
  }
});

describe("a restart that is to move nothing", () => {
  const goAway: Input = { type: "goAway", request: requestId(1), within: millis(15_000) };

  test("is refused with a witness while a peer is silent: its lease would outlive the vote", () => {
    for (const [hasWitness, isRefused] of [
      [true, true],
      [false, false],
    ] as const) {
      const state = holder({ hasWitness });
      acts(state, [], 0);
      acts(state, [said(state, 100)], 100);
      pass(state, { from: 200, to: 3000 });
      pass(state, { from: 3100, to: 5000 }, (at) => [
        { type: "witness", until: instant(at + 8000), owner: alpha, fault: undefined },
      ]);
      const effects = [...acts(state, [goAway], 5010), ...pass(state, { from: 5020, to: 5120 })];
      expect(types(effects).includes("exit")).toBe(!isRefused);
    }
  });

  test("is refused while the daemon of a peer is being replaced", () => {
    const state = holder();
    acts(state, [], 0);
    acts(state, [said(state, 100, { phase: "away", back: millis(15_000) })], 100);
    expect(acts(state, [goAway], 200)).toContainEqual({
      type: "answered",
      request: requestId(1),
      refusal: "the daemon of beta is being replaced just now",
    });
  });
});

describe("an interface", () => {
  test("without carrier is no place to take anything, until the cable is back", () => {
    const state = leased();
    acts(state, [kernel({ doubt: "eth0 has no carrier" })], 0);
    const out = pass(state, { from: 100, to: 600 }, (at) => [said(state, at)]);
    expect(told(out)).not.toContain("group-taking");
    const back = pass(state, { from: 700, to: 1200 }, (at) =>
      at === 700 ? [kernel({}), said(state, at)] : [said(state, at)],
    );
    expect(told(back)).toContain("group-taking");
  });

  test("whose hardware address has changed is announced at once", () => {
    const state = holder();
    acts(state, [kernel({ present: "ours", mac: "02:00:00:00:00:0a" })], 0);
    expect(
      types(acts(state, [kernel({ present: "ours", mac: "02:00:00:00:00:0a" })], 10)),
    ).not.toContain("announce");
    expect(
      types(acts(state, [kernel({ present: "ours", mac: "02:00:00:00:00:1a" })], 20)),
    ).toContain("announce");
  });
});

test("a node whose lease has lapsed says that it is silent, and no second holder is told", () => {
  const state = holder();
  acts(state, [], 0);
  const claims = [{ ...groupClaim(), term: 1 }];
  const effects = acts(state, [said(state, 100, { claims, lease: millis(0) })], 100);
  expect(told(effects)).not.toContain("split-brain");
});

function groupClaim() {
  return {
    group: vip,
    term: 1,
    at: "held" as const,
    pinned: false,
    reason: "start" as const,
    from: undefined,
    age: millis(0),
  };
}
