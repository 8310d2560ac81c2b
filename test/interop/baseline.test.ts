/**
 * The original with itself: what the other tests compare with, and that their pairs are real ones.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { until } from "../netns/lab/until.ts";
import { cannotRun, newPair } from "./lab/pair-test.ts";
import { createPair } from "./lab/pair.ts";

const roles = { alpha: "original", beta: "original" } as const;

describe.skipIf(cannotRun)("a pair of originals", () => {
  test("settles with a group each, fails over when one dies, and takes it back when it returns", async () => {
    const pair = await newPair({ roles });
    await pair.start();
    await pair.alpha.original.holds("local");
    await pair.beta.original.holds("local");
    expect([pair.alpha.runs(), pair.beta.runs()]).toEqual([["alpha"], ["beta"]]);
    await pair.client.answeredBy("alpha");

    await pair.alpha.kill();
    await pair.held("beta", "beta");
    await pair.client.answeredBy("beta");
    expect(pair.client.view().moveMs).toBeGreaterThan(4000);
    expect(pair.beta.runs()).toEqual(["alpha", "beta"]);

    await pair.alpha.revive();
    expect(pair.alpha.has()).toEqual([]);
    await pair.alpha.start();
    await pair.held("alpha", "beta");
    await pair.alpha.original.holds("local");
    expect(pair.tenants("alpha")).toEqual(["alpha", "beta", "alpha"]);
  });

  test("leaves nothing behind", async () => {
    const pair = await createPair({ roles });
    await pair.start();
    const pids = pair.nodes.flatMap(({ namespace }) => namespace.pids());
    expect(pids.length).toBeGreaterThan(8);
    pair.remove();
    const namespaces = execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
    for (const { namespace } of pair.nodes) expect(namespaces).not.toContain(namespace.name);
    expect(existsSync(pair.alpha.sandbox.haDir)).toBe(false);
    // They were killed, and end a moment later.
    await until("their end", () => !pids.some((pid) => existsSync(`/proc/${pid}/exe`)));
  });
});
