/**
 * Three nodes: the group goes down the list of nodes, and up again.
 */
import { describe, expect, test } from "vitest";
import { deathMs, moveMs, neverMs } from "./lab/bounds.ts";
import { cannotRun, runningCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";

const nodes = ["alpha", "beta", "gamma"];

describe.skipIf(cannotRun)("of three nodes", () => {
  test("two die one after the other, and the next in the line takes over each time", async () => {
    const { node, client, holders } = await runningCluster({ nodes });
    await node("alpha").powerOff();
    await client.answeredBy("beta");
    expect(client.view().longestMs).toBeLessThan(deathMs.most);
    client.begin();
    await node("beta").powerOff();
    await client.answeredBy("gamma");
    expect(client.view().longestMs).toBeLessThan(deathMs.most);
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta", "gamma"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });

  test("the last takes by hand what the first holds, and all three agree on it", async () => {
    const { node, nodes: all, client, holders } = await runningCluster({ nodes });
    expect((await node("gamma").cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("gamma");
    for (const each of all)
      await each.shows("gamma", ({ groups }) => groups[0]!.holder === "gamma");
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "gamma"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });

  test("the primary returns, and the group goes home past the one between", async () => {
    const { node, client, holders } = await runningCluster({ nodes, autoFailback: "on" });
    const alpha = node("alpha");
    await alpha.powerOff();
    await client.answeredBy("beta");
    client.begin();
    alpha.powerOn();
    alpha.start();
    await client.answeredBy("alpha");
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta", "alpha"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });
});
