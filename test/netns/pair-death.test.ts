/**
 * A node dies, leaves or returns: who answers the client, and after what time.
 *
 * keepalive 100 ms, deadtime 1 s. The client asks once a millisecond.
 */
import { describe, expect, test } from "vitest";
import { deathMs, moveMs, neverMs, settleMs } from "./lab/bounds.ts";
import { cannotRun, newCluster, runningCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";
import { until } from "./lab/until.ts";

describe.skipIf(cannotRun)("a pair", () => {
  test("whose primary loses its power answers again after deadtime", async () => {
    const { node, client, holders } = await runningCluster();
    const beta = node("beta");
    await node("alpha").powerOff();
    const held = await beta.daemon.told("group-held", { reason: "peer-dead", from: "alpha" });
    await client.answeredBy("beta");
    const { longestMs, answerers } = client.view();
    expect(answerers).toEqual(["alpha", "beta"]);
    expect(longestMs).toBeGreaterThan(deathMs.least);
    expect(longestMs).toBeLessThan(deathMs.most);
    expect(held["outage"]).toBeGreaterThanOrEqual(1000);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
    expect((await beta.cli("status")).code).toBe(1);
    const report = await beta.status();
    expect(report.groups[0]).toMatchObject({ holder: "beta", state: "held" });
    expect(report.peers[0]).toMatchObject({ node: "alpha", state: "dead" });
    expect(report.redundancy.state).toBe("degraded");
  });

  test("whose backup dies goes on answering, and says that it stands alone", async () => {
    const { node, client, holders } = await runningCluster();
    await node("beta").powerOff();
    await node("alpha").daemon.told("peer-dead", { peer: "beta" });
    await client.answeredBy("alpha");
    expect(client.view().answerers).toEqual(["alpha"]);
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    expect((await node("alpha").cli("status")).code).toBe(1);
  });

  test("whose primary's daemon is killed falls silent at once, answers after deadtime, and goes home", async () => {
    const { node, client, holders } = await newCluster({ autoFailback: "on" });
    const alpha = node("alpha");
    alpha.startSupervised();
    node("beta").start();
    await client.answeredBy("alpha");
    client.begin();
    alpha.daemon.signal("SIGKILL");
    await client.answeredBy("beta");
    expect(client.view().longestMs).toBeLessThan(deathMs.most);
    // The supervisor's `release` needs the start of one process, less than deadtime.
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
    expect((await alpha.daemon.exited).signal).toBe("SIGKILL");
    client.begin();
    alpha.start();
    await client.answeredBy("alpha");
    await alpha.daemon.told("ended-badly");
    const { longestMs, answerers } = client.view();
    expect(answerers).toEqual(["beta", "alpha"]);
    expect(longestMs).toBeLessThan(moveMs);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
    await node("beta").daemon.told("group-giving-up", { reason: "failback", to: "alpha" });
  });

  test("whose primary is stopped hands over at once, without waiting for deadtime", async () => {
    const { node, client, holders } = await runningCluster();
    node("alpha").daemon.signal("SIGTERM");
    await node("beta").daemon.told("group-held", { reason: "peer-left", from: "alpha" });
    await client.answeredBy("beta");
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(await node("alpha").daemon.exited).toEqual({ code: 0, signal: null });
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
    expect((await node("alpha").cli("status")).code).toBe(3);
  });

  test("that is stopped on both nodes ends in good order and leaves no address", async () => {
    const { nodes } = await runningCluster();
    for (const { daemon } of nodes) daemon.signal("SIGTERM");
    for (const { daemon } of nodes) expect((await daemon.exited).code).toBe(0);
    expect(nodes.map((each) => each.has(virtualIp))).toEqual([false, false]);
  });

  test.each([
    { autoFailback: "on", holder: "alpha" },
    { autoFailback: "off", holder: "beta" },
  ] as const)(
    "whose primary returns from the dead is served by $holder with auto_failback $autoFailback",
    async ({ autoFailback, holder }) => {
      const { node, nodes, client, holders } = await runningCluster({ autoFailback });
      const alpha = node("alpha");
      await alpha.powerOff();
      await client.answeredBy("beta");
      client.begin();
      alpha.powerOn();
      alpha.start();
      await alpha.daemon.told("active");
      for (const each of nodes)
        await each.shows("redundancy", ({ redundancy, groups }) => {
          return redundancy.state === "ok" && groups.every((group) => group.holder === holder);
        });
      await client.answeredBy(holder);
      expect(client.view().longestMs).toBeLessThan(moveMs);
      expect(holders.overlapMs(virtualIp)).toBe(neverMs);
      for (const each of nodes) expect((await each.cli("status")).code).toBe(0);
    },
  );

  test("of which only the backup starts serves after initdead", async () => {
    const { node, client } = await newCluster();
    const beta = node("beta");
    beta.start();
    await client.answeredBy("beta");
    expect(beta.daemon.notices("peer-dead")).toHaveLength(1);
    expect(Number(beta.daemon.notices("peer-dead")[0]!["silent"])).toBeGreaterThanOrEqual(2000);
  });

  test("whose primary's daemon is frozen until it is late, and no longer, does not move", async () => {
    const { node, client } = await runningCluster();
    const { daemon } = node("alpha");
    daemon.signal("SIGSTOP");
    await node("beta").daemon.told("peer-late", { peer: "alpha" });
    daemon.signal("SIGCONT");
    await node("beta").shows("alpha up again", ({ peers }) => peers[0]!.state === "up");
    await client.answeredBy("alpha");
    expect(client.view().answerers).toEqual(["alpha"]);
    expect(node("beta").daemon.notices("peer-dead")).toEqual([]);
  });

  test("whose primary's daemon is frozen for longer than deadtime has two holders until it thaws", async () => {
    const { node, nodes, client, holders } = await runningCluster();
    const alpha = node("alpha");
    alpha.daemon.signal("SIGSTOP");
    await node("beta").daemon.told("group-held", { reason: "peer-dead" });
    // What was announced last is what the client believes.
    await client.answeredBy("beta");
    const before = holders.overlapMs(virtualIp);
    alpha.daemon.signal("SIGCONT");
    await alpha.daemon.told("group-giving-up", { reason: "conflict", to: "beta" });
    await until("one holder", () => !alpha.has(virtualIp));
    expect(holders.overlapMs(virtualIp) - before).toBeLessThan(settleMs);
    for (const each of nodes)
      await each.shows("beta", ({ groups }) => groups[0]!.holder === "beta");
    await client.answeredBy("beta");
    expect(client.view().answerers).toEqual(["alpha", "beta"]);
  });
});
