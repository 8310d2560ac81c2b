import { expect, test } from "vitest";
import type { AddMoments, GroupConfig } from "../../../src/core/index.ts";
import { advance } from "../../../src/core/transition.ts";
import { instant } from "../../../src/std/time.ts";
import { addressGroup } from "../../sim/configs.ts";
import { alpha, beta, groupOf, starting, stateOf, turnOf } from "./support.ts";

const moments: AddMoments = {
  begun: instant(0.3),
  leased: instant(0.4),
  added: instant(0.9),
  announced: instant(1),
};
const phases = { decide: 0.3, lease: 0.1, address: 0.5, announce: 0.1 };

/** A group whose address, decided upon at the moment 0, has been added and was announced. */
function added(config: GroupConfig) {
  const state = stateOf(["alpha", "beta"], { groups: [config] });
  const group = groupOf(state);
  const local = starting(0);
  group.local = local;
  state.now = instant(2);
  const turn = turnOf(state);
  if (local.at === "starting") advance(turn, group, local.job, { type: "succeeded", moments });
  return { group, turn };
}

test("what a takeover is made of is kept and told", () => {
  const { group, turn } = added(addressGroup("10.0.0.100", [alpha, beta]));
  const measured = Object.entries(group.lastMove?.phases ?? {});
  const rounded = measured.map(([name, length]) => [name, Math.round(length * 1000) / 1000]);
  expect(Object.fromEntries(rounded)).toEqual(phases);
  const [told] = turn.tells;
  expect(told).toMatchObject({
    notice: { code: "group-held", ...group.lastMove?.phases, took: 1 },
  });
});

test("of addresses in two places of a line the first are measured, whatever starts between", () => {
  const first = addressGroup("10.0.0.100", [alpha, beta]);
  const later = addressGroup("10.0.0.101", []).resources;
  const script = { type: "script", name: "nginx", script: "nginx", args: [] } as const;
  const { group, turn } = added({ ...first, resources: [...first.resources, script, ...later] });
  for (const at of [10, 20]) {
    const { local } = group;
    if (local.at !== "starting") throw new Error(`a group that starts, not ${local.at}`);
    const again = at === 20 ? { ...moments, begun: instant(10), leased: instant(19) } : undefined;
    const rest = again && { moments: { ...again, added: instant(19.5), announced: instant(20) } };
    turn.state.now = instant(at);
    advance(turn, group, local.job, { type: "succeeded", ...rest });
  }
  expect(group.local.at).toBe("held");
  expect(group.lastMove?.phases?.lease).toBeCloseTo(phases.lease, 9);
});
