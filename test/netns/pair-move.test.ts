/**
 * The operator's word: takeover and standby, of everything, of a part, and when it cannot be.
 */
import { describe, expect, test } from "vitest";
import { moveMs, neverMs } from "./lab/bounds.ts";
import { cannotRun, runningCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";
import type { Node } from "./lab/node.ts";
import { until } from "./lab/until.ts";

const web = virtualIp;
const mail = "10.77.0.101";
/** One group at home on each node. */
const resources = [`alpha ${web}/24/eth0`, `beta ${mail}/24/eth0`];

describe.skipIf(cannotRun)("the operator", () => {
  test("takes everything at the backup, and is told how long it took", async () => {
    const { node, client, holders } = await runningCluster();
    const { code, stdout } = await node("beta").cli("takeover", "--wait");
    expect(code).toBe(0);
    expect(stdout).toMatch(/10\.77\.0\.100: .*beta.*\d ms/);
    // Done means done: its kernel has it when the command ends.
    expect(node("beta").has(web)).toBe(true);
    await client.answeredBy("beta");
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(holders.overlapMs(web)).toBe(neverMs);
  });

  test("gives up everything at the primary, and gets it back", async () => {
    const { node, client, holders } = await runningCluster();
    expect((await node("alpha").cli("standby", "--wait")).code).toBe(0);
    await client.answeredBy("beta");
    expect((await node("alpha").cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("alpha");
    expect(client.view().longestMs).toBeLessThan(moveMs);
    expect(holders.sequence(web)).toEqual(["alpha", "beta", "alpha"]);
    expect(holders.overlapMs(web)).toBe(neverMs);
  });

  test("is obeyed although auto_failback is on: what was taken does not go home by itself", async () => {
    const { node, client, holders } = await runningCluster({ autoFailback: "on" });
    expect((await node("beta").cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("beta");
    // Ten heartbeats later it is there still.
    await node("beta").shows("age", ({ groups }) => groups[0]!.sinceMs > 1000);
    expect(holders.sequence(web)).toEqual(["alpha", "beta"]);
  });

  test.each([
    { at: "beta", words: ["takeover", web], where: { web: "beta", mail: "beta" } },
    { at: "alpha", words: ["standby", web], where: { web: "beta", mail: "beta" } },
    { at: "alpha", words: ["standby", "local"], where: { web: "beta", mail: "beta" } },
    { at: "alpha", words: ["takeover", "foreign"], where: { web: "alpha", mail: "alpha" } },
    { at: "beta", words: ["takeover", "local"], where: { web: "alpha", mail: "beta" } },
    { at: "beta", words: ["takeover", "all"], where: { web: "beta", mail: "beta" } },
  ])("moves what is meant by `$words` at $at, and nothing else", async ({ at, words, where }) => {
    const { node, nodes, holders } = await runningCluster({ resources });
    await settled(nodes, { web: "alpha", mail: "beta" });
    const { code } = await node(at).cli(...words, "--wait");
    expect(code).toBe(0);
    await settled(nodes, where);
    expect(holders.overlapMs(web) + holders.overlapMs(mail)).toBe(neverMs);
    expect(holders.sequence(web)).toHaveLength(where.web === "alpha" ? 1 : 2);
    expect(holders.sequence(mail)).toHaveLength(where.mail === "beta" ? 1 : 2);
  });

  test("is obeyed by the names that heartbeat's commands have, and answered in its words", async () => {
    const { node, holders } = await runningCluster({ resources });
    const words = async (alpha: string, beta: string): Promise<void> => {
      for (const [name, word] of Object.entries({ alpha, beta })) {
        const asked = async (): Promise<boolean> =>
          (await node(name).cli("cl_status", "rscstatus")).stdout === `${word}\n`;
        await until(`${name} to say ${word}`, asked, 20_000, 50);
      }
    };
    await words("local", "local");
    for (const [at, command, word, alpha, beta] of [
      ["alpha", "hb_standby", "all", "none", "all"],
      ["alpha", "hb_takeover", "failback", "local", "local"],
      ["beta", "hb_takeover", "foreign", "none", "all"],
      ["beta", "hb_standby", "failback", "local", "local"],
      ["alpha", "hb_standby", "local", "none", "all"],
    ] as const) {
      expect((await node(at).cli(command, word)).code).toBe(0);
      await words(alpha, beta);
    }
    expect(holders.overlapMs(web) + holders.overlapMs(mail)).toBe(neverMs);
    const { stdout } = await node("beta").cli("cl_status", "hbparameter", "-p", "auto_failback");
    expect(stdout).toMatch(/^(on|off)\n$/);
  });

  test("is refused with the reason when no other node can take it", async () => {
    const { node, client } = await runningCluster();
    await node("beta").powerOff();
    await node("alpha").daemon.told("peer-dead");
    const { code, stdout, stderr } = await node("alpha").cli("standby", "--wait");
    expect(code).toBe(1);
    expect(stdout + stderr).toContain("beta (is dead)");
    await client.answeredBy("alpha");
    expect(client.view().answerers).toEqual(["alpha"]);
  });

  test("is told that a group is unknown, and that nothing runs", async () => {
    const { node } = await runningCluster();
    const unknown = await node("alpha").cli("takeover", "10.9.9.9");
    expect(unknown.stderr).toBe(`understudy: there is no group '10.9.9.9': write ${web}\n`);
    expect(unknown.code).toBe(64);
    node("alpha").daemon.signal("SIGTERM");
    await node("alpha").daemon.exited;
    expect((await node("alpha").cli("takeover")).code).toBe(3);
  });
});

async function settled(
  nodes: readonly Node[],
  where: { readonly web: string; readonly mail: string },
): Promise<void> {
  for (const node of nodes)
    await node.shows(`who holds what: ${JSON.stringify(where)}`, ({ groups }) => {
      const [first, second] = groups;
      return (
        first?.holder === where.web &&
        second?.holder === where.mail &&
        groups.every(({ state }) => state === "held")
      );
    });
}
