import { describe, expect, test } from "vitest";
import type { Effect, Input, Memory, State } from "../../../src/core/index.ts";
import { nextDeadline, requestId } from "../../../src/core/index.ts";
import { instant, millis } from "../../../src/std/time.ts";
import { vip } from "../../sim/configs.ts";
import { acts, holder, leased, pass, said, told, types } from "./lease-support.ts";
import { beta, claim, groupOf, peerOf } from "./support.ts";

const request = requestId(1);
const within = millis(15_000);

function settled(): State {
  const state = holder();
  acts(state, [], 0);
  acts(state, [said(state, 100)], 100);
  acts(state, [said(state, 200)], 200);
  return state;
}

function remembered(effects: readonly Effect[]): Memory | undefined {
  return effects.flatMap((effect) => (effect.type === "remember" ? [effect.memory] : [])).at(-1);
}

describe("a daemon that is to be replaced", () => {
  test("says so, and goes when the peer knows, with its lease stretched to the time it said", () => {
    const state = settled();
    const first = acts(state, [{ type: "goAway", request, within }], 300);
    const spoken = first.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
    expect(spoken[0]).toMatchObject({ phase: "away", back: 15_000 });
    expect(types(first)).not.toContain("exit");
    const effects = acts(state, [said(state, 310)], 310);
    expect(effects).toContainEqual({ type: "renew", until: 300 + 15_000 - 400 });
    expect(effects).toContainEqual({ type: "answered", request, refusal: undefined });
    expect(effects.at(-1)).toEqual({ type: "exit", code: 75 });
    expect(remembered(effects)?.groups).toMatchObject([{ term: 1 }]);
    expect(types(effects)).not.toContain("run");
  });

  test("stays when a peer does not acknowledge it, and says who", () => {
    const state = settled();
    acts(state, [{ type: "goAway", request, within }], 300);
    const { hears } = peerOf(state);
    const effects = pass(state, { from: 400, to: 2400 }, (at) => [said(state, at, { hears })]);
    const refusal = "beta does not acknowledge it";
    expect(effects).toContainEqual({ type: "answered", request, refusal });
    expect(types(effects)).not.toContain("exit");
    expect(state.away).toBeUndefined();
  });

  test("is refused in the middle of a move, and without a lease", () => {
    const moving = settled();
    moving.leaving = { until: instant(9000) };
    expect(acts(moving, [{ type: "goAway", request, within }], 300)).toContainEqual({
      type: "answered",
      request,
      refusal: "this node is being stopped",
    });
    const bare = settled();
    bare.config = { ...bare.config, lease: undefined };
    expect(acts(bare, [{ type: "goAway", request, within }], 300)).toContainEqual({
      type: "answered",
      request,
      refusal: "without a lease nothing would end if the daemon did not come back: stop it instead",
    });
  });
});

describe("a peer that is away", () => {
  test("is waited for as long as it said, and not called late", () => {
    const state = leased();
    acts(state, [], 0);
    const claims = [claim({ term: 2 })];
    acts(state, [said(state, 100, { claims, phase: "away", back: within })], 100);
    const effects = pass(state, { from: 200, to: 15_000 });
    expect(told(effects)).not.toContain("peer-late");
    expect(told(effects)).not.toContain("group-taking");
    expect(told(pass(state, { from: 15_100, to: 15_300 }))).toContain("group-taking");
  });

  test("does not shorten what this node may answer", () => {
    const state = holder();
    acts(state, [], 0);
    acts(state, [said(state, 100, { phase: "away", back: within })], 100);
    expect(told(pass(state, { from: 200, to: 14_000 }))).not.toContain("lease-lapsed");
  });
});

/** What the kernel has of the address: in the first turn of a daemon. */
const kernel = (present: "ours" | "absent"): Input => ({
  type: "host",
  addresses: [{ group: vip, resource: "10.0.0.100", present, obstacle: undefined }],
});

describe("the next life", () => {
  const memory: Memory = {
    groups: [{ group: claim().group, term: 7, pinned: true }],
    resting: [],
    maintenance: undefined,
    peers: [{ node: beta, boot: "00000000000000b1", generation: 1, sequence: 500, isGone: false }],
  };

  test("takes up at once what its lease covers, with the term of before", () => {
    const state = leased({ memory, leaseUntil: 2000 });
    const effects = acts(state, [kernel("ours")], 0);
    expect(types(effects)).toContain("run");
    expect(types(effects)).not.toContain("grant");
    const spoken = effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
    expect(spoken[0]?.claims).toMatchObject([{ term: 7, reason: "restart", pinned: true }]);
  });

  test("is silent when the lease of before ends and no peer has acknowledged it", () => {
    const state = leased({ memory, leaseUntil: 2000 });
    acts(state, [kernel("ours")], 0);
    expect(told(pass(state, { from: 100, to: 1900 }))).not.toContain("lease-lapsed");
    expect(told(pass(state, { from: 2000, to: 2100 }))).toContain("lease-lapsed");
  });

  test("goes on when the peer acknowledges it", () => {
    const state = leased({ memory, leaseUntil: 2000 });
    acts(state, [kernel("ours")], 0);
    const effects = pass(state, { from: 100, to: 6000 }, (at) => [
      said(state, at, { sequence: 501 + at }),
    ]);
    expect(told(effects)).not.toContain("lease-lapsed");
    expect(types(effects)).toContain("renew");
  });

  test("does not wait for a peer that was dead", () => {
    const alone = { ...memory, peers: memory.peers.map((peer) => ({ ...peer, isGone: true })) };
    const state = leased({ memory: alone, leaseUntil: 2000 });
    acts(state, [kernel("ours")], 0);
    expect(groupOf(state).local.at).toBe("starting");
    expect(told(pass(state, { from: 100, to: 9000 }))).not.toContain("lease-lapsed");
  });

  test("takes nothing without a lease that lives, but goes on counting terms", () => {
    const state = leased({ memory });
    expect(types(acts(state, [kernel("ours")], 0))).not.toContain("grant");
    expect(groupOf(state).local.at).toBe("stopped");
    expect(groupOf(state).term).toBe(7);
  });

  test("takes up nothing that the kernel has no longer: the memory may be older than that", () => {
    const state = leased({ memory, leaseUntil: 2000 });
    const effects = acts(state, [kernel("absent")], 0);
    expect(types(effects)).not.toContain("run");
    expect(types(effects)).toContain("revoke");
  });

  test("believes no heartbeat of a peer that it knew before", () => {
    const state = leased({ memory });
    acts(state, [], 0);
    acts(state, [said(state, 100, { sequence: 500, hears: [] })], 100);
    expect(peerOf(state).liveness).toBe("unknown");
    acts(state, [said(state, 200, { sequence: 501, hears: [] })], 200);
    expect(peerOf(state).liveness).toBe("up");
  });

  test("stands by for what the operator moved away", () => {
    const resting: Memory = { ...memory, groups: [], resting: [claim().group] };
    const state = leased({ memory: resting });
    const effects = acts(state, [], 0);
    const spoken = effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
    expect(spoken[0]?.stances).toMatchObject([{ at: "yields", to: beta }]);
  });
});

test("what the next life must know is said when it changes, and every ten seconds", () => {
  const state = holder();
  const first = acts(state, [], 0);
  expect(remembered(first)?.groups).toHaveLength(1);
  expect(remembered(acts(state, [], 100))).toBeUndefined();
  const heard = acts(state, [said(state, 200)], 200);
  expect(remembered(heard)?.peers).toMatchObject([{ node: beta, sequence: 201 }]);
  expect(remembered(acts(state, [said(state, 300)], 300))).toBeUndefined();
  const effects = pass(state, { from: 400, to: 10_400 }, (at) => [said(state, at)]);
  expect(effects.filter(({ type }) => type === "remember")).toHaveLength(1);
  state.nextKeepalive = instant(90_000);
  expect(nextDeadline(state).at).toBeLessThan(90_000);
});
