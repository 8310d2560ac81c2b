/**
 * Every method of authkeys, and a key that is changed while both run.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../netns/lab/until.ts";
import { touch, writeAuthkeys } from "./lab/pair-files.ts";
import { cannotRun, mixedRoles, runningPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

const [first, second] = mixedRoles;

describe.skipIf(cannotRun)("a key", () => {
  test.each([
    { key: "1 crc", roles: first! },
    { key: "2 md5 not-a-secret-in-a-test", roles: second! },
    { key: "15 sha1 not-a-secret-in-a-test", roles: first! },
  ])("$key is good for both", async ({ key, roles }) => {
    const pair = await runningPair({ roles, keys: [key] });
    expect(await pair.the("original").original.holding()).toBe("local");
    expect(keysUsed(pair)).toEqual([key.split(" ")[0]]);
    expect(refusals(pair)).toEqual([]);
  });

  test.each(mixedRoles)(
    "is read anew at SIGHUP, and nothing moves: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await runningPair({ roles, keys: ["1 sha1 the-old-one"] });
      const lives = pair.the("original").generation();
      for (const { sandbox } of pair.nodes) {
        writeAuthkeys(sandbox.haDir, ["2 sha1 the-new-one"]);
        touch(join(sandbox.haDir, "authkeys"));
      }
      pair.the("understudy").understudy.daemon.signal("SIGHUP");
      await pair.the("original").original.reload();
      // More of both than deadtime has keepalives: who did not believe them has said so by then.
      await until("heartbeats with the new key", () => areNew(pair, 15), 30_000, 250);
      await pair.settle();
      expect(pair.the("original").generation()).toBe(lives);
      expect([pair.tenants("alpha"), pair.tenants("beta")]).toEqual([["alpha"], ["beta"]]);
    },
  );
});

function keysUsed({ capture }: Pair): readonly string[] {
  const indices = capture.datagrams().map((each) => each.field("auth")?.split(" ")[0] ?? "none");
  return [...new Set(indices)];
}

function areNew({ capture, nodes }: Pair, count: number): boolean {
  const heartbeats = capture
    .ofType("status")
    .filter((each) => each.field("auth")?.startsWith("2 "));
  return nodes.every(
    ({ heartbeatAddress }) =>
      heartbeats.filter(({ from }) => from === heartbeatAddress).length >= count,
  );
}

/** What the original says of datagrams that it does not believe. */
function refusals(pair: Pair): readonly string[] {
  const texts = pair
    .the("original")
    .original.log()
    .map(({ text }) => text);
  return texts.filter((text) => /auth/i.test(text) && /fail|invalid/i.test(text));
}
