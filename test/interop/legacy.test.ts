/**
 * `auto_failback legacy`, which is also what it means to leave the line out: no reports, and a node
 * asks for its groups one by one.
 */
import { describe, expect, test } from "vitest";
import { until } from "../netns/lab/until.ts";
import type { PairNode } from "./lab/pair-node.ts";
import { cannotRun, mixedRoles, newPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

describe.skipIf(cannotRun)("a legacy pair", () => {
  test.each(mixedRoles)(
    "gives groups to their owners when they ask: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await newPair({ roles, autoFailback: "legacy" });
      const { alpha, beta } = pair;
      await alpha.start();
      await pair.held("alpha", "alpha");
      await beta.start();
      await pair.held("alpha", "beta");
      await pair.settle();
      await until("the request of beta", () => hasSaid(pair, beta, "ip-request"));
      await until("the answer of alpha", () => hasSaid(pair, alpha, "ip-request-resp"));

      await alpha.kill();
      await pair.held("beta", "beta");
      await alpha.revive();
      await alpha.start();
      await pair.held("alpha", "beta");
      await pair.settle();
      await until("the request of alpha", () => hasSaid(pair, alpha, "ip-request"));
      expect(pair.overlapMs()).toBe(0);
    },
  );
});

function hasSaid({ capture }: Pair, { heartbeatAddress }: PairNode, type: string): boolean {
  return capture.ofType(type).some(({ from }) => from === heartbeatAddress);
}
