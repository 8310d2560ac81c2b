import { describe, expect, test } from "vitest";
import type { Effect, Input, State } from "../../../src/core/index.ts";
import { millis } from "../../../src/std/time.ts";
import { vip } from "../../sim/configs.ts";
import { acts, leased, of, pass, said, told, types } from "./lease-support.ts";
import { alpha, beta, claim, gamma, groupOf, peerOf } from "./support.ts";

const stranger = "02:00:00:00:00:99";
const sighting: Input = { type: "sighting", group: vip, mac: stranger };

/** beta, preferred by nobody, holds the address; its last heartbeat comes at 1 s. */
function watched(change: Parameters<typeof said>[2] = {}): State {
  const state = leased();
  acts(state, [], 0);
  const claims = [claim({ term: 3, pinned: true })];
  acts(state, [said(state, 100, { claims, ...change })], 100);
  acts(state, [said(state, 1000, { claims, ...change })], 1000);
  return state;
}

function takes(effects: readonly Effect[]): boolean {
  return told(effects).includes("group-taking");
}

/** Every millisecond: what is in the inbox at each. */
function watch(
  state: State,
  { from, to }: { readonly from: number; readonly to: number },
  inbox: (at: number) => readonly Input[] = () => [],
): { readonly at: number; readonly effects: readonly Effect[] }[] {
  const turns = [];
  for (let at = from; at <= to; at += 10) turns.push({ at, effects: acts(state, inbox(at), at) });
  return turns;
}

describe("before it takes from a peer that has a lease", () => {
  test("a node asks the network in the last moments of deadtime, and takes in time", () => {
    const state = watched();
    const turns = watch(state, { from: 1010, to: 5200 });
    const asked = turns.find(({ effects }) => types(effects).includes("probe"));
    const taken = turns.find(({ effects }) => takes(effects));
    // The margin is 400 ms: in its first half a lease may still be running out.
    expect(asked?.at).toBe(4800);
    expect(taken?.at).toBe(5000);
  });

  test("it takes nothing for which another machine answers, and says so once", () => {
    const state = watched();
    const turns = watch(state, { from: 1010, to: 7000 }, (at) => (at > 4800 ? [sighting] : []));
    const effects = turns.flatMap((turn) => turn.effects);
    expect(takes(effects)).toBe(false);
    expect(told(effects).filter((code) => code === "takeover-held-off")).toHaveLength(1);
    expect(groupOf(state).usage.heldOff?.mac).toBe(stranger);
  });

  test("it asks on, at most ten times a second and once in a keepalive", () => {
    const state = watched();
    const turns = watch(state, { from: 1010, to: 10_000 }, (at) => (at > 4800 ? [sighting] : []));
    const probes = turns.filter(({ at, effects }) => at > 6000 && types(effects).includes("probe"));
    expect(probes.length).toBeGreaterThanOrEqual(3);
    expect(probes.length).toBeLessThanOrEqual(5);
  });

  test("it takes when nobody has answered for deadtime", () => {
    const state = watched();
    const turns = watch(state, { from: 1010, to: 12_000 }, (at) =>
      at > 4800 && at <= 6000 ? [sighting] : [],
    );
    expect(turns.find(({ effects }) => takes(effects))?.at).toBe(10_000);
  });

  test("an answer before the lease must have run out says nothing", () => {
    const state = watched();
    const turns = watch(state, { from: 1010, to: 5200 }, (at) => (at < 4800 ? [sighting] : []));
    expect(turns.find(({ effects }) => takes(effects))?.at).toBe(5000);
  });

  test("the time in which it did not ask, because it did not run, is no silence", () => {
    const state = watched();
    watch(state, { from: 1010, to: 7000 }, (at) => (at > 4800 ? [sighting] : []));
    const turns = watch(state, { from: 12_000, to: 17_000 });
    const taken = turns.find(({ effects }) => takes(effects));
    expect(taken?.at).toBeGreaterThanOrEqual(16_000);
  });

  test("an answer by a lease that ends late is waited for, and no longer", () => {
    const state = watched({ lease: millis(4600) });
    const turns = watch(state, { from: 1010, to: 7000 }, (at) => (at < 5600 ? [sighting] : []));
    const taken = turns.find(({ effects }) => takes(effects));
    expect(taken?.at).toBeGreaterThan(5600);
    // Asked three times a second meanwhile.
    expect(taken?.at).toBeLessThan(6100);
  });

  test("who has answered is not forgotten when a third node is heard again", () => {
    const state = leased({ names: ["alpha", "beta", "gamma"] });
    const third = { ...of(gamma), claims: [] };
    acts(state, [], 0);
    acts(state, [said(state, 1000, { claims: [claim({ term: 3 })] })], 1000);
    acts(state, [said(state, 1001, third)], 1001);
    const seen = watch(state, { from: 1010, to: 6500 }, (at) => (at > 5000 ? [sighting] : []));
    expect(seen.flatMap(({ effects }) => told(effects))).toContain("takeover-held-off");
    const turns = watch(state, { from: 6510, to: 12_000 }, (at) => [said(state, at, third)]);
    expect(turns.find(({ effects }) => takes(effects))?.at).toBeGreaterThanOrEqual(10_500);
  });

  test("of two that find it free at the same moment the later one in the files asks for longer", () => {
    const state = watched();
    groupOf(state).config = { ...groupOf(state).config, nodes: [gamma, beta, alpha] };
    const turns = watch(state, { from: 1010, to: 5400 });
    const taken = turns.find(({ effects }) => takes(effects));
    expect(taken?.at).toBeGreaterThan(5000);
  });

  test("a stranger that uses the address keeps nobody from taking it", () => {
    const state = watched({ macs: ["02:00:00:00:00:0b"] });
    const turns = watch(state, { from: 1010, to: 5200 }, () => [sighting]);
    expect(turns.find(({ effects }) => takes(effects))?.at).toBe(5000);
  });

  test("the dead peer's own hardware address does", () => {
    const state = watched({ macs: [stranger] });
    const turns = watch(state, { from: 1010, to: 5200 }, () => [sighting]);
    expect(turns.some(({ effects }) => takes(effects))).toBe(false);
  });

  test("a peer that was never heard may hold it too", () => {
    const state = leased();
    const turns = watch(state, { from: 0, to: 9000 });
    expect(turns.find(({ effects }) => types(effects).includes("probe"))?.at).toBe(8000);
    expect(turns.find(({ effects }) => takes(effects))?.at).toBe(8200);
  });
});

describe("nobody is asked", () => {
  test("for what a living peer gives up", () => {
    const state = watched();
    const effects = [...acts(state, [said(state, 1500, { claims: [] })], 1500)];
    effects.push(...pass(state, { from: 1600, to: 1800 }, (at) => [said(state, at)]));
    expect(takes(effects)).toBe(true);
    expect(types(effects)).not.toContain("probe");
  });

  test("about a peer that has no lease, and answers until its addresses are removed", () => {
    const state = watched({ lease: undefined });
    const turns = watch(state, { from: 1010, to: 5200 }, () => [sighting]);
    expect(turns.find(({ effects }) => takes(effects))?.at).toBe(5000);
    expect(peerOf(state).lease).toBeUndefined();
  });

  test("if this node has no lease itself", () => {
    const state = watched();
    state.config = { ...state.config, lease: undefined };
    const turns = watch(state, { from: 1010, to: 5200 }, () => [sighting]);
    expect(turns.flatMap(({ effects }) => types(effects))).not.toContain("probe");
    expect(turns.find(({ effects }) => takes(effects))?.at).toBe(5000);
  });
});
