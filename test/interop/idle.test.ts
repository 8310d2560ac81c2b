/**
 * Ten minutes in which nothing happens, and nobody says that anything does.
 */
import { describe, expect, test } from "vitest";
import { monotonicMs, until } from "../netns/lab/until.ts";
import { cannotRun, mixedRoles, runningPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

const idleMs = 600_000;

/** What the original says when it misses, or has missed, something of us, at whatever level. */
const misses = /lost packet|pkts missing|late heartbeat|paused|hist queue/i;

/** That it was not run in time itself, which says something of this machine only. */
const ownDelay = /^Gmain_timeout_dispatch: /;

describe.skipIf(cannotRun)("a pair that idles for ten minutes", () => {
  test(
    "has nothing to complain of, whichever of the two was replaced",
    { timeout: 700_000 },
    async () => {
      const pairs = await Promise.all(mixedRoles.map((roles) => runningPair({ roles })));
      const before = pairs.map((pair) => said(pair));
      const end = monotonicMs() + idleMs;
      await until("ten minutes to pass", () => monotonicMs() > end, idleMs + 10_000, 1000);
      for (const [index, pair] of pairs.entries()) {
        expect(said(pair).slice(before[index]!.length)).toEqual([]);
        expect([pair.tenants("alpha"), pair.tenants("beta")]).toEqual([["alpha"], ["beta"]]);
        expect(pair.client.view().answerers).toEqual(["alpha"]);
        await pair.settle();
      }
    },
  );
});

/** Complaints in the logs of both. */
function said(pair: Pair): readonly string[] {
  const { original } = pair.the("original");
  const { understudy } = pair.the("understudy");
  const theirs = original
    .log()
    .filter(({ text }) => !ownDelay.test(text))
    .filter(({ level, text }) => !["info", "debug", ""].includes(level) || misses.test(text));
  const ours = understudy.story().filter(({ level }) => level !== "info" && level !== "debug");
  return [...theirs, ...ours].map((line) => JSON.stringify(line));
}
