/**
 * The operator moves groups by hand, on either node: the holder gives up first, and nobody is
 * without the service for long.
 */
import { describe, expect, test } from "vitest";
import type { Which } from "./lab/original.ts";
import type { Name } from "./lab/pair-files.ts";
import { cannotRun, mixedPairs, runningPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

interface Step {
  readonly on: Name;
  readonly command: "standby" | "takeover";
  readonly which: Which;
  /** Where alpha's group is then, and beta's. */
  readonly places: readonly [Name, Name];
}

const asAlpha: readonly Step[] = [
  { on: "alpha", command: "standby", which: "local", places: ["beta", "beta"] },
  { on: "alpha", command: "takeover", which: "local", places: ["alpha", "beta"] },
  { on: "alpha", command: "takeover", which: "foreign", places: ["alpha", "alpha"] },
  { on: "alpha", command: "standby", which: "foreign", places: ["alpha", "beta"] },
  { on: "alpha", command: "standby", which: "all", places: ["beta", "beta"] },
  { on: "alpha", command: "takeover", which: "all", places: ["alpha", "alpha"] },
  { on: "alpha", command: "standby", which: "failback", places: ["alpha", "beta"] },
];

const otherOf = { alpha: "beta", beta: "alpha" } as const;

/** The same story, told of the other node. */
const asBeta: readonly Step[] = asAlpha.map((step) => ({
  ...step,
  on: "beta",
  places: [otherOf[step.places[1]], otherOf[step.places[0]]],
}));

describe.skipIf(cannotRun)("the operator's moves", () => {
  describe.each([
    { on: "alpha", steps: asAlpha },
    { on: "beta", steps: asBeta },
  ])("on $on", ({ steps }) => {
    test.each(mixedPairs)("alpha $roles.alpha, beta $roles.beta, $media", async (options) => {
      const pair = await runningPair(options);
      for (const step of steps) await take(pair, step);
      expect(pair.overlapMs()).toBe(0);
    });
  });
});

async function take(pair: Pair, { on, command, which, places }: Step): Promise<void> {
  pair.client.begin();
  await pair[on][command](which);
  await pair.held(...places).catch((error: unknown) => {
    throw new Error(`${command} ${which} on ${on}: ${String(error)}`, { cause: error });
  });
  await pair.settle();
  await pair.client.answeredBy(places[0]);
  expect(pair.client.view().longestMs, `${command} ${which} on ${on}`).toBeLessThan(2500);
}
