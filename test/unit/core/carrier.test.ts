/**
 * alpha holds the address, and its interface loses its carrier; beta, and gamma, are heard.
 */
import { describe, expect, test } from "vitest";
import type { AddressFact, Effect, Input, Message, State } from "../../../src/core/index.ts";
import { groupName, statusOf } from "../../../src/core/index.ts";
import { groupDue } from "../../../src/core/settle.ts";
import { instant, millis } from "../../../src/std/time.ts";
import { addressGroup, vip } from "../../sim/configs.ts";
import { acts, holder, leased, of, said } from "./lease-support.ts";
import { active as original, said as saidTo, settled } from "./original-support.ts";
import { alpha, beta, claim, gamma, groupOf, held, starting } from "./support.ts";

const none = "eth0 has no carrier";

function cable(doubt: string | undefined, resource: string = vip): Input {
  return kernel({ resource, present: "ours", doubt });
}

/** The same of a node that holds nothing. */
function bareCable(doubt: string | undefined): Input {
  return kernel({ resource: vip, present: "absent", doubt });
}

function kernel(fact: Pick<AddressFact, "resource" | "present" | "doubt">): Input {
  return { type: "host", addresses: [{ group: vip, obstacle: undefined, ...fact }] };
}

/** Why, and to whom, alpha gives the group up. */
function givenUp(effects: readonly Effect[]): readonly string[] {
  return effects.flatMap((effect) =>
    effect.type === "tell" && effect.notice.code === "group-giving-up"
      ? [`${effect.notice.reason} to ${effect.notice.to}`]
      : [],
  );
}

function spoken(effects: readonly Effect[]): readonly Message[] {
  return effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
}

/** alpha holds it, beta stands by, and both have heard each other. */
function pair(shape: Parameters<typeof holder>[0] = {}): State {
  const state = holder(shape);
  acts(state, [cable(undefined)], 0);
  acts(state, [said(state, 100)], 100);
  return state;
}

/** The carrier goes at 200, and beta says this at 210. */
function lost(state: State, change: Partial<Message> = {}): Effect[] {
  const first = acts(state, [cable(none)], 200);
  return [...first, ...acts(state, [said(state, 210, change)], 210)];
}

function betaHolds(state: State, at: number): Input {
  return said(state, at, { claims: [claim({ group: vip })] });
}

describe("a holder without carrier", () => {
  test("says so at once, and waits for an answer that was given knowing it", () => {
    const state = pair();
    const out = acts(state, [cable(none)], 200);
    expect(givenUp(out)).toEqual([]);
    const [message] = spoken(out);
    expect(message?.stances).toEqual([{ group: vip, at: "refuses", why: none }]);
    expect(message?.changed).toBe(message?.sequence);
    const before = { hears: [{ node: alpha, generation: 1, sequence: message!.sequence - 1 }] };
    expect(givenUp(acts(state, [said(state, 205, before)], 205))).toEqual([]);
    expect(givenUp(acts(state, [said(state, 210)], 210))).toEqual(["unplugged to beta"]);
  });

  test.each<[string, Partial<Message>]>([
    ["has no carrier itself", { stances: [{ group: vip, at: "refuses", why: none }] }],
    ["is stopping", { phase: "leaving" }],
    ["is being replaced", { phase: "away", back: millis(15_000) }],
    ["still listens for its peers", { phase: "up" }],
    ["is silent itself", { lease: millis(0) }],
    [
      "is in maintenance",
      { maintenance: { on: true, version: 1, by: beta, left: undefined, reason: "" } },
    ],
    ["does not hear it", { hears: [] }],
  ])("keeps the group if the peer %s", (_, change) => {
    const state = pair();
    expect(givenUp(lost(state, change))).toEqual([]);
    expect(groupOf(state).local.at).toBe("held");
  });

  test("gives up what is only being started", () => {
    const state = pair();
    groupOf(state).local = starting(0);
    state.jobs.clear();
    expect(givenUp(lost(state))).toEqual(["unplugged to beta"]);
  });

  test("of one address of two gives up both", () => {
    const group = addressGroup(vip, [alpha, beta]);
    const second = { ...group.resources[0]!, name: "10.1.0.100" };
    const state = pair({ groups: [{ ...group, resources: [...group.resources, second] }] });
    acts(state, [cable(undefined, "10.1.0.100")], 150);
    expect(givenUp(lost(state))).toEqual(["unplugged to beta"]);
  });

  test("gives it to the most preferred of the others that can take it", () => {
    const state = holder({ names: ["alpha", "beta", "gamma"] });
    acts(state, [cable(undefined)], 0);
    acts(state, [said(state, 100), said(state, 100, of(gamma))], 100);
    acts(state, [cable(none)], 200);
    const refuses = { stances: [{ group: vip, at: "refuses" as const }] };
    const out = acts(state, [said(state, 210, refuses), said(state, 210, of(gamma))], 210);
    expect(givenUp(out)).toEqual(["unplugged to gamma"]);
  });

  test("offers it to an original, which does not say whether it has a carrier", () => {
    const talk = settled();
    const doubt = { group: vip, resource: vip, present: "ours", doubt: none } as const;
    groupOf(talk.state).facts.set(vip, { ...doubt, obstacle: undefined });
    expect(saidTo(talk.hear(original))).toContain("ask_resources local me");
  });

  test("is called wrong by the node that sees it", () => {
    const state = leased();
    acts(state, [], 0);
    const claims = [claim({ group: vip })];
    const stances = [{ group: vip, at: "refuses" as const, why: none }];
    acts(state, [said(state, 100, { claims, stances })], 100);
    const { redundancy, groups } = statusOf(state, instant(100));
    expect(groups[0]?.nodes[1]).toMatchObject({ node: beta, able: false, why: none });
    const wrong = `${vip} is held by beta, and something is wrong with it there: ${none}`;
    expect(redundancy.why).toContain(wrong);
  });
});

/** beta holds it, and says so each time; alpha has had no carrier until 1000. */
function back(): State {
  const state = leased();
  groupOf(state).local = { at: "stopped" };
  acts(state, [bareCable(none)], 0);
  acts(state, [betaHolds(state, 900)], 900);
  acts(state, [bareCable(undefined)], 1000);
  return state;
}

/** What alpha says of the group when it speaks next. */
function stance(state: State, at: number): Message["stances"][number] | undefined {
  state.nextKeepalive = instant(at);
  return spoken(acts(state, [betaHolds(state, at)], at))[0]?.stances[0];
}

describe("a carrier that is back", () => {
  test("is not trusted for two seconds, and for thirty nothing goes home", () => {
    const state = back();
    expect(stance(state, 2999)).toMatchObject({ at: "refuses", why: /^has its carrier back/u });
    expect(stance(state, 3000)).toMatchObject({ at: "yields", to: beta });
    expect(statusOf(state, instant(3000)).groups[0]?.nodes[0]).toMatchObject({
      able: true,
      rests: false,
    });
    expect(stance(state, 30_999)).toMatchObject({ at: "yields", to: beta });
    expect(stance(state, 31_000)).toBeUndefined();
  });

  test("has deadlines of its own", () => {
    const state = back();
    expect(groupDue(groupOf(state), instant(1000))).toContain(3000);
    acts(state, [], 3000);
    expect(groupDue(groupOf(state), instant(3000))).toContain(31_000);
  });

  test("that goes again begins anew", () => {
    const state = back();
    stance(state, 3000);
    acts(state, [bareCable(none)], 4000);
    acts(state, [bareCable(undefined)], 5000);
    expect(stance(state, 6999)).toMatchObject({ at: "refuses" });
    expect(stance(state, 31_000)).toMatchObject({ at: "yields" });
  });

  test("while its scripts still stop is not trusted either", () => {
    const state = pair({ groups: [addressGroup(vip, [alpha, beta], ["nginx"])] });
    lost(state);
    acts(state, [cable(undefined)], 300);
    expect(groupOf(state).local.at).toBe("stopping");
    expect(groupOf(state).plugged).toMatchObject({ at: 300, to: beta });
  });

  test("of what nobody holds is trusted at once", () => {
    const state = leased();
    acts(state, [bareCable(none)], 0);
    acts(state, [said(state, 100)], 100);
    const [message] = spoken(acts(state, [bareCable(undefined)], 200));
    expect(message?.stances).toEqual([]);
  });

  test("of what this node holds changes nothing", () => {
    const state = pair();
    acts(state, [cable(none)], 200);
    acts(state, [cable(undefined)], 201);
    expect(givenUp(acts(state, [said(state, 210)], 210))).toEqual([]);
    expect(groupOf(state).local).toEqual(held());
    expect(groupOf(state).plugged).toBeUndefined();
  });
});

test("who takes what another one cannot hold says why, and so does the status of both", () => {
  const state = leased();
  acts(state, [bareCable(undefined)], 0);
  const refuses = { stances: [{ group: vip, at: "refuses" as const, why: none }] };
  acts(state, [said(state, 100, { claims: [claim({ group: vip })], ...refuses })], 100);
  const out = acts(state, [said(state, 110, { ...refuses, changed: 111 })], 110);
  const more = acts(state, [said(state, 120, refuses)], 120);
  expect([...out, ...more]).toContainEqual({
    type: "tell",
    notice: {
      code: "group-taking",
      group: groupName(vip),
      term: 2,
      reason: "peer-refused",
      cause: none,
    },
  });
  const { groups } = statusOf(state, instant(120));
  expect(groups[0]?.reason).toBe(`beta could not hold it: ${none}`);
});
