import { describe, expect, test } from "vitest";
import { answer, isSmall } from "../../../src/core/answers.ts";
import type { State } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { stateOf } from "./support.ts";

/** Of so many nodes, alpha first; its own heartbeat is due in a keepalive, 500 ms. */
function clusterOf(count: number): State {
  const others = Array.from({ length: count - 1 }, (_, index) => `node${index}`);
  const state = stateOf(["alpha", ...others]);
  state.now = instant(10_000);
  state.nextKeepalive = instant(10_500);
  return state;
}

/** How many heartbeats go out at once if it is asked so often in the same moment. */
function atOnce(state: State, asked: number): number {
  let count = 0;
  for (let time = 0; time < asked; time++) {
    answer(state);
    if (state.nextKeepalive > state.now) continue;
    count += 1;
    state.nextKeepalive = instant(state.now + state.config.timing.keepalive);
  }
  return count;
}

describe("what is to be answered", () => {
  test("is answered at once, in a pair without end", () => {
    expect(atOnce(clusterOf(2), 1000)).toBe(1000);
  });

  test("is answered a few times at once where many would", () => {
    expect(atOnce(clusterOf(100), 1000)).toBe(9);
  });

  test("is answered later by who has answered much, and with its own heartbeat at the latest", () => {
    const state = clusterOf(30);
    atOnce(state, 1000);
    const due = state.nextKeepalive;
    expect(due).toBeGreaterThan(state.now);
    expect(due).toBeLessThanOrEqual(state.now + state.config.timing.keepalive);
  });

  test("costs the whole cluster about a hundred answers in a keepalive, however often it is asked", () => {
    const state = clusterOf(50);
    atOnce(state, 1000);
    const { keepalive } = state.config.timing;
    let sent = 0;
    for (let ms = 0; ms < 100 * keepalive; ms++) {
      state.now = instant(state.now + 1);
      answer(state);
      if (state.nextKeepalive > state.now) continue;
      sent += 1;
      state.nextKeepalive = instant(state.now + keepalive);
    }
    expect((sent * 50) / 100).toBeGreaterThan(90);
    expect((sent * 50) / 100).toBeLessThan(115);
  });
});

test("every holder is followed in a cluster of eight, and none in one of nine", () => {
  expect([2, 8, 9, 100].map((count) => isSmall(clusterOf(count)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
