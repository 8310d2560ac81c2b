/**
 * Cables: one is cut, both are cut, one direction is lost; and other ways than ucast.
 *
 * keepalive 100 ms, deadtime 1 s. Each node has two heartbeat links.
 */
import { describe, expect, test } from "vitest";
import { deathMs, moveMs, neverMs, settleMs } from "./lab/bounds.ts";
import { cannotRun, runningCluster } from "./lab/cluster-test.ts";
import type { Cluster } from "./lab/cluster.ts";
import { ucast, virtualIp } from "./lab/ha-files.ts";

const pair = ["alpha", "beta"];

describe.skipIf(cannotRun)("with two heartbeat links", () => {
  test("the loss of one moves nothing, is told on both nodes, and is told to be over", async () => {
    const { nodes, node, client, holders } = await runningCluster();
    node("beta").private.cut();
    for (const { daemon } of nodes) await daemon.told("link-dead", { medium: "eth1" });
    expect((await node("alpha").cli("status")).code).toBe(1);
    const { peers, redundancy } = await node("alpha").status();
    expect(peers[0]!.state).toBe("up");
    expect(peers[0]!.links.map(({ medium, state }) => [medium, state])).toEqual([
      ["eth0", "up"],
      ["eth1", "dead"],
    ]);
    expect(redundancy.why.join()).toContain("eth1");
    const later = node("alpha").daemon.fromNow();
    node("beta").private.restore();
    await later.told("link-up", { medium: "eth1" });
    await node("alpha").shows("all well", (report) => report.redundancy.state === "ok");
    await client.answeredBy("alpha");
    expect(client.view().answerers).toEqual(["alpha"]);
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("nothing is sent to a node by itself, though its line is in the file too", async () => {
    const { nodes } = await runningCluster();
    for (const node of nodes) {
      const { uptimeMs: from } = await node.status();
      await node.shows("ten heartbeats", ({ uptimeMs }) => uptimeMs > from + 1000);
      // What a node sends to an address of its own goes by way of its loopback interface.
      expect(node.namespace.ip("-s -j link show dev lo")).toMatch(/"tx":\{"bytes":0,/u);
    }
  });

  test("a tenth of all packets lost moves nothing", async () => {
    const { nodes, client, holders } = await runningCluster();
    for (const node of nodes) {
      node.service.lose(10);
      node.private.lose(10);
    }
    // Some fifty heartbeats each way.
    await nodes[0]!.shows("age", ({ uptimeMs }) => uptimeMs > 5000);
    for (const node of nodes) expect(node.daemon.notices("peer-dead")).toEqual([]);
    await client.answeredBy("alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("the loss of both moves nothing: a node without carrier takes nothing", async () => {
    const cluster = await runningCluster();
    const { node, client, holders } = cluster;
    const beta = node("beta");
    beta.cut();
    await beta.daemon.told("peer-dead");
    await beta.shows("why it takes nothing", ({ groups }) =>
      groups[0]!.nodes.some(({ node: name, why }) => name === "beta" && /carrier/u.test(why ?? "")),
    );
    await client.answeredBy("alpha");
    beta.restore();
    await beta.daemon.told("peer-returned");
    await oneHolder(cluster, "alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("a primary that is heard by nobody gives up as soon as it hears that it was replaced", async () => {
    const cluster = await runningCluster();
    const { node, client, holders } = cluster;
    const alpha = node("alpha");
    alpha.service.cutOneWay("from");
    alpha.private.cutOneWay("from");
    await node("beta").daemon.told("peer-dead");
    await alpha.daemon.told("group-giving-up", { reason: "conflict", to: "beta" });
    await client.answeredBy("beta");
    // Still cut.
    expect(holders.overlapMs(virtualIp)).toBeLessThan(settleMs);
    expect(client.view().longestMs).toBeLessThan(deathMs.most);
    alpha.restore();
    await allWell(cluster);
    await oneHolder(cluster, "beta");
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);
  });

  test("a primary that hears nobody keeps what it has: the backup hears it, and takes nothing", async () => {
    const cluster = await runningCluster();
    const { node, client, holders } = cluster;
    const alpha = node("alpha");
    alpha.service.cutOneWay("to");
    alpha.private.cutOneWay("to");
    await alpha.daemon.told("peer-dead");
    const deaf = await node("beta").daemon.told("peer-deaf", { peer: "alpha" });
    expect(deaf.level).toBe("warn");
    expect((await node("beta").cli("status")).code).toBe(1);
    alpha.restore();
    await allWell(cluster);
    await oneHolder(cluster, "alpha");
    await client.answeredBy("alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("what the backup does not hear is not taken while the primary hears the backup", async () => {
    const { node, client, holders } = await runningCluster();
    const beta = node("beta");
    beta.private.cutOneWay("to");
    await beta.daemon.told("link-dead", { medium: "eth1" });
    expect(node("alpha").daemon.notices("link-dead")).toEqual([]);
    await client.answeredBy("alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });
});

describe.skipIf(cannotRun)("heartbeats", () => {
  test.each([
    ["broadcast", ["bcast eth0 eth1"]],
    ["multicast", ["mcast eth0 239.77.0.1 694 1 0", "mcast eth1 239.77.0.2 694 1 0"]],
    ["multicast that the sender hears too", ["mcast eth0 239.77.0.1 694 1 1", "bcast eth1"]],
    ["ucast on one link", ucast(pair, [1])],
  ])("by %s keep the peer alive on every link, and find its death", async (_, media) => {
    const { node, nodes, client } = await runningCluster({ media });
    for (const each of nodes)
      await each.shows("every link", ({ peers }) => {
        return peers.every(({ links }) => links.every(({ state }) => state === "up"));
      });
    for (const each of nodes) expect((await each.cli("status")).code).toBe(0);
    expect(node("alpha").daemon.notices("name-clash")).toEqual([]);
    await node("alpha").powerOff();
    await client.answeredBy("beta");
  });

  test.each([
    ["broadcast", ["bcast eth0 eth1"]],
    ["ucast", ucast(pair)],
  ])("by %s on two links with one port are not taken for each other's", async (_, media) => {
    const { node } = await runningCluster({ media });
    const beta = node("beta");
    node("alpha").private.cutOneWay("from");
    await beta.daemon.told("link-dead", { medium: "eth1" });
    const report = await beta.status();
    expect(report.peers[0]!.links.map(({ medium, state }) => [medium, state])).toEqual([
      ["eth0", "up"],
      ["eth1", "dead"],
    ]);
    expect(beta.daemon.notices("link-dead")).toHaveLength(1);
  });
});

async function allWell({ nodes }: Cluster): Promise<void> {
  for (const node of nodes)
    await node.shows("all well", ({ redundancy }) => redundancy.state === "ok");
}

async function oneHolder({ nodes }: Cluster, holder: string): Promise<void> {
  for (const node of nodes)
    await node.shows(`${holder} as the only holder`, ({ groups }) => {
      return groups.every((group) => group.holder === holder && group.state === "held");
    });
  expect(nodes.filter((node) => node.has(virtualIp)).map(({ name }) => name)).toEqual([holder]);
}
