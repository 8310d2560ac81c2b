import { describe, expect, test } from "vitest";
import type { Claim, Effect, State } from "../../../src/core/index.ts";
import { requestId, step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { eth0 } from "../../sim/configs.ts";
import { claim, heartbeat, stateOf } from "./support.ts";

/** alpha has just heard beta say that it has the group. */
function facing(at: Claim["at"]): State {
  const state = stateOf();
  speak(state, at, 0);
  return state;
}

/** beta says at each second that it has the group; what alpha does. */
function speak(state: State, at: Claim["at"], second: number): readonly Effect[] {
  const message = heartbeat({ sequence: second + 1, claims: [claim({ at })] });
  return step(state, [{ type: "message", medium: eth0, message }], instant(second * 1000));
}

const takeover = {
  type: "command",
  request: requestId(1),
  command: { type: "takeover", selection: { type: "all" }, wait: true },
} as const;

/** When the wish is given up, in seconds after it was made, and what is said then. */
function outcomeOf(state: State, at: Claim["at"]) {
  step(state, [takeover], instant(0));
  for (let second = 1; second <= 30; second++) {
    const effects = speak(state, at, second);
    const told = effects.find(
      (effect) => effect.type === "tell" && effect.notice.code === "move-failed",
    );
    const reply = effects.find(({ type }) => type === "reply");
    if (told !== undefined) return { second, told, reply };
  }
  return undefined;
}

describe("a takeover from a node that says nothing to it", () => {
  test("is given up after 10 s: the operator hears who keeps the group", () => {
    const outcome = outcomeOf(facing("held"), "held");
    expect(outcome?.second).toBe(10);
    expect(outcome?.told).toMatchObject({ notice: { reason: "beta keeps it" } });
    const result = { type: "refused", reason: "beta keeps it" };
    expect(outcome?.reply).toMatchObject({ reply: { groups: [{ result }] } });
  });

  test("is waited for as long as that stops its resources", () => {
    expect(outcomeOf(facing("stopping"), "stopping")).toBeUndefined();
  });
});
