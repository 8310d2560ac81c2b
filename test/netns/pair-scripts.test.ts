/**
 * Resource scripts: their order, their failures, their output. start_timeout and stop_timeout 2 s.
 */
import { describe, expect, test } from "vitest";
import { neverMs } from "./lab/bounds.ts";
import { cannotRun, newCluster } from "./lab/cluster-test.ts";
import type { Cluster } from "./lab/cluster.ts";
import { virtualIp } from "./lab/ha-files.ts";
import type { ScriptActions } from "./lab/resource-script.ts";
import { callsOf, writeResourceScript } from "./lab/resource-script.ts";

describe.skipIf(cannotRun)("the scripts of a resource group", () => {
  test("start from left to right, with their arguments, and stop from right to left", async () => {
    const resources = [`alpha first ${virtualIp}/24/eth0 second::x::y`];
    const { node, start } = await clusterWith(resources, { first: {}, second: {} });
    await start();
    const alpha = node("alpha");
    const beta = node("beta");
    await alpha.daemon.told("group-held");
    expect(callsOf(alpha.haDir)).toEqual(["first start", "second x y start"]);
    expect((await beta.cli("takeover", "--wait")).code).toBe(0);
    expect(callsOf(alpha.haDir).slice(2)).toEqual(["second x y stop", "first stop"]);
    expect(callsOf(beta.haDir)).toEqual(["first start", "second x y start"]);
  });

  test("that fails to start on the primary gives the group to the backup, where it stays", async () => {
    const { node, nodes, start, client, holders } = await clusterWith([
      `alpha ${virtualIp}/24/eth0 web`,
    ]);
    writeResourceScript(node("beta").haDir, "web");
    writeResourceScript(node("alpha").haDir, "web", { start: "echo no disk; exit 7" });
    await start();
    const { daemon } = node("alpha");
    const failed = await daemon.told("start-failed", { resource: "web" });
    expect(failed["reason"]).toContain("7");
    expect(failed["reason"]).toContain("no disk");
    await client.answeredBy("beta");
    for (const each of nodes)
      await each.shows("beta", ({ groups }) => groups[0]!.holder === "beta");
    const { groups } = await node("beta").status();
    expect(groups[0]!.nodes.find((each) => each.node === "alpha")!.able).toBe(false);
    expect((await node("beta").cli("status")).code).toBe(1);
    // It was tried once, and what was started of it was stopped.
    expect(callsOf(node("alpha").haDir)).toEqual(["web start", "web stop"]);
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });

  test("that hangs at its start is killed after start_timeout, and the group goes on", async () => {
    const { node, start, client, holders } = await clusterWith([`alpha ${virtualIp}/24/eth0 web`]);
    writeResourceScript(node("beta").haDir, "web");
    writeResourceScript(node("alpha").haDir, "web", { start: "sleep 1001 & sleep 1002" });
    await start();
    const { daemon } = node("alpha");
    await daemon.told("job-overdue", { resource: "web" });
    await daemon.told("start-failed", { resource: "web" });
    await client.answeredBy("beta");
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
    // With all its descendants.
    expect(
      node("alpha")
        .commands()
        .filter((command) => command.includes("sleep")),
    ).toEqual([]);
  });

  test("that fails to stop keeps the group claimed: the other node must not take it", async () => {
    const { node, start, holders } = await clusterWith([`alpha ${virtualIp}/24/eth0 web`]);
    writeResourceScript(node("beta").haDir, "web");
    writeResourceScript(node("alpha").haDir, "web", { stop: "exit 1" });
    await start();
    const alpha = node("alpha");
    await alpha.daemon.told("group-held");
    expect((await node("beta").cli("takeover")).code).toBe(0);
    const alarm = await alpha.daemon.told("stop-failed", { resource: "web" });
    expect(alarm.level).toBe("error");
    for (const each of [alpha, node("beta")]) {
      const { groups } = await each.shows("stuck", (report) => report.groups[0]!.state === "stuck");
      expect(groups[0]!.holder).toBe("alpha");
      expect((await each.cli("status")).code).toBe(1);
    }
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    // Once it stops after all, the group is free.
    writeResourceScript(alpha.haDir, "web");
    await node("beta").shows("a whole group", ({ groups }) => groups[0]!.state === "held");
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });

  test("are heard in the log by line, with the name of the resource", async () => {
    const start = 'echo one; echo two >&2; printf "three without end"';
    const { node, start: begin } = await clusterWith([`alpha web::www ${virtualIp}/24/eth0`], {
      web: { start },
    });
    await begin();
    const { daemon } = node("alpha");
    await daemon.told("group-held");
    const printed = daemon.log.filter((line) => line["resource"] === "web::www");
    expect(printed.map(({ msg }) => msg)).toEqual(["one", "two", "three without end"]);
  });

  test("may leave a process behind that keeps their output open, and says more later", async () => {
    const start = "( while sleep 0.1; do echo still here; done ) & echo begun";
    const {
      node,
      start: begin,
      client,
    } = await clusterWith([`alpha ${virtualIp}/24/eth0 web`], {
      web: { start, stop: "echo end" },
    });
    await begin();
    const held = await node("alpha").daemon.told("group-held");
    expect(Number(held["took"])).toBeLessThan(2000);
    await client.answeredBy("alpha");
    const { daemon } = node("alpha");
    await node("alpha").shows("age", ({ groups }) => groups[0]!.sinceMs > 500);
    expect(daemon.log.filter(({ msg }) => msg === "still here").length).toBeGreaterThan(0);
    daemon.signal("SIGTERM");
    await client.answeredBy("beta");
    expect(await daemon.exited).toMatchObject({ code: 0 });
    // What is left running outlives the daemon, which closes nothing under it.
    expect(
      node("alpha")
        .commands()
        .some((command) => command.includes("web")),
    ).toBe(true);
  });

  test("that do not exist are named, and the group goes where they do", async () => {
    const { node, nodes, client } = await clusterWith([`alpha ${virtualIp}/24/eth0 web`]);
    writeResourceScript(node("beta").haDir, "web");
    // Alpha has the address for a moment only: it may answer nobody.
    for (const each of nodes) each.start();
    const failed = await node("alpha").daemon.told("start-failed", { resource: "web" });
    expect(failed["reason"]).toContain("resource.d");
    await client.answeredBy("beta");
  });
});

/** A cluster with these lines of haresources, and the same scripts on every node. */
async function clusterWith(
  resources: readonly string[],
  scripts: Readonly<Record<string, ScriptActions>> = {},
): Promise<Cluster> {
  const cluster = await newCluster({ resources });
  for (const { haDir } of cluster.nodes)
    for (const [name, actions] of Object.entries(scripts))
      writeResourceScript(haDir, name, actions);
  return cluster;
}
