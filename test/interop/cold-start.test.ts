/**
 * An original and Understudy that were both stopped: whoever starts first, each ends with its group.
 */
import { describe, expect, test } from "vitest";
import { until } from "../netns/lab/until.ts";
import type { PairNode, Role } from "./lab/pair-node.ts";
import { cannotRun, mixedRoles, newPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

/** initdead of the pair, and 5 s. */
const limitMs = 15_000;

describe.skipIf(cannotRun)("a cold start", () => {
  for (const media of ["ucast", "bcast"] as const) {
    test.each(mixedRoles)(
      `of both at once, over ${media}: alpha $alpha, beta $beta`,
      async (roles) => {
        const pair = await newPair({ roles, media });
        await Promise.all(pair.nodes.map((node) => node.start()));
        await settlesInTime(pair);
      },
    );
  }

  describe.each(["original", "understudy"] as const)("of the %s first", (first) => {
    test.each(mixedRoles)("alpha $alpha, beta $beta", async (roles) => {
      const pair = await newPair({ roles });
      await startApart(pair, first);
      await settlesInTime(pair);
    });
  });
});

/** The second one is started when the first has spoken for some seconds, to nobody. */
async function startApart(pair: Pair, first: Role): Promise<void> {
  const early = pair.the(first);
  await early.start();
  await until("some heartbeats of the first", () => heartbeatsOf(pair, early) >= 6);
  await pair.other(early).start();
}

function heartbeatsOf({ capture }: Pair, node: PairNode): number {
  return capture.ofType("status").filter(({ from }) => from === node.heartbeatAddress).length;
}

async function settlesInTime(pair: Pair): Promise<void> {
  const start = performance.now();
  await pair.held("alpha", "beta");
  await pair.settle();
  expect(performance.now() - start).toBeLessThan(limitMs);

  const original = pair.the("original");
  expect(await original.original.holding()).toBe("local");
  expect(await original.original.nodeStatus(pair.the("understudy").name)).toBe("active");
  // Never two, and nothing was started on the wrong node first.
  expect([pair.tenants("alpha"), pair.tenants("beta")]).toEqual([["alpha"], ["beta"]]);
}
