/**
 * Heartbeats do not pass, and then do again: one holder is left, and the original neither hangs nor
 * restarts itself.
 */
import { describe, expect, test } from "vitest";
import { until } from "../netns/lab/until.ts";
import { cannotRun, mixedPairs, newPair, runningPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

describe.skipIf(cannotRun)("a cut that is healed", () => {
  test.each(mixedPairs)(
    "between nodes that knew each other: alpha $roles.alpha, beta $roles.beta, $media",
    async (options) => {
      const pair = await runningPair(options);
      const lives = livesOf(pair);
      pair.cut();
      await pair.heldTwice();
      pair.client.begin();
      pair.heal();
      await isMended(pair, lives);
    },
  );

  test.each(mixedPairs)(
    "between nodes that have never met: alpha $roles.alpha, beta $roles.beta, $media",
    async (options) => {
      const pair = await newPair(options);
      pair.cut();
      await Promise.all(pair.nodes.map((node) => node.start()));
      // It takes whatever the network says. Ours takes only what is not answered for.
      const original = pair.the("original").name;
      await until(
        "the original to hold everything",
        () =>
          (["alpha", "beta"] as const).every((whose) => pair.holdersOf(whose).includes(original)),
        60_000,
      );
      const lives = livesOf(pair);
      pair.client.begin();
      pair.heal();
      await isMended(pair, lives);
    },
  );
});

describe.skipIf(cannotRun)("a cut in one direction that is healed", () => {
  describe.each(["original", "understudy"] as const)("the %s is not heard", (silent) => {
    test.each(mixedPairs)("alpha $roles.alpha, beta $roles.beta, $media", async (options) => {
      const pair = await runningPair(options);
      const lives = livesOf(pair);
      const unheard = pair.the(silent);
      pair.client.begin();
      pair.cutFrom(unheard);
      await pair.takesFrom(unheard);
      pair.heal();
      await isMended(pair, lives);
    });
  });
});

/** The original begins another generation whenever it starts, or restarts itself. */
function livesOf(pair: Pair): number | undefined {
  return pair.the("original").generation();
}

async function isMended(pair: Pair, lives: number | undefined): Promise<void> {
  await pair.single();
  // auto_failback is on: whoever was left with both gives one back.
  await pair.held("alpha", "beta");
  await pair.settle();
  expect(livesOf(pair)).toBe(lives);
  expect(await pair.the("original").original.holding()).toBe("local");
  // Somebody has answered all the time, but for orderly moves.
  expect(pair.client.view().longestMs).toBeLessThan(2500);
}
