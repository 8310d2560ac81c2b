import { describe, expect, test } from "vitest";
import type { Effect, Input, State } from "../../../src/core/index.ts";
import { vip } from "../../sim/configs.ts";
import { acts, holder, said, told, types } from "./lease-support.ts";
import { alpha, beta, groupOf, peerOf } from "./support.ts";

const theirs = "02:00:00:00:00:0b";
const sighting: Input = { type: "sighting", group: vip, mac: theirs };

/** alpha holds the address, which belongs to beta, who has fallen silent. */
function bereft(): State {
  const state = holder({ autoFailback: false });
  groupOf(state).config = { ...groupOf(state).config, nodes: [beta, alpha] };
  acts(state, [], 0);
  acts(state, [said(state, 100, { macs: [theirs] })], 100);
  for (let at = 1100; at <= 5100; at += 1000) acts(state, [], at);
  expect(peerOf(state).liveness).toBe("dead");
  return state;
}

/** Lets two seconds pass; a sighting follows every question, or comes as `frames` say. */
function watch(
  state: State,
  from: number,
  answers: boolean,
  frames: readonly number[] = [],
): Effect[] {
  const effects: Effect[] = [];
  let asked = false;
  for (let at = from; at <= from + 2000; at += 10) {
    const inputs = (answers && asked) || frames.includes(at - from) ? [sighting] : [];
    const now = acts(state, inputs, at);
    asked = types(now).includes("probe");
    effects.push(...now);
  }
  return effects;
}

describe("a silent peer that stands before the holder in the files, and uses what it holds", () => {
  test("is asked about three times, and given way to when it answers", () => {
    const state = bereft();
    const effects = watch(state, 5200, true, [0]);
    expect(effects).toContainEqual({
      type: "tell",
      notice: { code: "group-giving-up", group: vip, reason: "conflict", to: beta },
    });
  });

  test("is not given way to for one frame, which anybody can send", () => {
    const state = bereft();
    const effects = watch(state, 5200, false, [0, 900, 1800]);
    expect(types(effects)).toContain("probe");
    expect(told(effects)).not.toContain("group-giving-up");
    expect(groupOf(state).local.at).toBe("held");
  });

  test("is given way to once in its silence: then it is only announced against", () => {
    const state = bereft();
    groupOf(state).usage.gaveWayTo = `beta ${peerOf(state).boot} ${peerOf(state).aliveSince}`;
    const effects = watch(state, 5200, true, [0]);
    expect(told(effects)).not.toContain("group-giving-up");
    expect(types(effects)).toContain("announce");
  });

  test("is not given way to when the operator has said that it is off", () => {
    const state = bereft();
    peerOf(state).isOff = true;
    expect(told(watch(state, 5200, true, [0]))).not.toContain("group-giving-up");
  });
});

test("a stranger that uses what is held is announced against, and never given way to", () => {
  const state = bereft();
  const stranger: Input = { type: "sighting", group: vip, mac: "02:00:00:00:00:99" };
  const effects = acts(state, [stranger], 5200);
  expect(types(effects)).toContain("announce");
  expect(types(effects)).not.toContain("probe");
});
