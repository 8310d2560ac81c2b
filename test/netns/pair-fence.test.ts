/**
 * Fencing: nothing is taken from a dead peer before a device has switched it off.
 *
 * The device is a program of the site that asks this test, which pulls alpha's plug and answers.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { neverMs } from "./lab/bounds.ts";
import { cannotRun, newCluster } from "./lab/cluster-test.ts";
import type { Cluster } from "./lab/cluster.ts";
import { virtualIp } from "./lab/ha-files.ts";
import { until } from "./lab/until.ts";

/** Of the package cluster-glue, which continuous integration has. */
const lacksStonith = !existsSync("/usr/sbin/stonith") && process.env["CI"] === undefined;
if (lacksStonith) console.warn("the plugins of stonith are not tested: install cluster-glue");

describe.skipIf(cannotRun)("a pair with a device that fences", () => {
  test("takes over only after the device has switched the holder off", async () => {
    const device = newDevice();
    const { node, client, holders } = await fencedCluster(`stonith_host * ${device.path} port1`);
    const [alpha, beta] = [node("alpha"), node("beta")];
    // It is not dead, but not heard: without fencing both would hold the address.
    alpha.cut();
    await device.asked("port1 alpha");
    await beta.daemon.told("fencing", { peer: "alpha", device: device.path });
    const { groups, redundancy } = await beta.shows("a group that waits", (report) => {
      return report.groups[0]!.holder === null && report.groups[0]!.sinceMs > 300;
    });
    expect(groups[0]!.reason).toBe("alpha is dead and is being fenced");
    expect(redundancy.why).toContain("alpha is dead and is being fenced");
    expect((await beta.cli("status")).code).toBe(2);
    expect((await beta.cli("why")).stdout).toContain("alpha is dead and is being fenced");
    expect(alpha.has(virtualIp)).toBe(true);
    expect(beta.has(virtualIp)).toBe(false);
    await alpha.powerOff();
    device.answer(0);
    await beta.daemon.told("fenced", { peer: "alpha" });
    await beta.daemon.told("group-held", { reason: "peer-dead", from: "alpha" });
    await client.answeredBy("beta");
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
    // It comes back, and is a peer like any other.
    alpha.powerOn();
    alpha.start();
    await beta.daemon.told("peer-up", { peer: "alpha" });
    await beta.shows("a living peer", ({ peers }) => peers[0]!.state === "up");
    expect(device.requests()).toEqual(["port1 alpha"]);
  });

  test("takes nothing while the device fails, says so, tries again, and takes it at last", async () => {
    const device = newDevice();
    const { node, client, holders } = await fencedCluster(`stonith_host * ${device.path} port1`);
    const beta = node("beta");
    await node("alpha").powerOff();
    await device.asked("port1 alpha");
    device.answer(1);
    const failed = await beta.daemon.told("fence-failed", { peer: "alpha" });
    expect(failed.level).toBe("error");
    expect(failed["reason"]).toBe("exit status 1: no such port");
    const { groups } = await beta.status();
    expect(groups[0]!.reason).toContain("could not be fenced");
    expect(groups[0]!.reason).toContain("understudy confirm alpha");
    expect((await beta.cli("status")).code).toBe(2);
    await until("a second try", () => device.requests().length === 2);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    device.answer(0);
    await client.answeredBy("beta");
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);
  });

  test("takes it at the operator's word, when no device can", async () => {
    const device = newDevice();
    const { node, client } = await fencedCluster(`stonith_host * ${device.path} port1`);
    const beta = node("beta");
    expect((await beta.cli("confirm", "alpha", "--yes")).stderr).toContain("it is heard");
    await node("alpha").powerOff();
    await device.asked("port1 alpha");
    expect((await beta.cli("confirm", "alpha")).code).toBe(64);
    const confirmed = await beta.cli("confirm", "alpha", "--yes");
    expect(confirmed).toMatchObject({ code: 0, stderr: "" });
    await beta.daemon.told("fence-confirmed", { peer: "alpha" });
    await client.answeredBy("beta");
    // The device was not waited for, and does not go on.
    await until("the end of the device", () =>
      beta.commands().every((command) => !command.includes(device.path)),
    );
  });

  test.skipIf(lacksStonith)(
    "takes the next device when one hangs for longer than fence_timeout",
    async () => {
      const device = newDevice();
      const { node, client } = await fencedCluster(
        "fence_timeout 1",
        `stonith_host * ${device.path} port1`,
        "stonith_host * null alpha beta",
      );
      const beta = node("beta");
      await node("alpha").powerOff();
      await beta.daemon.told("fence-failed", { device: device.path, reason: "it took too long" });
      await beta.daemon.told("fenced", { device: "null" });
      await client.answeredBy("beta");
      expect(beta.commands().some((command) => command.includes(device.path))).toBe(false);
    },
  );

  test.skipIf(lacksStonith)(
    "can have one of cluster-glue's, through its real command",
    async () => {
      const { node, client, holders } = await fencedCluster("stonith_host * null alpha beta");
      const beta = node("beta");
      expect((await beta.cli("check")).stdout).toContain("ok: null can be called to fence\n");
      await node("alpha").powerOff();
      const told = await beta.daemon.told("fenced", { peer: "alpha", device: "null" });
      expect(Number(told["took"])).toBeGreaterThan(0);
      await client.answeredBy("beta");
      expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);
    },
  );
});

async function fencedCluster(...more: readonly string[]): Promise<Cluster> {
  const cluster = await newCluster({ more });
  await cluster.start();
  return cluster;
}

/** A program that hands every request to the test, and ends as that says. */
function newDevice() {
  const folder = mkdtempSync(join(tmpdir(), "us-fence-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [path, requests, answer] = ["reset", "requests", "answer"].map((name) =>
    join(folder, name),
  );
  const script = `#!/bin/sh
echo "$*" >>${requests}
until [ -s ${answer} ]; do sleep 0.02; done
read -r code <${answer}
rm ${answer}
[ "$code" = 0 ] || echo no such port
exit "$code"
`;
  writeFileSync(path!, script, { mode: 0o755 });
  const all = (): readonly string[] =>
    existsSync(requests!) ? readFileSync(requests!, "utf8").trim().split("\n") : [];
  return {
    path: path!,
    requests: all,
    asked: (words: string) => until("a request", () => all().at(-1) === words),
    answer: (code: number) => writeFileSync(answer!, `${code}\n`),
  };
}
