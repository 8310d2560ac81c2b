import { describe, expect, test } from "vitest";
import type { CoreConfig, Input, State } from "../../../src/core/index.ts";
import { mediumName, nodeName, statusOf, step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { addressGroup, clusterOf, eth0, timing, vip } from "../../sim/configs.ts";
import { alpha, beta, claim, gamma, groupOf, heartbeat, peerOf, stateOf } from "./support.ts";

const configured = (config: CoreConfig): Input => ({ type: "configured", config });

function configOf(names: readonly string[]): CoreConfig {
  return clusterOf(names).find(({ self }) => self === alpha)!;
}

/** beta says at every second from `from` to `to` that it holds the address. */
function betaHolds(state: State, from: number, to: number): void {
  for (let second = from; second <= to; second++) {
    const message = heartbeat({ sequence: second + 1, claims: [claim({ term: 3 })] });
    step(state, [{ type: "message", medium: eth0, message }], instant(second * 1000));
  }
}

describe("a reload", () => {
  test("that adds a node gives it the time to be heard before it is called dead", () => {
    const state = stateOf(["alpha", "beta"]);
    betaHolds(state, 0, 60);
    step(state, [configured(configOf(["alpha", "beta", "gamma"]))], instant(60_500));
    expect(peerOf(state, gamma).liveness).toBe("unknown");
    betaHolds(state, 61, 64);
    expect(peerOf(state, gamma).liveness).toBe("unknown");
    betaHolds(state, 65, 65);
    expect(peerOf(state, gamma).liveness).toBe("dead");
  });

  test("that leaves out a living node takes nothing that it holds until it falls silent", () => {
    const state = stateOf(["alpha", "beta"]);
    betaHolds(state, 0, 10);
    step(state, [configured(configOf(["alpha", "bta"]))], instant(10_500));
    betaHolds(state, 11, 30);
    expect(groupOf(state).local.at).toBe("stopped");
    for (let at = 30_500; at <= 34_000; at += 500) step(state, [], instant(at));
    expect(groupOf(state).local.at).toBe("starting");
    expect(state.peers.has(beta)).toBe(false);
  });

  test("that adds a medium counts as a link on which nobody was heard yet", () => {
    const state = stateOf(["alpha", "beta"]);
    betaHolds(state, 0, 3);
    const eth1 = mediumName("eth1");
    step(
      state,
      [configured({ ...configOf(["alpha", "beta"]), media: [eth0, eth1] })],
      instant(3500),
    );
    expect(statusOf(state, instant(3500)).redundancy.why).toContain("beta was never heard on eth1");
  });

  test("that changes a group stops it as it was and starts it as it is, and lets go of it never", () => {
    const state = stateOf(["alpha"]);
    step(state, [], instant(0));
    step(
      state,
      [{ type: "jobDone", job: [...state.jobs.keys()][0]!, outcome: { type: "succeeded" } }],
      instant(1),
    );
    expect(groupOf(state).local.at).toBe("held");
    const changed = { ...configOf(["alpha"]), groups: [addressGroup(vip, [alpha], ["nginx"])] };
    step(state, [configured(changed)], instant(2));
    expect(groupOf(state).local.at).toBe("stopping");
    step(
      state,
      [{ type: "jobDone", job: [...state.jobs.keys()][0]!, outcome: { type: "succeeded" } }],
      instant(3),
    );
    expect(groupOf(state).local.at).toBe("starting");
    expect(groupOf(state).config.resources).toHaveLength(2);
  });

  test("that takes out a group gives it up and forgets it", () => {
    const state = stateOf(["alpha"]);
    step(state, [], instant(0));
    step(
      state,
      [{ type: "jobDone", job: [...state.jobs.keys()][0]!, outcome: { type: "succeeded" } }],
      instant(1),
    );
    step(state, [configured({ ...configOf(["alpha"]), groups: [] })], instant(2));
    step(
      state,
      [{ type: "jobDone", job: [...state.jobs.keys()][0]!, outcome: { type: "succeeded" } }],
      instant(3),
    );
    step(state, [], instant(4));
    expect(state.groups.size).toBe(0);
  });
});

test("a node none of whose media is open calls nobody dead, for it cannot hear", () => {
  const state = stateOf(["alpha", "beta"]);
  const fault = {
    type: "medium",
    medium: eth0,
    fault: "there is no interface eth0",
    canHear: false,
  } as const;
  step(state, [fault], instant(0));
  for (let at = 500; at <= 60_000; at += 500) step(state, [], instant(at));
  expect(peerOf(state).liveness).toBe("unknown");
  expect(groupOf(state).local.at).toBe("stopped");
  step(state, [{ ...fault, fault: undefined, canHear: true }], instant(60_500));
  for (let at = 61_000; at < 60_000 + timing.deadtime; at += 500) step(state, [], instant(at));
  expect(peerOf(state).liveness).toBe("unknown");
  step(state, [], instant(60_000 + timing.deadtime));
  expect(peerOf(state).liveness).toBe("dead");
});

test("the age of what is known of a dead peer grows on, also over a stall", () => {
  const state = stateOf(["alpha", "beta"]);
  betaHolds(state, 0, 0);
  for (let at = 500; at <= 10_000; at += 500) step(state, [], instant(at));
  step(state, [], instant(15_000));
  expect(statusOf(state, instant(15_000)).peers[0]!.lastHeardMs).toBe(15_000);
  expect(nodeName("beta")).toBe(beta);
});

test("a cable without carrier may have died at the other end: its peer is called dead", () => {
  const state = stateOf(["alpha", "beta"]);
  betaHolds(state, 0, 0);
  const fault = {
    type: "medium",
    medium: eth0,
    fault: "eth0 has no carrier",
    canHear: true,
  } as const;
  step(state, [fault], instant(500));
  for (let at = 1000; at <= timing.deadtime; at += 500) step(state, [], instant(at));
  expect(peerOf(state).liveness).toBe("dead");
  expect(groupOf(state).local.at).toBe("starting");
});

test("files that were refused are a reason to worry until they are mended", () => {
  const state = stateOf(["alpha"]);
  const refused = {
    type: "misconfigured",
    errors: 2,
    first: "ha.cf:4: unknown directive",
  } as const;
  const codes = step(state, [refused], instant(0)).flatMap((effect) =>
    effect.type === "tell" ? [effect.notice.code] : [],
  );
  expect(codes).toContain("reload-refused");
  expect(statusOf(state, instant(0)).redundancy.why.join()).toContain("ha.cf:4: unknown directive");
  step(state, [configured(configOf(["alpha"]))], instant(1));
  expect(statusOf(state, instant(1)).redundancy.why.join()).not.toContain("ha.cf");
});
