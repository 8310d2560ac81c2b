/**
 * The machine of one of them dies, and comes back.
 */
import { describe, expect, test } from "vitest";
import { deadtimeMs } from "./lab/pair-files.ts";
import { cannotRun, mixedPairs, mixedRoles, runningPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

/** Between the last heartbeat and its being missed. */
const keepaliveMs = 500;
/** In its first seconds the original says a deadtime of two seconds more; and it looks rarely. */
const slackMs = 5000;

describe.skipIf(cannotRun)("a death", () => {
  test.each(mixedPairs)(
    "of either, with auto_failback on: alpha $roles.alpha, beta $roles.beta, $media",
    async (options) => {
      const pair = await runningPair({ ...options, autoFailback: "on" });
      await pair.alpha.kill();
      await pair.held("beta", "beta");
      await noticedInTime(pair);

      await pair.alpha.revive();
      await pair.alpha.start();
      await pair.held("alpha", "beta");
      await pair.settle();

      await pair.beta.kill();
      await pair.held("alpha", "alpha");
      await pair.beta.revive();
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
      await pair.alpha.kill();
      await pair.held("beta", "beta");
      await noticedInTime(pair);

      await pair.alpha.revive();
      await pair.alpha.start();
      await pair.settle();

      await pair.beta.kill();
      await pair.held("alpha", "alpha");
      await pair.beta.revive();
      await pair.beta.start();
      await pair.settle();
      // Nothing went home when its node returned.
      expect(pair.tenants("alpha")).toEqual(["alpha", "beta", "alpha"]);
      expect(pair.tenants("beta")).toEqual(["beta", "alpha"]);
      expect(pair.overlapMs()).toBe(0);
    },
  );

  test.each(mixedRoles)(
    "is noticed by the deadtime that the dead one has said: alpha $alpha, beta $beta",
    async (roles) => {
      const longer = { deadtime: "9", initdead: "12", autoFailback: "off" } as const;
      const pair = await runningPair({ roles, autoFailback: "off", only: { alpha: longer } });
      await pair.alpha.kill();
      await pair.held("beta", "beta");
      await noticedInTime(pair, 9000);
    },
  );
});

async function noticedInTime({ client }: Pair, deadtime = deadtimeMs): Promise<void> {
  await client.answeredBy("beta");
  const { moveMs } = client.view();
  expect(moveMs).toBeGreaterThan(deadtime - keepaliveMs - 100);
  expect(moveMs).toBeLessThan(deadtime + slackMs);
}
