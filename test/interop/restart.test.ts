/**
 * A daemon is replaced while the machine stays: by itself with its resources kept, or by the other.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { callsOf } from "../netns/lab/resource-script.ts";
import { until } from "../netns/lab/until.ts";
import { touch } from "./lab/pair-files.ts";
import type { PairNode, Role } from "./lab/pair-node.ts";
import { cannotRun, mixedRoles, runningPair } from "./lab/pair-test.ts";

describe.skipIf(cannotRun)("a restart", () => {
  test.each(mixedRoles)(
    "of the original with its resources kept moves nothing: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await runningPair({ roles });
      const node = pair.the("original");
      const calls = pair.nodes.map(({ sandbox }) => callsOf(sandbox.haDir));
      const before = node.generation();
      touch(join(node.sandbox.haDir, "ha.cf"));
      await node.original.reload();
      await until("another generation", () => node.generation() !== before, 30_000, 100);
      await node.original.logged(/remote resource transition completed/i, 0);
      await node.original.holds("local");
      await pair.settle();
      expect(pair.nodes.map(({ sandbox }) => callsOf(sandbox.haDir))).toEqual(calls);
      expect([pair.tenants("alpha"), pair.tenants("beta")]).toEqual([["alpha"], ["beta"]]);
    },
  );

  test.each(mixedRoles)(
    "of Understudy is another generation, and moves what it must: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await runningPair({ roles });
      const node = pair.the("understudy");
      const before = node.generation();
      await node.stop();
      await node.start();
      await pair.held("alpha", "beta");
      await pair.settle();
      expect(node.generation()).toBeGreaterThan(before!);
      noReplay(pair.nodes);
    },
  );

  test.each(mixedRoles)(
    "as the other, and back, is believed: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await runningPair({ roles });
      for (const node of pair.nodes) {
        const role = node.role;
        for (const next of [otherOf(role), role]) {
          const before = node.generation();
          await node.stop();
          node.role = next;
          await node.start();
          await pair.held("alpha", "beta");
          await pair.settle();
          expect(node.generation()).toBeGreaterThan(before!);
        }
      }
      noReplay(pair.nodes);
      expect(pair.overlapMs()).toBe(0);
    },
  );
});

function otherOf(role: Role): Role {
  return role === "original" ? "understudy" : "original";
}

function noReplay(nodes: readonly PairNode[]): void {
  for (const { original, understudy } of nodes) {
    expect(original.log().filter(({ text }) => /replay/i.test(text))).toEqual([]);
    expect(understudy.story().filter(({ msg }) => /replay/i.test(msg))).toEqual([]);
  }
}
