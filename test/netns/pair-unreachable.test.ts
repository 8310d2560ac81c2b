/**
 * A daemon that is killed while its kernel lives and refuses heartbeats: its peer waits for the end of
 * the lease, not for the end of deadtime. And a firewall that refuses them for a daemon that lives.
 *
 * The lease is made much shorter than deadtime, so that a busy machine does not hide the difference:
 * 2 s of 6 s, a margin of 4 s. A refused peer is asked for from 2.5 s on, and dead at 3.5 s.
 */
import { describe, expect, test } from "vitest";
import { neverMs } from "./lab/bounds.ts";
import { cannotRun, runningCluster } from "./lab/cluster-test.ts";
import { ucast, virtualIp } from "./lab/ha-files.ts";
import type { Node } from "./lab/node.ts";

const files = { deadtime: "6", initdead: "8", warntime: "500ms", more: ["lease 2"] };
/** Of silence. */
const [earliest, latest] = [2500, 5500];

describe.skipIf(cannotRun)("a daemon that is gone", () => {
  test.each([
    ["to each node", ucast(["alpha", "beta"])],
    ["to all", ["bcast eth0 eth1"]],
    ["to a group", ["mcast eth0 239.0.0.42 694 1 0"]],
  ])("is taken from when its lease has ended, if heartbeats go %s", async (_, media) => {
    const { node, client, holders } = await runningCluster({ ...files, media });
    const [alpha, beta] = [node("alpha"), node("beta")];
    alpha.daemon.signal("SIGKILL");
    await beta.daemon.told("peer-unreachable", { peer: "alpha" });
    await client.answeredBy("beta");
    const silent = Number(beta.daemon.notices("peer-dead")[0]?.["silent"]);
    expect(silent).toBeGreaterThanOrEqual(earliest);
    expect(silent).toBeLessThan(latest);
    expect(client.view().answerers).toEqual(["alpha", "beta"]);
    expect(holders.sequence(virtualIp)).toContain("beta");
  });

  test("costs nothing if it is started again within its lease", async () => {
    const { node, client, holders } = await runningCluster(files);
    const [alpha, beta] = [node("alpha"), node("beta")];
    await alpha.shows("a memory of it", ({ groups }) => groups[0]?.holder === "alpha");
    alpha.daemon.signal("SIGKILL");
    await alpha.daemon.exited;
    await beta.daemon.told("peer-unreachable", { peer: "alpha" });
    alpha.start();
    await alpha.daemon.told("group-held", { reason: "restart" });
    await beta.daemon.told("peer-restarted", { peer: "alpha" });
    await client.answeredBy("alpha");
    expect(client.view().answerers).toEqual(["alpha"]);
    expect(holders.overlapMs(virtualIp)).toBe(neverMs);
  });
});

describe.skipIf(cannotRun)("a firewall that refuses heartbeats of a daemon that lives", () => {
  test("has nothing taken from it, as long as the network answers", async () => {
    const { node, client } = await runningCluster({ ...files, deadtime: "2", more: [] });
    const [alpha, beta] = [node("alpha"), node("beta")];
    refuse(alpha);
    await beta.daemon.told("peer-unreachable", { peer: "alpha" });
    await beta.daemon.told("takeover-held-off");
    await client.answeredBy("alpha");
    expect(client.view().answerers).toEqual(["alpha"]);
    expect(beta.daemon.notices("group-taking")).toEqual([]);
    alpha.namespace.run("nft", ["delete table inet fw"]);
    await beta.daemon.told("peer-returned", { peer: "alpha" });
    await client.answeredBy("alpha");
    expect(client.view().answerers).toEqual(["alpha"]);
  });
});

/** What it says is lost, what is said to it is refused. */
function refuse({ namespace }: Node): void {
  namespace.run("nft", [
    "add table inet fw;" +
      "add chain inet fw input { type filter hook input priority 0; };" +
      "add chain inet fw output { type filter hook output priority 0; };" +
      "add rule inet fw input udp dport 694 reject;" +
      "add rule inet fw output udp dport 694 drop",
  ]);
}
