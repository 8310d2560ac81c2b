/**
 * One of them is stopped in good order, and started again.
 */
import { describe, expect, test } from "vitest";
import { deadtimeMs } from "./lab/pair-files.ts";
import { cannotRun, mixedPairs, mixedRoles, runningPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

describe.skipIf(cannotRun)("a stop in good order", () => {
  test.each(mixedPairs)(
    "of either, with auto_failback on: alpha $roles.alpha, beta $roles.beta, $media",
    async (options) => {
      const pair = await runningPair({ ...options, autoFailback: "on" });
      await pair.alpha.stop();
      await pair.held("beta", "beta");
      await takenAtOnce(pair);
      await pair.alpha.start();
      await pair.held("alpha", "beta");
      await pair.settle();

      await pair.beta.stop();
      await pair.held("alpha", "alpha");
      await pair.beta.start();
      await pair.held("alpha", "beta");
      await pair.settle();
      expect(pair.tenants("alpha")).toEqual(["alpha", "beta", "alpha"]);
      expect(pair.tenants("beta")).toEqual(["beta", "alpha", "beta"]);
      expect(pair.overlapMs()).toBe(0);
    },
  );

  test.each(mixedPairs)(
    "of either, with auto_failback off: alpha $roles.alpha, beta $roles.beta, $media",
    async (options) => {
      const pair = await runningPair({ ...options, autoFailback: "off" });
      await pair.alpha.stop();
      await pair.held("beta", "beta");
      await takenAtOnce(pair);
      await pair.alpha.start();
      await pair.settle();

      await pair.beta.stop();
      await pair.held("alpha", "alpha");
      await pair.beta.start();
      await pair.settle();
      expect(pair.tenants("alpha")).toEqual(["alpha", "beta", "alpha"]);
      expect(pair.tenants("beta")).toEqual(["beta", "alpha"]);
      expect(pair.overlapMs()).toBe(0);
    },
  );

  test.each(mixedRoles)(
    "of both, one after the other, ends: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await runningPair({ roles });
      await pair.the("original").stop();
      await pair.the("understudy").stop();
      expect([pair.alpha.has(), pair.beta.has()]).toEqual([[], []]);
      expect([pair.alpha.runs(), pair.beta.runs()]).toEqual([[], []]);
    },
  );
});

/** Without waiting for deadtime. */
async function takenAtOnce({ client }: Pair): Promise<void> {
  await client.answeredBy("beta");
  expect(client.view().moveMs).toBeLessThan(deadtimeMs / 2);
}
