/**
 * What the kernel's lease is for: a daemon that is killed or frozen, one that comes back in time, and
 * what is left of it in the kernel.
 *
 * keepalive 100 ms, deadtime 1 s if nothing else is said, so that the lease is 900 ms.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { neverMs } from "./lab/bounds.ts";
import { cannotRun, newCluster, runningCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";
import type { Node } from "./lab/node.ts";
import { program } from "./lab/program.ts";
import { until } from "./lab/until.ts";

describe.skipIf(cannotRun)("the lease of a pair", () => {
  test("is told when the daemon starts, by check too, and is in the kernel while it holds something", async () => {
    const { node } = await runningCluster();
    const alpha = node("alpha");
    const line = alpha.daemon.log.find(({ mechanism }) => mechanism !== undefined);
    expect(line).toMatchObject({
      level: "info",
      mechanism: "nftables",
      leaseMs: 900,
      silentMs: 904,
      takenMs: 1000,
      bothMs: 0,
    });
    expect(line?.msg).toMatch(/^a lease of 900 ms by nftables.*never do two answer$/);
    const { stdout } = await alpha.cli("check");
    expect(stdout).toContain(line?.msg);
    expect(tableOf(alpha)).toMatch(/elements = \{ ip timeout/);
    expect(tableOf(alpha)).toContain(`elements = { ${virtualIp} }`);
    expect(tableOf(node("beta"))).not.toContain("elements");
  });

  test("ends before the peer takes over when the daemon is killed, whoever cleans up or not", async () => {
    const { node, client } = await runningCluster();
    const alpha = node("alpha");
    alpha.daemon.signal("SIGKILL");
    await client.answeredBy("beta");
    const { answerers, longestMs } = client.view();
    expect(answerers).toEqual(["alpha", "beta"]);
    console.log(`killed: the client missed ${longestMs.toFixed(0)} ms`);
    // Far less than deadtime: alpha's kernel went on with the lease.
    expect(longestMs).toBeLessThan(600);
    expect(alpha.has(virtualIp)).toBe(true);
    expect(isAnsweredBy(node("beta"), alpha)).toBe(false);
    expect(await alpha.cli("release")).toMatchObject({
      code: 0,
      stdout: `${virtualIp}/24: removed\n`,
    });
    expect(rulesOf(alpha)).toBe("");
  });

  test("ends before the peer takes over when the daemon is frozen, and is not resumed when it thaws", async () => {
    const { node, client } = await runningCluster();
    const alpha = node("alpha");
    alpha.daemon.signal("SIGSTOP");
    await client.answeredBy("beta");
    expect(client.view().answerers).toEqual(["alpha", "beta"]);
    expect(client.view().longestMs).toBeLessThan(600);
    expect(isAnsweredBy(node("beta"), alpha)).toBe(false);
    client.begin();
    alpha.daemon.signal("SIGCONT");
    await until("alpha gives up", () => !alpha.has(virtualIp));
    await client.answeredBy("beta");
    expect(client.view().answerers).toEqual(["beta"]);
  });

  test("goes on when a killed daemon is started again in time: no client notices", async () => {
    const { node, client, holders } = await newCluster({ deadtime: "5", initdead: "10" });
    const alpha = node("alpha");
    for (const each of [alpha, node("beta")]) each.start();
    await client.answeredBy("alpha");
    await until("a memory of it", () => memoryOf(alpha).includes(virtualIp));
    client.begin();
    alpha.daemon.signal("SIGKILL");
    await alpha.daemon.exited;
    expect(releaseBySystemd(alpha, { SERVICE_RESULT: "signal", EXIT_STATUS: "9" })).toMatch(
      /^left for the daemon that is to return: 10\.77\.0\.100\/24; the lease ends in \d+ ms\n$/,
    );
    alpha.start();
    await alpha.daemon.told("group-held", { reason: "restart" });
    await until("a lease of the new life", () => leaseMsOf(alpha) > 4600);
    await client.answeredBy("alpha");
    expect(alpha.daemon.log.find(({ kept }) => kept !== undefined)).toMatchObject({
      kept: [`${virtualIp}/24`],
    });
    const { answerers, longestMs } = client.view();
    console.log(`restarted: the client missed ${longestMs.toFixed(0)} ms`);
    expect(answerers).toEqual(["alpha"]);
    expect(longestMs).toBeLessThan(200);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });

  test("and all of it is removed by release when the daemon has ended for good", async () => {
    const { node, client } = await newCluster({ deadtime: "5", initdead: "10" });
    const alpha = node("alpha");
    for (const each of [alpha, node("beta")]) each.start();
    await client.answeredBy("alpha");
    const theirs = "add table inet understudy; add table netdev theirs";
    alpha.namespace.run("nft", [theirs]);
    alpha.daemon.signal("SIGKILL");
    await alpha.daemon.exited;
    expect(releaseBySystemd(alpha, { SERVICE_RESULT: "exit-code", EXIT_STATUS: "70" })).toBe(
      `${virtualIp}/24: removed\n`,
    );
    expect(alpha.has(virtualIp)).toBe(false);
    expect(rulesOf(alpha)).toBe("table inet understudy {\n}\ntable netdev theirs {\n}\n");
  });

  test("is gone with its table after an orderly stop", async () => {
    const { node, client } = await runningCluster();
    const alpha = node("alpha");
    alpha.daemon.signal("SIGTERM");
    expect((await alpha.daemon.exited).code).toBe(0);
    await client.answeredBy("beta");
    expect(rulesOf(alpha)).toBe("");
    expect(alpha.has(virtualIp)).toBe(false);
  });

  test("is rehearsed with a table that no packet comes to", async () => {
    const { nodes } = await runningCluster();
    for (const { namespace } of nodes) {
      const listed = namespace.run("nft", ["list table netdev understudy-rehearsal"]);
      expect(listed).toContain("set lease");
      expect(listed).not.toContain("hook");
    }
  });

  test("of a life that is not remembered is swept with its addresses and its table", async () => {
    const { node } = await runningCluster({ deadtime: "5", initdead: "10" });
    const alpha = node("alpha");
    alpha.daemon.signal("SIGKILL");
    await alpha.daemon.exited;
    rmSync(memoryPath(alpha), { force: true });
    alpha.namespace.run("nft", ["add chain netdev understudy old"]);
    alpha.start();
    await alpha.daemon.told("started");
    expect(alpha.daemon.log.find(({ swept }) => swept !== undefined)).toMatchObject({
      swept: [`${virtualIp}/24`],
    });
    expect(tableOf(alpha)).not.toContain("chain old");
    expect(alpha.daemon.notices("group-held")).not.toMatchObject([{ reason: "restart" }]);
  });

  test("survives that somebody flushes all rules", async () => {
    const { node, client } = await runningCluster();
    const alpha = node("alpha");
    alpha.namespace.run("nft", ["flush ruleset"]);
    expect(tableOf(alpha)).toMatch(/elements = \{ ip timeout/);
    await client.answeredBy("alpha");
    expect(client.view().longestMs).toBeLessThan(300);
  });

  test("guards an interface that comes back", async () => {
    const { node, client } = await runningCluster();
    const alpha = node("alpha");
    alpha.unplug();
    await client.answeredBy("beta");
    alpha.plugIn();
    await alpha.shows("itself able", ({ groups }) => groups[0]!.nodes[0]!.able);
    expect((await alpha.cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("alpha");
    await until("a guard", () => tableOf(alpha).includes('hook ingress device "eth0"'));
    alpha.daemon.signal("SIGKILL");
    await client.answeredBy("beta");
    expect(isAnsweredBy(node("beta"), alpha)).toBe(false);
  });
});

/** Whether the one answers the other's ARP requests for the address. */
function isAnsweredBy(asking: Node, asked: Node): boolean {
  const mac = /link\/ether (\S+)/.exec(asked.namespace.ip("-o link show eth0"))![1]!;
  const options = ["-0", "-c", "3", "-w", "1", "-W", "0.1", "-i", "eth0"];
  const { stdout } = ranIn(asking, "arping", [...options, virtualIp]);
  return stdout.toLowerCase().includes(mac);
}

function ranIn({ namespace }: Node, command: string, args: readonly string[]): { stdout: string } {
  try {
    return { stdout: namespace.run(command, args) };
  } catch (error) {
    if (error instanceof Error && "stdout" in error) return { stdout: String(error.stdout) };
    throw error;
  }
}

function memoryOf(node: Node): string {
  const path = memoryPath(node);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function memoryPath({ haDir }: Node): string {
  return join(haDir, "..", "lib", "memory.json");
}

function tableOf({ namespace }: Node): string {
  return namespace.run("nft", ["list", "table", "netdev", "understudy"]);
}

function rulesOf({ namespace }: Node): string {
  return namespace.run("nft", ["list", "ruleset"]);
}

function leaseMsOf(node: Node): number {
  const [, whole = "0", rest = "0"] = /ip timeout (\d+)s(?:(\d+)ms)?/.exec(tableOf(node)) ?? [];
  return Number(whole) * 1000 + Number(rest);
}

/** What systemd.exec(5) says of how it ended. */
function releaseBySystemd({ namespace }: Node, ending: Readonly<Record<string, string>>): string {
  const variables = Object.entries(ending).map(([name, value]) => `${name}=${value}`);
  return namespace.run("env", [...variables, process.execPath, program, "release"]);
}
