/**
 * The typical pair: one line in haresources, and a node that only stands by. To an original its side
 * without groups is held by somebody all the same.
 */
import { describe, expect, test } from "vitest";
import { lineOf } from "./lab/pair-files.ts";
import type { PairNode } from "./lab/pair-node.ts";
import { cannotRun, mixedRoles, runningPair } from "./lab/pair-test.ts";

describe.skipIf(cannotRun)("a pair with one group", () => {
  test.each(mixedRoles)(
    "moves it by hand, by death, and by stop: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await runningPair({ roles, resources: [lineOf("alpha")] });
      const { alpha, beta } = pair;
      const original = pair.the("original").original;
      const goesTo = async (node: PairNode): Promise<void> => {
        await pair.groupHeld("alpha", node.name);
        await pair.settle();
        await pair.client.answeredBy(node.name);
      };
      expect(await original.holding()).toBe("local");

      await alpha.standby("all");
      await goesTo(beta);
      await alpha.takeover("all");
      await goesTo(alpha);
      await beta.takeover("foreign");
      await goesTo(beta);
      await beta.standby("foreign");
      await goesTo(alpha);

      await alpha.stop();
      await pair.groupHeld("alpha", "beta");
      await alpha.start();
      await goesTo(alpha);

      await alpha.kill();
      await pair.groupHeld("alpha", "beta");
      await alpha.revive();
      await alpha.start();
      await goesTo(alpha);

      await beta.kill();
      await beta.revive();
      await beta.start();
      await goesTo(alpha);
      await original.holds("local");
      expect(pair.tenants("beta")).toEqual([]);
      expect(pair.overlapMs()).toBe(0);
    },
  );
});
