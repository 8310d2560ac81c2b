import { describe, expect, test } from "vitest";
import {
  mayAskAt,
  mayAskAtLeisureAt,
  probe,
  probeAtLeisure,
  sampleOf,
} from "../../../src/core/probe.ts";
import { instant } from "../../../src/std/time.ts";
import { addressGroup } from "../../sim/configs.ts";
import { alpha, groupOf, stateOf, turnOf } from "./support.ts";

const ips = [{ family: 4 as const, address: "10.0.0.100" }];

describe("the network is asked", () => {
  test("eight frames a second at the most, and what is too many is not asked", () => {
    const state = stateOf();
    state.now = instant(1000);
    const asked = Array.from({ length: 10 }, () => probe(turnOf(state), ips));
    expect(asked.filter(Boolean)).toHaveLength(8);
    expect(mayAskAt(state)).toBe(2000);
    state.now = instant(1999);
    expect(probe(turnOf(state), ips)).toBe(false);
    state.now = instant(2000);
    expect(probe(turnOf(state), ips)).toBe(true);
  });

  test("by what can wait with half of them, so that a dying peer can be asked for at once", () => {
    const state = stateOf();
    state.now = instant(1000);
    const asked = Array.from({ length: 10 }, () => probeAtLeisure(turnOf(state), ips));
    expect(asked.filter(Boolean)).toHaveLength(4);
    expect(mayAskAtLeisureAt(state)).toBe(2000);
    expect(mayAskAt(state)).toBeUndefined();
    expect(probe(turnOf(state), ips)).toBe(true);
  });

  test("once for each group, if there are more of them than that", () => {
    const names = Array.from({ length: 20 }, (_, index) => `10.0.1.${index}`);
    const groups = names.map((name) => addressGroup(name, [alpha]));
    const state = stateOf(["alpha", "beta"], { groups });
    const asked = Array.from({ length: 30 }, () => probe(turnOf(state), ips));
    expect(asked.filter(Boolean)).toHaveLength(20);
  });

  test("for two addresses, which speak for all that a node holds", () => {
    const group = groupOf(stateOf());
    const more = { ...group, config: addressGroup("10.0.0.200", [alpha]) };
    expect(sampleOf([group, more, group]).map(({ address }) => address)).toEqual([
      "10.0.0.100",
      "10.0.0.200",
    ]);
    expect(sampleOf([group])).toHaveLength(1);
    expect(sampleOf([])).toEqual([]);
  });
});
