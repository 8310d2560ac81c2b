/**
 * A thousand addresses in one group: they move as one does, and nobody misses a heartbeat for it.
 */
import { describe, expect, test } from "vitest";
import { deathMs, neverMs } from "./lab/bounds.ts";
import { cannotRun, runningCluster } from "./lab/cluster-test.ts";
import { virtualIp } from "./lab/ha-files.ts";
import type { Node } from "./lab/node.ts";

/** In a subnet of their own: the first one is the primary address of the others. */
const more = Array.from({ length: 999 }, (_, n) => `10.79.${1 + (n >> 8)}.${n & 255}`);
const resources = [
  `alpha ${virtualIp}/24/eth0 ${more.map((address) => `${address}/16/eth0`).join(" ")}`,
];

function count({ namespace }: Node): number {
  return namespace.ip("-o -4 addr show dev eth0").split("inet 10.79.").length - 1;
}

describe.skipIf(cannotRun)("a thousand addresses", () => {
  test("are moved by hand, and taken over at a death, without a node being missed", async () => {
    const { node, client, holders } = await runningCluster({ resources });
    const [alpha, beta] = [node("alpha"), node("beta")];
    expect(count(alpha)).toBe(999);
    expect((await beta.cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("beta");
    expect([count(alpha), count(beta)]).toEqual([0, 999]);
    expect(beta.daemon.notices("group-held").at(-1)).toMatchObject({ reason: "takeover" });
    for (const { daemon } of [alpha, beta]) {
      expect(daemon.notices("peer-dead")).toEqual([]);
      expect(daemon.notices("lease-lapsed")).toEqual([]);
    }
    for (const address of [virtualIp, more[0]!, more.at(-1)!])
      expect(holders.overlapMs(address)).toBe(neverMs);
    client.begin();
    await beta.powerOff();
    await client.answeredBy("alpha");
    await alpha.shows("the group whole", ({ groups }) => groups[0]!.state === "held");
    expect(count(alpha)).toBe(999);
    expect(client.view().longestMs).toBeLessThan(deathMs.most);
    expect(alpha.daemon.notices("lease-lapsed")).toEqual([]);
  });
});
