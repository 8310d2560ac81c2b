/**
 * The files: broken ones, and new ones while the daemon runs.
 */
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { moveMs, neverMs } from "./lab/bounds.ts";
import { cannotRun, newCluster, runningCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";

const mail = "10.77.0.101";
const line = `alpha ${virtualIp}/24/eth0`;

describe.skipIf(cannotRun)("the files", () => {
  test.each([
    [
      "a directive that does not exist",
      "ha.cf",
      "node alpha beta\nketaplive 2\n",
      "ha.cf:2:1: error",
    ],
    [
      "an address that is none",
      "haresources",
      "alpha 10.77.0.300/24/eth0\n",
      "haresources:1:7: error",
    ],
    ["a key without a method", "authkeys", "auth 1\n1 rot13 abc\n", "authkeys:2:3: error"],
  ])("with %s end `run` with 2, and with where it stands", async (_, file, text, place) => {
    const { node } = await newCluster();
    const alpha = node("alpha");
    writeFileSync(join(alpha.haDir, file), text);
    expect((await alpha.start().exited).code).toBe(2);
    expect(alpha.daemon.complaints()).toContain(place);
    expect(alpha.has(virtualIp)).toBe(false);
  });

  test("that everybody may read, though they hold the key, end `run` with 2", async () => {
    const { node } = await newCluster();
    const alpha = node("alpha");
    chmodSync(join(alpha.haDir, "authkeys"), 0o644);
    expect((await alpha.start().exited).code).toBe(2);
    expect(alpha.daemon.complaints()).toMatch(/authkeys.*error/);
  });

  test("that are broken at SIGHUP are told with the place, and change nothing", async () => {
    const cluster = await runningCluster();
    const { node, client, holders } = cluster;
    const alpha = node("alpha");
    cluster.write({ more: ["ketaplive 2"] });
    alpha.daemon.signal("SIGHUP");
    const refused = await alpha.daemon.told("reload-refused");
    expect(refused["first"]).toMatch(/^ha\.cf:13: .*ketaplive/);
    await client.answeredBy("alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    expect(node("beta").daemon.notices("peer-dead")).toEqual([]);
    // The next start would fail: that is a reason to worry now.
    const { code, stdout } = await alpha.cli("status");
    expect(code).toBe(1);
    expect(stdout).toContain("ketaplive");
  });

  test("that name one more group at SIGHUP start it, and the others stay where they are", async () => {
    const cluster = await runningCluster({ resources: [line] });
    const { node, nodes, client, holders } = cluster;
    cluster.write({ resources: [line, `beta ${mail}/24/eth0`] });
    for (const { daemon } of nodes) daemon.signal("SIGHUP");
    for (const { daemon } of nodes) await daemon.told("reloaded", { groups: 2 });
    await node("beta").daemon.told("group-held", { group: mail });
    for (const each of nodes)
      await each.shows("both groups and all well", ({ groups, redundancy }) => {
        return groups.length === 2 && redundancy.state === "ok";
      });
    expect(node("beta").has(mail)).toBe(true);
    await client.answeredBy("alpha");
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    expect(holders.overlapMs(mail)).toBe(neverMs);
  });

  test("that name a group no more at SIGHUP end it, and the others stay where they are", async () => {
    const resources = [line, `alpha ${mail}/24/eth0`];
    const cluster = await runningCluster({ resources });
    const { node, nodes, holders } = cluster;
    await node("alpha").daemon.told("group-held", { group: mail });
    cluster.write({ resources: [line] });
    for (const { daemon } of nodes) daemon.signal("SIGHUP");
    await node("alpha").daemon.told("group-released", { group: mail });
    for (const each of nodes) await each.shows("one group", ({ groups }) => groups.length === 1);
    expect(nodes.map((each) => each.has(mail))).toEqual([false, false]);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("with another deadtime at SIGHUP take effect, and nothing moves", async () => {
    const cluster = await runningCluster();
    const { node, nodes, client, holders } = cluster;
    cluster.write({ deadtime: "1800ms" });
    for (const { daemon } of nodes) daemon.signal("SIGHUP");
    for (const { daemon } of nodes) await daemon.told("reloaded");
    await node("alpha").shows("agreement", ({ redundancy }) => redundancy.state === "ok");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    client.begin();
    await node("alpha").powerOff();
    const dead = await node("beta").daemon.told("peer-dead");
    expect(Number(dead["silent"])).toBeGreaterThanOrEqual(1800);
    await client.answeredBy("beta");
    expect(client.view().longestMs).toBeGreaterThan(1600);
  });

  test("that differ between the nodes are told on both", async () => {
    const { node, nodes, client } = await newCluster();
    writeFileSync(join(node("beta").haDir, "haresources"), `alpha ${virtualIp}/24/eth0 web\n`);
    for (const each of nodes) each.start();
    for (const { daemon } of nodes) await daemon.told("peer-differs");
    await client.answeredBy("alpha");
    expect((await node("alpha").cli("status")).code).toBe(1);
  });
});
