/**
 * A pair with a witness: an etcd on the client's machine, on the service network.
 *
 * keepalive 100 ms, deadtime 1 s; etcd's lease is the shortest there is, 5 s.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { cannotRun, newCluster } from "./lab/cluster-test.ts";
import type { Cluster } from "./lab/cluster.ts";
import { missingEtcd, startEtcd } from "./lab/etcd.ts";

async function witnessedCluster(): Promise<Cluster> {
  const cluster = await newCluster();
  const place = { namespace: cluster.clientPlace, address: "10.77.0.250" };
  const etcd = await startEtcd(undefined, place);
  onTestFinished(() => etcd[Symbol.asyncDispose]());
  cluster.write({ more: [`witness etcd ${etcd.url}`] });
  await cluster.start();
  return cluster;
}

describe.skipIf(cannotRun || missingEtcd() !== undefined)("a pair with a witness", () => {
  test("keeps its holder while only the heartbeats are cut, and replaces it when it dies then", async () => {
    const { node, client } = await witnessedCluster();
    const [alpha, beta] = [node("alpha"), node("beta")];
    for (const { private: heartbeats, service } of [alpha, beta]) {
      heartbeats.cut();
      service.drop("from", "udp dport 694");
    }
    await beta.daemon.told("peer-dead", { peer: "alpha" });
    await beta.daemon.told("witness-decided", { owner: "alpha" });
    await client.answeredBy("alpha");
    expect(client.view().answerers).toEqual(["alpha"]);
    await alpha.powerOff();
    await beta.daemon.told("witness-decided", { owner: "beta" });
    await client.answeredBy("beta");
    expect(client.view().answerers).toEqual(["alpha", "beta"]);
  });

  test("moves away from a holder that is cut off from everything, which is silent when it is back", async () => {
    const { node, client } = await witnessedCluster();
    const [alpha, beta] = [node("alpha"), node("beta")];
    alpha.cut();
    await beta.daemon.told("witness-decided", { owner: "beta" });
    await beta.daemon.told("group-held", { reason: "peer-dead", from: "alpha" });
    await client.answeredBy("beta");
    alpha.restore();
    await beta.daemon.told("peer-up", { peer: "alpha" });
    await alpha.shows("beta as the holder", ({ groups }) => groups[0]!.holder === "beta");
    await client.answeredBy("beta");
    expect(client.view().answerers).toEqual(["alpha", "beta"]);
  });

  test("takes nothing from a silent holder while the witness cannot be asked", async () => {
    const { node, client } = await witnessedCluster();
    const [alpha, beta] = [node("alpha"), node("beta")];
    // Beta reaches neither its peer nor the witness.
    beta.cut();
    await beta.daemon.told("peer-dead", { peer: "alpha" });
    await beta.daemon.told("witness-failed");
    await client.answeredBy("alpha");
    expect(beta.story().filter(({ code }) => code === "group-taking")).toEqual([]);
    await alpha.daemon.told("witness-decided", { owner: "alpha" });
    expect(client.view().answerers).toEqual(["alpha"]);
  });
});
