import { describe, expect, test } from "vitest";
import type { Message } from "../../../src/core/index.ts";
import { nodeName, step } from "../../../src/core/index.ts";
import { rivalryOver } from "../../../src/core/rival.ts";
import { instant } from "../../../src/std/time.ts";
import { eth0 } from "../../sim/configs.ts";
import { alpha, claim, groupOf, heartbeat, stateOf } from "./support.ts";

const aaron = nodeName("aaron");

/** alpha, whose files prefer alpha, hears aaron, whose files say something else. */
function hearAaron(state: ReturnType<typeof stateOf>, at: number, change: Partial<Message>): void {
  const { generation, sequence } = state;
  const message = heartbeat({
    from: aaron,
    digest: "00000000000000bb",
    hears: [{ node: alpha, generation, sequence }],
    ...change,
  });
  step(state, [{ type: "message", medium: eth0, message }], instant(at));
}

describe("of two nodes whose files differ", () => {
  test("the one with the higher name takes a group only when the other has not, for a while", () => {
    const state = stateOf(["alpha", "aaron"]);
    step(state, [], instant(0));
    for (let count = 1; count <= 29; count++) hearAaron(state, count * 100, { sequence: count });
    expect(groupOf(state).local.at).toBe("stopped");
    hearAaron(state, 3000, { sequence: 30 });
    expect(groupOf(state).local.at).toBe("starting");
  });

  test("both know which claim is the better one: not by a preference that they do not share", () => {
    const state = stateOf(["alpha", "aaron"]);
    step(state, [], instant(0));
    for (let count = 1; count <= 30; count++) hearAaron(state, count * 100, { sequence: count });
    const message = { sequence: 31, changed: 31, claims: [claim({ term: 1 })] };
    hearAaron(state, 3100, message);
    expect(groupOf(state).local).toMatchObject({ at: "starting", abort: { why: "conflict" } });
    expect(rivalryOver(state, groupOf(state))).toMatchObject({ winner: aaron });
  });
});
