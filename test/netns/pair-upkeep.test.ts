/**
 * What an operator does to a pair that runs: maintenance, a daemon that is replaced, a node that is
 * to stand by; and what can be known of a daemon that does not answer.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { moveMs } from "./lab/bounds.ts";
import { cannotRun, newCluster, runningCluster } from "./lab/cluster-test.ts";
import { timing, virtualIp } from "./lab/ha-files.ts";
import type { Node } from "./lab/node.ts";
import { program } from "./lab/program.ts";

const run = promisify(execFile);

/** What systemd runs when the daemon has ended to be started again: ExecStopPost= of the unit. */
async function release({ namespace }: Node): Promise<string> {
  const environment = ["SERVICE_RESULT=success", "EXIT_CODE=exited", "EXIT_STATUS=75"];
  const command = ["env", ...environment, process.execPath, program, "release"];
  return (await run("ip", ["netns", "exec", namespace.name, ...command])).stdout;
}

/** Whoever held nothing, for so long that it would have taken it three times. */
async function outlasts(node: Node, silentMs: number): Promise<void> {
  await node.shows(`a peer that is silent for ${silentMs} ms`, ({ peers }) =>
    peers.some(({ lastHeardMs }) => (lastHeardMs ?? 0) > silentMs),
  );
}

describe.skipIf(cannotRun)("a daemon that is replaced", () => {
  test("is back with all that it held, and neither peer nor client has noticed", async () => {
    const { node, client } = await runningCluster();
    const [alpha, beta] = [node("alpha"), node("beta")];
    client.begin();
    const restarted = alpha.cli("restart", "--within", "10s");
    expect(await alpha.daemon.exited).toEqual({ code: 75, signal: null });
    expect(await release(alpha)).toContain(`left for the daemon that is to return: ${virtualIp}`);
    alpha.start();
    expect(await restarted).toMatchObject({ code: 0, stderr: "" });
    await client.answeredBy("alpha");
    const { answerers, longestMs } = client.view();
    expect(answerers).toEqual(["alpha"]);
    expect(longestMs).toBeLessThan(moveMs);
    await alpha.daemon.told("group-held", { reason: "restart" });
    expect(beta.daemon.notices("peer-dead")).toEqual([]);
    expect(beta.daemon.notices("group-taking")).toEqual([]);
    expect((await beta.status()).groups[0]).toMatchObject({ holder: "alpha", term: 1 });
  });

  test("and does not come back is taken over from when its time is over", async () => {
    const { node, client } = await runningCluster();
    const [alpha, beta] = [node("alpha"), node("beta")];
    const restarted = alpha.cli("restart", "--within", "3s");
    expect((await alpha.daemon.exited).code).toBe(75);
    await release(alpha);
    const dead = await beta.daemon.told("peer-dead", { peer: "alpha" });
    expect(dead["silent"]).toBeGreaterThan(2500);
    await client.answeredBy("beta");
    const { code, stderr } = await restarted;
    expect(stderr).toContain("alpha is not back within 3.0 s: it does not answer");
    expect(code).toBe(1);
  });
});

describe.skipIf(cannotRun)("in maintenance", () => {
  test("nobody takes over from the dead, until deadtime after it has ended", async () => {
    const { node, client } = await runningCluster();
    const [alpha, beta] = [node("alpha"), node("beta")];
    const said = await alpha.cli("maintenance", "on", "--reason", "new switch");
    expect(said).toEqual({
      code: 0,
      stdout: "maintenance until it is taken back: nothing moves by itself\n",
      stderr: "",
    });
    await beta.daemon.told("maintenance-on", { by: "alpha", reason: "new switch" });
    expect((await beta.cli("status")).code).toBe(1);
    await alpha.powerOff();
    await outlasts(beta, 3 * timing.deadtime);
    expect(beta.has(virtualIp)).toBe(false);
    expect((await beta.cli("status")).code).toBe(2);
    expect((await beta.cli("maintenance")).stdout).toMatch(/said at alpha.*: new switch\n$/u);
    const over = await beta.cli("maintenance", "off");
    expect(over.stdout).toContain("groups move by themselves again");
    await client.answeredBy("beta");
    expect(beta.daemon.notices("group-held")[0]).toMatchObject({ reason: "peer-dead" });
  });

  test("the operator moves groups as ever, and a restart does not end it", async () => {
    const { node, client } = await runningCluster();
    const [alpha, beta] = [node("alpha"), node("beta")];
    await beta.cli("maintenance", "on", "--for", "1h");
    expect((await beta.cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("beta");
    alpha.daemon.signal("SIGKILL");
    await alpha.daemon.exited;
    alpha.start();
    await alpha.daemon.told("maintenance-on", { by: "beta" });
    const { maintenance } = await alpha.shows(
      "maintenance",
      (report) => report.maintenance !== null,
    );
    expect(maintenance?.leftMs).toBeLessThan(3_600_000);
    expect(maintenance?.leftMs).toBeGreaterThan(3_500_000);
  });

  test("its time ends it on every node", async () => {
    const { node } = await runningCluster();
    await node("alpha").cli("maintenance", "on", "--for", "2s");
    for (const each of [node("alpha"), node("beta")]) {
      await each.daemon.told("maintenance-over");
      await each.shows("no maintenance", ({ maintenance }) => maintenance === null);
    }
  });
});

describe.skipIf(cannotRun)("a node that is to stand by", () => {
  test("does so after a restart too, and takes over all the same", async () => {
    const { node, client } = await newCluster({ autoFailback: "on" });
    const [alpha, beta] = [node("alpha"), node("beta")];
    alpha.start();
    beta.start();
    await client.answeredBy("alpha");
    expect((await alpha.cli("standby", "--wait")).code).toBe(0);
    alpha.daemon.signal("SIGTERM");
    expect((await alpha.daemon.exited).code).toBe(0);
    alpha.start();
    await alpha.answers();
    await alpha.shows("a life of some deadtimes", ({ uptimeMs }) => uptimeMs > 3 * timing.deadtime);
    const { groups } = await beta.shows("alpha at rest", ({ groups: [group] }) =>
      (group?.nodes ?? []).some(({ node: name, rests }) => name === "alpha" && rests),
    );
    expect(groups[0]).toMatchObject({ holder: "beta", preferred: "alpha" });
    expect((await alpha.cli("status")).stdout).toContain(
      `alpha stands by (operator): ${virtualIp}`,
    );
    await beta.powerOff();
    await client.answeredBy("alpha");
  });
});

describe.skipIf(cannotRun)("a daemon that does not answer", () => {
  test("is told with what the kernel still has of it, and until when", async () => {
    const { node } = await runningCluster();
    const alpha = node("alpha");
    alpha.daemon.signal("SIGSTOP");
    try {
      const { code, stderr } = await alpha.cli("status");
      expect(code).toBe(3);
      expect(stderr).toContain("understudy does not answer");
      expect(stderr).toMatch(
        new RegExp(
          `${virtualIp}/24 is configured here: its lease has run out, so this node does not`,
          "u",
        ),
      );
    } finally {
      alpha.daemon.signal("SIGCONT");
    }
  });
});
