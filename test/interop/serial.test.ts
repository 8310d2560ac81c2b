/**
 * A serial line beside the network: what keeps a pair together when the network of heartbeats fails.
 */
import { describe, expect, onTestFinished, test } from "vitest";
import { layNullModem } from "../netns/lab/null-modem.ts";
import { until } from "../netns/lab/until.ts";
import { cannotRun, mixedRoles, newPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

async function wiredPair(roles: (typeof mixedRoles)[number]): Promise<Pair> {
  const line = await layNullModem();
  onTestFinished(() => line.remove());
  const [alpha, beta] = line.ends.map((tty) => ({ more: ["baud 115200", `serial ${tty}`] }));
  const pair = await newPair({ roles, only: { alpha: alpha!, beta: beta! } });
  await pair.start();
  return pair;
}

describe.skipIf(cannotRun)("a serial line", () => {
  test.each(mixedRoles)("carries the pair: alpha $alpha, beta $beta", async (roles) => {
    const pair = await wiredPair(roles);
    const ours = pair.the("understudy");
    const theirs = pair.the("original");
    pair.cut();
    await ours.understudy.daemon.told("link-dead", { medium: "eth1" });
    await until("the original to call the network dead", async () => {
      const said = await theirs.sandbox.exec("cl_status", "hblinkstatus", ours.name, "eth1");
      return said.stdout.trim() === "dead";
    });
    expect(await theirs.original.nodeStatus(ours.name)).toBe("active");
    expect(pair.client.view().answerers).toEqual(["alpha"]);

    // A handover goes over it too.
    await ours.standby("local");
    await pair.groupHeld(ours.name, theirs.name);
    await ours.takeover("local");
    await pair.held("alpha", "beta");
    expect(pair.overlapMs()).toBe(0);

    pair.heal();
    await ours.understudy.isWell();
  });
});
