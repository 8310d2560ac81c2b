import { describe, expect, test } from "vitest";
import type { State } from "../../../src/core/index.ts";
import { statusOf, step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { eth0, timing } from "../../sim/configs.ts";
import { beta, groupOf, heartbeat, peerOf, stateOf } from "./support.ts";

/** alpha hears a status of an original heartbeat on beta. */
function hearOriginal(state: State, at: number, sequence: number) {
  const input = { type: "original", medium: eth0, node: beta, generation: 7, sequence } as const;
  return step(state, [input], instant(at)).flatMap((effect) =>
    effect.type === "tell" ? [effect.notice.code] : [],
  );
}

describe("a peer that runs the original heartbeat", () => {
  test("is told once, as an alarm", () => {
    const state = stateOf();
    expect(hearOriginal(state, 0, 1)).toContain("peer-original");
    expect(hearOriginal(state, 1000, 2)).not.toContain("peer-original");
  });

  test("is alive, and nothing is taken while it is, for what it holds is not known", () => {
    const state = stateOf();
    for (let second = 0; second < 60; second++) hearOriginal(state, second * 1000, second + 1);
    expect(groupOf(state).local.at).toBe("stopped");
    expect(peerOf(state).liveness).toBe("up");
    const { redundancy, groups } = statusOf(state, instant(60_000));
    expect(redundancy.why.join()).toContain("beta runs the original heartbeat");
    expect(groups[0]!.reason).toContain("not known");
  });

  test("is not kept alive by copies, and what it had is taken when it is dead", () => {
    const state = stateOf();
    for (let at = 0; at < timing.deadtime; at += 500) hearOriginal(state, at, 1);
    expect(groupOf(state).local.at).toBe("stopped");
    step(state, [], instant(timing.deadtime));
    expect(groupOf(state).local.at).toBe("starting");
  });

  test("is understood as soon as it speaks as one of ours", () => {
    const state = stateOf();
    hearOriginal(state, 0, 1);
    const message = heartbeat({ generation: 8 });
    step(state, [{ type: "message", medium: eth0, message }], instant(1));
    expect(peerOf(state).isOriginal).toBe(false);
  });
});
