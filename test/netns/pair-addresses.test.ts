/**
 * Addresses and interfaces that others change: by hand, by a crash, by a driver.
 */
import { describe, expect, test } from "vitest";
import { deathMs, moveMs, neverMs } from "./lab/bounds.ts";
import { cannotRun, newCluster, runningCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";
import { until } from "./lab/until.ts";

describe.skipIf(cannotRun)("a virtual IP", () => {
  test("that was deleted by hand comes back, and it is told", async () => {
    const { node, client, holders } = await runningCluster();
    const alpha = node("alpha");
    alpha.namespace.ip(`addr del ${virtualIp}/24 dev eth0`);
    await alpha.daemon.told("address-restored");
    await client.answeredBy("alpha");
    expect(alpha.has(virtualIp)).toBe(true);
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "alpha"]);
  });

  test("that is configured on the backup by somebody else is told there as an error", async () => {
    const { node } = await newCluster();
    const beta = node("beta");
    beta.namespace.ip(`addr add ${virtualIp}/24 dev eth0`);
    node("alpha").start();
    beta.start();
    const told = await beta.daemon.told("address-foreign");
    expect(told.level).toBe("error");
    await node("alpha").daemon.told("group-held");
    await beta.shows("alpha as the holder", ({ groups }) => groups[0]!.holder === "alpha");
    expect((await beta.cli("status")).code).toBe(1);
    // Not this daemon's to remove.
    expect(beta.has(virtualIp)).toBe(true);
  });

  test("that a killed daemon left is removed when the next one starts", async () => {
    const { node, client } = await runningCluster();
    const alpha = node("alpha");
    alpha.cut();
    alpha.daemon.signal("SIGKILL");
    await alpha.daemon.exited;
    await client.answeredBy("beta");
    expect(alpha.has(virtualIp)).toBe(true);
    const { daemon } = alpha;
    alpha.start();
    await until("its removal", () => !alpha.has(virtualIp));
    expect(alpha.daemon).not.toBe(daemon);
    alpha.restore();
    await alpha.daemon.told("active");
    await client.answeredBy("beta");
  });

  test("is removed by `release`, and no address beside it", async () => {
    const { node } = await runningCluster();
    const alpha = node("alpha");
    alpha.namespace.ip("addr add 10.77.0.200/24 dev eth0");
    alpha.namespace.ip("addr add fd77::200/64 dev eth0 nodad");
    const before = addresses(alpha.namespace.ip("-o addr"));
    alpha.daemon.signal("SIGKILL");
    await alpha.daemon.exited;
    expect((await alpha.cli("release")).code).toBe(0);
    const after = addresses(alpha.namespace.ip("-o addr"));
    expect(after).toEqual(before.filter((address) => address !== `${virtualIp}/24`));
    expect(before).toHaveLength(after.length + 1);
  });

  test("of IPv6 is believed by its client to have moved", async () => {
    const address = "fd77::100";
    const resources = [`alpha IPv6addr::${address}/64/eth0`];
    const { node, client, holders } = await runningCluster({ address, resources });
    expect((await node("beta").cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("beta");
    expect(client.view().longestMs).toBeLessThan(moveMs);
    client.begin();
    await node("beta").powerOff();
    await client.answeredBy("alpha");
    expect(client.view().longestMs).toBeLessThan(deathMs.most);
    expect(holders.overlapMs(address)).toBe(neverMs);
  });
});

describe.skipIf(cannotRun)("an interface", () => {
  test("that appears after the daemon has started is used from then on", async () => {
    const { node, client } = await newCluster();
    const alpha = node("alpha");
    alpha.unplug();
    for (const each of ["alpha", "beta"]) node(each).start();
    const failed = await alpha.daemon.told("medium-failed", { medium: "eth0" });
    expect(failed["reason"]).toContain("eth0");
    // Where it belongs it cannot be: it is served where it can.
    await client.answeredBy("beta");
    await node("beta").shows("an unable peer", ({ groups }) => {
      return groups[0]!.nodes.some((each) => each.node === "alpha" && !each.able);
    });
    alpha.plugIn();
    await alpha.daemon.told("medium-open", { medium: "eth0" });
    await node("beta").shows("an able peer", ({ redundancy }) => redundancy.state === "ok");
    expect((await alpha.cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("alpha");
  });

  test("that goes takes the group away with it, and returns as an able one", async () => {
    const { node, client, holders } = await runningCluster({ autoFailback: "on" });
    const alpha = node("alpha");
    alpha.unplug();
    await client.answeredBy("beta");
    await alpha.daemon.told("group-giving-up", { reason: "ineligible" });
    // No death was needed: the other link has told it.
    expect(node("beta").daemon.notices("peer-dead")).toEqual([]);
    expect(client.view().longestMs).toBeLessThan(moveMs);
    alpha.plugIn();
    // Its carrier is a new one: home it goes when that has lasted.
    await alpha.shows("itself able", ({ groups }) => groups[0]!.nodes[0]!.able);
    expect((await alpha.cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("alpha");
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });
});

/** All addresses of `ip -o addr`, with their prefixes. */
function addresses(text: string): string[] {
  return [...text.matchAll(/ inet6? (\S+)/g)].map((found) => found[1]!).toSorted();
}
