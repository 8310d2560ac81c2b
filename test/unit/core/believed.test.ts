import { describe, expect, test } from "vitest";
import type { Effect, Input, State } from "../../../src/core/index.ts";
import { vip } from "../../sim/configs.ts";
import { acts, holder, leased, pass, said, told, types } from "./lease-support.ts";
import { claim } from "./support.ts";

const theirs = "02:00:00:00:00:0b";
const stranger = "02:00:00:00:00:99";

function sighting(mac: string): Input {
  return { type: "sighting", group: vip, mac };
}

function doubts(effects: readonly Effect[]): readonly string[] {
  const last = effects.findLast((effect) => effect.type === "send");
  return last?.type === "send" ? (last.message.doubts ?? []) : [];
}

describe("a node that could hold what another one holds", () => {
  const holding = { claims: [claim({ pinned: true })], macs: [theirs] };

  /** Answers every question of the network, if at all, with this hardware address. */
  function live(state: State, to: number, mac: string | undefined): Effect[] {
    const effects: Effect[] = [];
    let asked = false;
    for (let at = 0; at <= to; at += 100) {
      const inputs = [said(state, at, holding)];
      if (asked && mac !== undefined) inputs.push(sighting(mac));
      const now = acts(state, inputs, at);
      asked = types(now).includes("probe");
      effects.push(...now);
    }
    return effects;
  }

  test("asks the network a second after it was taken, and then once a minute", () => {
    const effects = live(leased(), 100_000, theirs);
    expect(types(effects).filter((type) => type === "probe")).toHaveLength(2);
    expect(doubts(effects)).toEqual([]);
  });

  test("says so when another machine answers, each time it asks", () => {
    expect(doubts(live(leased(), 10_000, stranger))).toEqual([vip]);
  });

  test("says so when nobody answers", () => {
    expect(doubts(live(leased(), 10_000, undefined))).toEqual([vip]);
  });

  test("does not for one lost answer", () => {
    expect(doubts(live(leased(), 2400, undefined))).toEqual([]);
  });
});

describe("a holder", () => {
  test("announces once a second while a peer doubts it, and says when that begins and ends", () => {
    const state = holder();
    acts(state, [], 0);
    const effects = pass(state, { from: 100, to: 10_000 }, (at) => [
      said(state, at, { doubts: [vip] }),
    ]);
    expect(told(effects).filter((code) => code === "address-doubted")).toHaveLength(1);
    expect(types(effects).filter((type) => type === "announce").length).toBeGreaterThanOrEqual(10);
    expect(types(effects).filter((type) => type === "announce").length).toBeLessThanOrEqual(12);
    const after = pass(state, { from: 10_100, to: 20_000 }, (at) => [said(state, at)]);
    expect(told(after)).toEqual(["address-believed"]);
  });

  test("announces at once when another machine uses what it holds, and says so once a minute", () => {
    const state = holder();
    acts(state, [], 0);
    acts(state, [said(state, 100)], 2000);
    const first = acts(state, [said(state, 2100), sighting(stranger)], 2100);
    expect(types(first)).toContain("announce");
    expect(told(first)).toContain("address-in-use");
    const again = pass(state, { from: 2200, to: 9000 }, (at) => [
      said(state, at),
      sighting(stranger),
    ]);
    expect(told(again)).not.toContain("address-in-use");
    expect(types(again).filter((type) => type === "announce").length).toBeLessThanOrEqual(8);
  });
});
