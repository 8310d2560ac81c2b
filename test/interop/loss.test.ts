/**
 * A heartbeat network that loses much: it is asked for what is missing, and nothing moves.
 */
import { describe, expect, test } from "vitest";
import { monotonicMs, until } from "../netns/lab/until.ts";
import { cannotRun, mixedRoles, runningPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

/** 24 heartbeats in a row would have to be lost. */
const patient = { deadtime: "12", warntime: "11", initdead: "12" } as const;
const lossMs = 120_000;

describe.skipIf(cannotRun)("a lossy network", () => {
  const cases = mixedRoles.map((roles, index) => ({ roles, percent: [10, 30][index] ?? 0 }));

  test.each(cases)(
    "of $percent % moves nothing in two minutes: alpha $roles.alpha, beta $roles.beta",
    async ({ percent, roles }) => {
      const pair = await runningPair({ roles, ...patient });
      pair.lose(percent);
      const end = monotonicMs() + lossMs;
      await until("two minutes to pass", () => monotonicMs() > end, lossMs + 10_000, 1000);
      pair.heal();
      for (const { heartbeatAddress, name } of pair.nodes)
        expect(requestsOf(pair, heartbeatAddress), `requests of ${name}`).toBeGreaterThan(0);
      expect([pair.tenants("alpha"), pair.tenants("beta")]).toEqual([["alpha"], ["beta"]]);
      await pair.settle();
      // What was missing came in the end: the original waits for nothing any more.
      expect(await pair.the("original").original.holding()).toBe("local");
      expect(pair.client.view().answerers).toEqual(["alpha"]);
    },
  );
});

function requestsOf({ capture }: Pair, address: string): number {
  return capture.ofType("NS_rexmit").filter(({ from }) => from === address).length;
}
