/**
 * Ping nodes, with the original's ipfail on one side and what is built in on the other: whoever no
 * longer reaches the gateway gives up everything.
 */
import { describe, expect, test } from "vitest";
import type { PairNode } from "./lab/pair-node.ts";
import { cannotRun, mixedRoles, newPair } from "./lab/pair-test.ts";

/** The client's address: it answers, and nobody needs it for anything else. */
const gateway = "10.77.0.250";
const more = [`ping ${gateway}`, "deadping 3", "respawn hacluster /usr/libexec/heartbeat/ipfail"];

/** What the gateway answers does not get in; all else does. */
function lose({ namespace }: PairNode): void {
  for (const command of [
    "add table ip lost",
    "add chain ip lost in { type filter hook input priority 0; }",
    `add rule ip lost in ip saddr ${gateway} icmp type echo-reply drop`,
  ])
    namespace.run("nft", [command]);
}

function find({ namespace }: PairNode): void {
  namespace.run("nft", ["delete table ip lost"]);
}

describe.skipIf(cannotRun)("the gateway is not reached any more", () => {
  describe.each(["original", "understudy"] as const)("by the %s", (role) => {
    test.each(mixedRoles)("alpha $alpha, beta $beta", async (roles) => {
      const pair = await newPair({ roles, more, autoFailback: "off" });
      await pair.start();
      const node = pair.the(role);
      const other = pair.other(node);
      lose(node);
      await pair.held(other.name, other.name);
      expect(pair.overlapMs()).toBe(0);
      expect(pair.client.view().longestMs).toBeLessThan(2500);
      // A node that is well again gets nothing back by itself.
      find(node);
      await pair.settle();
      expect(pair.tenants(node.name)).toEqual([node.name, other.name]);
    });
  });
});
