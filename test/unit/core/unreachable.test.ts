import { describe, expect, test } from "vitest";
import type { Effect, Input, Message, State } from "../../../src/core/index.ts";
import { nextDeadline, statusOf } from "../../../src/core/index.ts";
import { instant, millis } from "../../../src/std/time.ts";
import { fencingBy, vip } from "../../sim/configs.ts";
import type { LeaseShape } from "./lease-support.ts";
import { acts, leased, said, told, types } from "./lease-support.ts";
import { alpha, beta, claim, gamma, groupOf, peerOf } from "./support.ts";

const refusal: Input = { type: "unreachable", node: beta };
const answer: Input = { type: "sighting", group: vip, mac: "02:00:00:00:00:0b" };
const claims = [claim({ term: 3, pinned: true })];

/** beta holds the address by a lease of 3600 ms of 4000; its last heartbeat comes at 1 s. */
function watched(change: Partial<Message> = {}, shape: LeaseShape = {}): State {
  const state = leased(shape);
  acts(state, [], 0);
  acts(state, [said(state, 100, { claims, ...change })], 100);
  acts(state, [said(state, 1000, { claims, ...change })], 1000);
  return state;
}

/** As the loop takes turns: at every deadline, and whenever something comes in. */
function live(
  state: State,
  to: number,
  inbox: Readonly<Record<number, readonly Input[]>> = {},
): { readonly at: number; readonly effects: readonly Effect[] }[] {
  const turns = [];
  const arrivals = Object.keys(inbox).map(Number);
  for (;;) {
    const { at: due } = nextDeadline(state);
    const at = Math.min(due, ...arrivals.filter((each) => each > state.now));
    if (at > to) return turns;
    turns.push({ at, effects: acts(state, inbox[at] ?? [], at) });
  }
}

type Turns = ReturnType<typeof live>;

function askedAt(turns: Turns): number[] {
  return turns.filter(({ effects }) => types(effects).includes("probe")).map(({ at }) => at);
}

function toldAt(turns: Turns, code: string): number | undefined {
  return turns.find(({ effects }) => (told(effects) as string[]).includes(code))?.at;
}

/** Its lease, a thousandth of it for two clocks, and an eighth of the margin. */
const asked = 1000 + 3600 * 1.001 + 50;

describe("from a peer whose kernel refuses heartbeats", () => {
  test.each([
    ["preferred", [alpha, beta]],
    ["the other one", [beta, alpha]],
  ])("is taken when its lease has ended and two questions were in vain: by %s", (_, nodes) => {
    const state = watched();
    groupOf(state).config = { ...groupOf(state).config, nodes };
    const turns = live(state, 6000, { 2000: [refusal] });
    expect(toldAt(turns, "peer-unreachable")).toBe(2000);
    expect(askedAt(turns)).toEqual([asked, asked + 50]);
    expect(toldAt(turns, "peer-dead")).toBe(asked + 100);
    expect(toldAt(turns, "group-taking")).toBe(asked + 100);
  });

  test("is taken after its lease as it says it, its kernel being late", () => {
    const lease = millis(3700);
    const turns = live(watched({ lease }), 6000, { 2000: [refusal] });
    expect(askedAt(turns)[0]).toBeCloseTo(1000 + 3700 * 1.001 + 50);
  });

  test("is taken as ever if the rest of deadtime is shorter", () => {
    const turns = live(watched({ lease: millis(3900) }), 6000, { 2000: [refusal] });
    expect(askedAt(turns)[0]).toBe(4800);
    expect(toldAt(turns, "group-taking")).toBe(5000);
  });

  test("is taken two questions later if its kernel says so only then", () => {
    const turns = live(watched(), 6000, { 4700: [refusal] });
    expect(askedAt(turns)).toEqual([4700, 4750]);
    expect(toldAt(turns, "group-taking")).toBe(4800);
  });

  test("nothing is taken early if the network answers: it lives, or its lease does", () => {
    const turns = live(watched(), 8000, { 2000: [refusal], 4654: [answer], 4811: [answer] });
    expect(toldAt(turns, "peer-dead")).toBe(5000);
    expect(toldAt(turns, "group-taking")).toBeUndefined();
    expect(toldAt(turns, "takeover-held-off")).toBe(5000);
  });

  test("what only its lease had answered is taken at deadtime", () => {
    const turns = live(watched(), 8000, { 2000: [refusal], 4654: [answer], 4700: [refusal] });
    expect(askedAt(turns)[1]).toBe(4800);
    expect(toldAt(turns, "group-taking")).toBe(5000);
  });

  test("nothing is taken if it is heard again", () => {
    const state = watched();
    const back = said(state, 4660, { claims });
    const turns = live(state, 9000, { 2000: [refusal], 4660: [back], 4670: [refusal] });
    expect(toldAt(turns, "peer-dead")).toBe(4660 + 3600 * 1.001 + 150);
  });

  test("the later one of three in the files still asks for longer", () => {
    const state = watched({}, { names: ["gamma", "alpha", "beta"] });
    const dead = { ...said(state, 1000, { from: gamma, boot: "00000000000000c1", phase: "gone" }) };
    const turns = live(state, 8000, { 1001: [dead], 2000: [refusal] });
    expect(toldAt(turns, "peer-dead")).toBe(asked + 100);
    expect(toldAt(turns, "group-taking")).toBe(asked + 150);
  });
});

describe("what a kernel says of a daemon changes nothing", () => {
  const cases: readonly (readonly [string, Partial<Message>, LeaseShape])[] = [
    ["without a lease", { lease: undefined }, {}],
    ["if its lease has lapsed, and may begin anew", { lease: millis(0) }, {}],
    ["if it holds nothing", { claims: [] }, {}],
    ["if it is away", { phase: "away", back: millis(4000) }, {}],
    ["where a device makes sure of it", {}, { fencing: fencingBy("power") }],
    ["where a witness decides", {}, { hasWitness: true }],
  ];
  test.each(cases)("%s", (_, change, shape) => {
    const turns = live(watched(change, shape), 6000, { 2000: [refusal] });
    expect(toldAt(turns, "peer-dead")).toBe(5000);
    expect(askedAt(turns).every((at) => at >= 4800)).toBe(true);
  });

  test("if this node did not run meanwhile: it may have been heard", () => {
    const state = watched();
    live(state, 2500, { 2000: [refusal] });
    acts(state, [], 6000);
    expect(peerOf(state).liveness).not.toBe("dead");
    expect(peerOf(state).unreachable).toBeUndefined();
  });

  test("for a peer that is unknown, or has left", () => {
    const state = leased();
    acts(state, [refusal], 10);
    expect(peerOf(state).unreachable).toBeUndefined();
    acts(state, [said(state, 100, { phase: "gone" })], 100);
    expect(told(acts(state, [refusal], 200))).toEqual([]);
  });
});

test("an overdue holder is sent heartbeats directly, until its kernel has spoken", () => {
  const state = watched();
  const turns = live(state, 4200, { 3200: [refusal] });
  const directly = turns.flatMap(({ at, effects }) =>
    effects.flatMap((effect) => (effect.type === "send" ? [[at, effect.directly?.[0]]] : [])),
  );
  expect(directly).toEqual([
    [2125, undefined],
    [3125, beta],
    [4125, undefined],
  ]);
});

test("the status says why a peer is not expected back", () => {
  const state = watched();
  live(state, 2500, { 2000: [refusal] });
  expect(statusOf(state, instant(2500)).redundancy.why).toContain(
    "beta has no daemon that listens, its kernel says",
  );
});

test("a node that did not run asks again before it believes that nobody answers", () => {
  const state = watched();
  live(state, 5000, { 4811: [answer] });
  expect(groupOf(state).usage.heldOff).toBeDefined();
  // Held off it asks once a keepalive, the last time at 8 s, and sleeps then.
  const asks = askedAt(live(state, 8900, { 7900: [answer] }));
  const woken = asks.at(-1)! + 4200;
  expect(told(acts(state, [], woken))).not.toContain("group-taking");
});
