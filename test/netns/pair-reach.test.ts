/**
 * Ping nodes: a gateway that one node, or both, no longer reach.
 *
 * keepalive 100 ms, deadtime and with it deadping 1 s.
 */
import { describe, expect, test } from "vitest";
import { moveMs } from "./lab/bounds.ts";
import { cannotRun, newCluster } from "./lab/cluster-test.ts";
import type { Cluster, ClusterOptions } from "./lab/cluster.ts";
import { timing, virtualIp } from "./lab/ha-files.ts";
import type { Node } from "./lab/node.ts";
import { monotonicMs } from "./lab/until.ts";

const gateway = "10.77.0.254";
const nobody = "10.77.0.253";

/** A running pair with a gateway, which stands on the client's machine. */
async function withGateway(options: ClusterOptions = {}): Promise<Cluster> {
  const cluster = await newCluster({ more: [`ping ${gateway}`], ...options });
  cluster.clientPlace.ip(`addr add ${gateway}/24 dev eth0`);
  await cluster.start();
  for (const node of cluster.nodes) await node.daemon.told("ping-up");
  return cluster;
}

/** What the node asks the gateway does not leave it; all else does. */
function lose({ namespace }: Node): void {
  const rule = `ip daddr ${gateway} icmp type echo-request drop`;
  for (const command of [
    "add table ip lost",
    "add chain ip lost out { type filter hook output priority 0; }",
    `add rule ip lost out ${rule}`,
  ])
    namespace.run("nft", [command]);
}

function find({ namespace }: Node): void {
  namespace.run("nft", ["delete table ip lost"]);
}

/** What a move for a ping node takes at most: its silence, the patience, and a busy machine. */
const reachMs = timing.deadtime + 2 * timing.keepalive + 1000;

describe.skipIf(cannotRun)("a gateway that", () => {
  test("the holder alone no longer reaches: the other takes over, and gives back", async () => {
    const { node, client, holders } = await withGateway({ autoFailback: "on" });
    const [alpha, beta] = [node("alpha"), node("beta")];
    const start = monotonicMs();
    lose(alpha);
    await beta.daemon.told("group-held", { reason: "peer-refused" });
    expect(monotonicMs() - start).toBeLessThan(reachMs);
    await client.answeredBy("beta");
    // Both are well: nobody has to die for it.
    expect(client.view().longestMs).toBeLessThan(moveMs);
    const { pings, groups } = await alpha.status();
    expect(pings).toMatchObject([{ name: gateway, state: "dead" }]);
    expect(groups[0]!.nodes[0]).toEqual({
      node: "alpha",
      able: false,
      why: "reaches fewer ping nodes than beta (0 of 1, beta 1)",
      rests: false,
    });
    const refused = await alpha.cli("takeover");
    expect(refused.code).not.toBe(0);
    expect(refused.stdout + refused.stderr).toContain("reaches fewer ping nodes than beta");

    find(alpha);
    await alpha.daemon.told("group-held", { reason: "failback" });
    await client.answeredBy("alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta", "alpha"]);
  });

  test("both no longer reach moves nothing, and is called wrong on both", async () => {
    const { node, nodes, client, holders } = await withGateway();
    // Together, as far as a test can.
    for (const each of nodes) lose(each);
    for (const each of nodes) await each.daemon.told("ping-dead", { ping: gateway });
    const { uptimeMs } = await node("beta").status();
    for (const each of nodes) {
      await each.shows("the time that a move takes", (report) => {
        return report.uptimeMs > uptimeMs + reachMs;
      });
      const { redundancy } = await each.status();
      expect(redundancy.why).toEqual([`ping node ${gateway} does not answer`]);
    }
    await client.answeredBy("alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("never answered anybody moves nothing, and one host of a group is enough", async () => {
    const lines = [`ping ${nobody}`, `ping_group ways ${nobody} ${gateway}`];
    const { node, holders } = await withGateway({ more: lines });
    const report = await node("alpha").shows("both judged", ({ pings }) => {
      return pings.every(({ state }) => state !== "unknown");
    });
    expect(report.pings).toMatchObject([
      { name: nobody, state: "dead", lastHeardMs: null },
      { name: "ways", state: "up" },
    ]);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });
});
