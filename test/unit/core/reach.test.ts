import { describe, expect, test } from "vitest";
import type { Effect, Input, Message, State } from "../../../src/core/index.ts";
import { nextDeadline, statusOf, step } from "../../../src/core/index.ts";
import { newOriginal } from "../../../src/core/original.ts";
import { candidatesOf } from "../../../src/core/placement.ts";
import { instant } from "../../../src/std/time.ts";
import { clusterOf, eth0, vip } from "../../sim/configs.ts";
import {
  alpha,
  beta,
  gamma,
  groupOf,
  held,
  heartbeat,
  peerOf,
  stateOf,
  taking,
} from "./support.ts";

const gateway: Input = { type: "pong", ping: "gateway" };

/** alpha holds the address and has a gateway; beta has just been heard. */
function holder(names: readonly string[] = ["alpha", "beta"]): State {
  const state = stateOf(names, { pings: ["gateway"] });
  groupOf(state).local = held();
  step(state, [gateway], instant(0));
  return state;
}

/** What beta says at a moment, having heard all that alpha has said. */
function said({ generation, sequence }: State, at: number, change: Partial<Message> = {}): Input {
  const message = heartbeat({
    sequence: at + 1,
    hears: [{ node: alpha, generation, sequence }],
    ...change,
  });
  return { type: "message", medium: eth0, message };
}

/** Lets both live from the moment `from` to `to`, beta saying this every 100 ms; alpha hears no gateway. */
function live(state: State, from: number, to: number, change: Partial<Message>): Effect[] {
  const effects: Effect[] = [];
  for (let at = from; at <= to; at += 100) {
    effects.push(...step(state, [said(state, at, change)], instant(at)));
  }
  return effects;
}

function told(effects: readonly Effect[]): string[] {
  return effects.flatMap((effect) => (effect.type === "tell" ? [effect.notice.code] : []));
}

function obstacle(state: State, node = alpha): string | undefined {
  return candidatesOf(state, groupOf(state)).find((each) => each.node === node)?.obstacle;
}

/** What alpha says next. */
function says(state: State, inputs: readonly Input[], at: number): Message | undefined {
  const effects = step(state, inputs, instant(at));
  return effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []))[0];
}

describe("a node says how many ping nodes it reaches", () => {
  test("nothing if none are configured", () => {
    expect(says(stateOf(), [], 0)?.reach).toBeUndefined();
  });

  test("nothing before it knows of every one, and then at once", () => {
    const state = stateOf(["alpha", "beta"], { pings: ["gateway", "tester"] });
    expect(says(state, [gateway], 0)?.reach).toBeUndefined();
    expect(says(state, [{ type: "pong", ping: "tester" }], 10)).toMatchObject({
      reach: 2,
      changed: 2,
    });
    expect(says(state, [gateway], 1010)?.changed).toBe(2);
    step(state, [gateway], instant(2500));
    expect(says(state, [], 4010)).toMatchObject({ reach: 1 });
  });

  test("what it said before, while it does not know of one that is new in its files", () => {
    const state = holder();
    const config = clusterOf(["alpha", "beta"], { pings: ["gateway", "tester"] })[0]!;
    const both = { ...config, digest: "00000000000000bb" };
    expect(says(state, [{ type: "configured", config: both }], 100)?.reach).toBe(1);
    expect(says(state, [gateway, { type: "pong", ping: "tester" }], 200)?.reach).toBe(2);
    const none = { ...config, pings: [] };
    expect(says(state, [{ type: "configured", config: none }], 300)?.reach).toBeUndefined();
  });
});

test("an answer of a ping node that is not configured changes nothing", () => {
  const state = holder();
  const before = structuredClone(state.pings);
  step(state, [{ type: "pong", ping: "stranger" }], instant(1));
  expect(state.pings).toEqual(before);
});

test("ping nodes are asked at once, and then at every interval", () => {
  const state = stateOf(["alpha", "beta"], { pings: ["gateway"] });
  const asks = [0, 999, 1000, 1500, 2000].map((at) =>
    step(state, [], instant(at)).some(({ type }) => type === "ask"),
  );
  expect(asks).toEqual([true, false, true, false, true]);
  expect(step(stateOf(), [], instant(0)).some(({ type }) => type === "ask")).toBe(false);
});

test("the death of a ping node is a deadline", () => {
  const state = holder();
  state.nextAsk = instant(9000);
  state.nextKeepalive = instant(9000);
  for (const peer of state.peers.values()) peer.joinsAt = instant(9000);
  expect(nextDeadline(state)).toEqual({ at: 4000, why: "ping nodes" });
});

describe("a holder that reaches fewer ping nodes than another node", () => {
  test("gives up when that has lasted for two keepalives, and says why", () => {
    const state = holder();
    live(state, 100, 3900, { reach: 1 });
    expect(told(live(state, 4000, 5900, { reach: 1 }))).toEqual(["ping-dead"]);
    expect(groupOf(state).local.at).toBe("held");
    const effects = live(state, 6000, 6000, { reach: 1 });
    expect(told(effects)).toEqual(["group-obstructed", "group-giving-up"]);
    expect(groupOf(state).local.at).toBe("stopping");
    expect(obstacle(state)).toBe("reaches fewer ping nodes than beta (0 of 1, beta 1)");
    const message = effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
    const why = "reaches fewer ping nodes than beta (0 of 1, beta 1)";
    expect(message[0]?.stances).toEqual([{ group: vip, at: "refuses", why }]);
  });

  test("can be woken for that", () => {
    const state = holder();
    live(state, 100, 4000, { reach: 1 });
    state.nextAsk = instant(9000);
    state.nextKeepalive = instant(9000);
    peerOf(state).judgedFrom = instant(9000);
    for (const link of peerOf(state).links.values()) link.judgedFrom = instant(9000);
    expect(nextDeadline(state).at).toBe(6000);
  });

  test("keeps it if the other loses as much before that", () => {
    const state = holder();
    live(state, 100, 5900, { reach: 1 });
    expect(told(live(state, 6000, 12_000, { reach: 0, changed: 6001 }))).toEqual([]);
    expect(groupOf(state).local.at).toBe("held");
  });

  test("counts anew if the other was worse in between", () => {
    const state = holder();
    live(state, 100, 5800, { reach: 1 });
    live(state, 5900, 5900, { reach: 0 });
    live(state, 6000, 7900, { reach: 1 });
    expect(groupOf(state).local.at).toBe("held");
    live(state, 8000, 8000, { reach: 1 });
    expect(groupOf(state).local.at).toBe("stopping");
  });

  test.each<[string, Partial<Message>]>([
    ["does not say how many", { reach: undefined }],
    ["has other files, so other ping nodes perhaps", { reach: 1, digest: "00000000000000bb" }],
    ["does not hear us", { reach: 1, hears: [] }],
    ["cannot hold the group", { reach: 1, stances: [{ group: vip, at: "refuses" }] }],
    ["is stopping", { reach: 1, phase: "leaving" }],
  ])("keeps it if the other %s", (_, change) => {
    const state = holder();
    live(state, 100, 12_000, change);
    expect(state.reach).toBe(0);
    expect(groupOf(state).local.at).toBe("held");
  });

  test("keeps it when the other is silent, though it was not called dead yet", () => {
    const state = holder();
    live(state, 100, 100, { reach: 1 });
    // All media are down: silence is nobody's death.
    const deaf: Input = { type: "medium", medium: eth0, fault: "down", canHear: false };
    step(state, [deaf], instant(200));
    for (let at = 300; at < 12_000; at += 100) step(state, [], instant(at));
    expect(state.reach).toBe(0);
    expect(peerOf(state).liveness).toBe("up");
    expect(groupOf(state).local.at).toBe("held");
  });

  test("keeps it when the other is an original that has fallen silent, too", () => {
    const state = holder();
    live(state, 100, 100, { reach: 1 });
    peerOf(state).original = newOriginal(instant(100));
    // As if this node were deaf: it does not die.
    for (let at = 200; at < 12_000; at += 100) {
      peerOf(state).judgedFrom = instant(at);
      step(state, [], instant(at));
    }
    expect(state.reach).toBe(0);
    expect(groupOf(state).behind).toBeUndefined();
  });

  test("waits anew when it did not run while it waited", () => {
    const state = holder();
    live(state, 100, 4500, { reach: 1 });
    live(state, 6600, 8500, { reach: 1 });
    expect(groupOf(state).local.at).toBe("held");
    live(state, 8600, 8600, { reach: 1 });
    expect(groupOf(state).local.at).toBe("stopping");
  });

  test("gets the whole time again when it did not run", () => {
    const state = holder();
    live(state, 100, 3900, { reach: 1 });
    expect(told(live(state, 6500, 10_400, { reach: 1 }))).toEqual(["stalled"]);
    expect(told(live(state, 10_500, 10_500, { reach: 1 }))).toEqual(["ping-dead"]);
    live(state, 10_600, 12_400, { reach: 1 });
    expect(groupOf(state).local.at).toBe("held");
    live(state, 12_500, 12_500, { reach: 1 });
    expect(groupOf(state).local.at).toBe("stopping");
  });
});

/** Since the moment 6000. */
function behind(): State {
  const state = holder();
  groupOf(state).local = { at: "stopped" };
  live(state, 100, 6000, { reach: 1 });
  expect(groupOf(state).behind).toBe(beta);
  return state;
}

describe("a node that was worse connected", () => {
  test("can hold a group again when it has been as good for two keepalives", () => {
    const state = behind();
    step(state, [gateway], instant(6010));
    expect(obstacle(state)).toBe("reached fewer ping nodes than beta");
    live(state, 6100, 8000, { reach: 1 });
    expect(groupOf(state).behind).toBe(beta);
    expect(told(live(state, 8100, 8100, { reach: 1 }))).toContain("group-eligible");
    expect(obstacle(state)).toBeUndefined();
  });

  test("can hold it at once when the other cannot", () => {
    const state = behind();
    expect(told(live(state, 6100, 6100, { reach: 1, phase: "leaving" }))).toContain(
      "group-eligible",
    );
  });

  test("says so as news, so that nothing is taken before all know it", () => {
    const state = behind();
    const { sequence } = state;
    live(state, 6100, 6100, { reach: 1, phase: "leaving" });
    expect(groupOf(state).saidSince).toBe(sequence + 1);
  });
});

test("of several that are better connected the best one is named", () => {
  const state = stateOf(["alpha", "beta", "gamma"], { pings: ["gateway", "tester"] });
  state.reach = 0;
  for (const [name, reach] of [
    [beta, 1],
    [gamma, 2],
  ] as const) {
    Object.assign(peerOf(state, name), { liveness: "up", reach, phase: "active" });
    peerOf(state, name).digest = state.config.digest;
    peerOf(state, name).lead = { counts: true, since: undefined };
    peerOf(state, name).acked = { sequence: 1, sentAt: instant(0), until: instant(4000) };
  }
  for (const ping of state.pings.values()) ping.state = "dead";
  step(state, [], instant(0));
  expect(groupOf(state).behind).toBe(gamma);
});

/** alpha is not the home; beta, the home, says this. */
function foreign(change: Partial<Message>): State {
  const state = holder();
  const group = groupOf(state);
  group.config = { ...group.config, nodes: [beta, alpha] };
  group.local = { at: "held", taking: taking(), since: instant(0) };
  for (let at = 100; at <= 1000; at += 100) {
    step(state, [gateway, said(state, at, change)], instant(at));
  }
  return state;
}

describe("a group does not go home", () => {
  test.each([
    ["that does not know yet which ping nodes it reaches", undefined, "held"],
    ["that reaches fewer, though that has not lasted yet", 0, "held"],
    ["unless it reaches as many", 1, "stopping"],
  ])("to one %s", (_, reach, at) => {
    expect(groupOf(foreign({ reach })).local.at).toBe(at);
  });
});

test("the status shows ping nodes, and calls a dead one a problem", () => {
  const state = holder();
  const shown = (at: number) => statusOf(state, instant(at));
  expect(shown(20).pings).toEqual([{ name: "gateway", state: "up", lastHeardMs: 20 }]);
  live(state, 100, 4000, { reach: 0 });
  expect(shown(4000).pings).toEqual([{ name: "gateway", state: "dead", lastHeardMs: 4000 }]);
  expect(shown(4000).redundancy.why).toContain("ping node gateway does not answer");
});

test("of a peer that stands back because of its ping nodes the reason is known", () => {
  const state = holder();
  const refuses = { group: vip, at: "refuses" } as const;
  step(state, [gateway, said(state, 100, { reach: 0, stances: [refuses] })], instant(100));
  expect(obstacle(state, beta)).toBe("reaches fewer ping nodes than alpha (0 of 1, alpha 1)");
  step(state, [said(state, 200, { reach: 1, stances: [refuses] })], instant(200));
  expect(obstacle(state, beta)).toBe("refuses it: see its own status");
});
