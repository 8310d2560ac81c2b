/**
 * The cable of the service interface: lost on the holder, on the standby, on both.
 *
 * keepalive 100 ms, deadtime 1 s. The heartbeats have a second link, which nobody touches.
 */
import { describe, expect, test } from "vitest";
import { moveMs, neverMs } from "./lab/bounds.ts";
import { cannotRun, runningCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";

const carrier = "eth0 has no carrier";

describe.skipIf(cannotRun)("a cable of the service interface", () => {
  test("lost on the holder: the standby takes over at once, and says why", async () => {
    const { node, client, holders } = await runningCluster({ autoFailback: "on" });
    const [alpha, beta] = [node("alpha"), node("beta")];
    alpha.service.cut();
    await client.answeredBy("beta");
    // Nobody had to die for it.
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(beta.daemon.notices("peer-dead")).toEqual([]);
    await alpha.daemon.told("group-obstructed", { reason: carrier });
    await alpha.daemon.told("group-giving-up", { reason: "unplugged", to: "beta" });
    await beta.daemon.told("group-taking", { reason: "peer-refused", cause: carrier });
    for (const each of [alpha, beta])
      expect((await each.cli("why")).stdout).toContain(`alpha could not hold it: ${carrier}`);
    expect((await beta.cli("history")).stdout).toContain(`cause ${carrier}`);
    const { groups, redundancy } = await beta.status();
    expect(groups[0]!.nodes[0]).toMatchObject({ node: "alpha", able: false, why: carrier });
    expect(redundancy.why).toContain(`alpha could not take ${virtualIp}: ${carrier}`);

    alpha.service.restore();
    await beta.shows("an able peer", (report) => report.groups[0]!.nodes[0]!.able);
    // It is at home there, and a cable that is just back is not trusted yet.
    await client.answeredBy("beta");
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });

  test("lost on the standby: the holder knows, and nothing is taken there by hand", async () => {
    const { node, client, holders } = await runningCluster();
    const [alpha, beta] = [node("alpha"), node("beta")];
    beta.service.cut();
    await beta.daemon.told("group-obstructed", { reason: carrier });
    const { redundancy } = await alpha.shows("an unable peer", ({ groups }) => {
      return groups[0]!.nodes.some(({ node: name, able }) => name === "beta" && !able);
    });
    expect(redundancy.why).toContain(`beta could not take ${virtualIp}: ${carrier}`);
    const refused = await beta.cli("takeover", "--wait");
    expect(refused.code).toBe(1);
    expect(refused.stdout + refused.stderr).toContain(`beta cannot hold it: ${carrier}`);
    await client.answeredBy("alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("lost on both: nothing moves, and the holder answers when it is back", async () => {
    const { nodes, node, client, holders } = await runningCluster();
    const alpha = node("alpha");
    for (const { service } of nodes.toReversed()) service.cut();
    await alpha.daemon.told("lease-lapsed", { reason: carrier });
    await node("beta").shows("what is wrong with the holder", ({ redundancy }) =>
      redundancy.why.some((why) => why.startsWith(`${virtualIp} is held by alpha, and`)),
    );
    client.begin();
    for (const { service } of nodes.toReversed()) service.restore();
    await alpha.daemon.told("lease-regained");
    await client.answeredBy("alpha");
    for (const { daemon } of nodes) expect(daemon.notices("group-giving-up")).toEqual([]);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });
});
