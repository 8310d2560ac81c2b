/**
 * What a stranger on the network sends to Understudy's port, and yesterday's heartbeats.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { until } from "../netns/lab/until.ts";
import { writeDatagrams } from "./lab/datagrams.ts";
import { touch } from "./lab/pair-files.ts";
import { cannotRun, mixedRoles, runningPair } from "./lab/pair-test.ts";
import type { Pair } from "./lab/pair.ts";

const strange: readonly Buffer[] = [
  // Kills an original.
  Buffer.from("###\n3:abc,%%%\n"),
  Buffer.from("###\n9:(9)t=status,%%%\n1:1,"),
  Buffer.from("###\n99999999999999999999:(0)t=status,%%%\n"),
  Buffer.from("###\n-1:(0)t=status,%%%\n42:1 0000,"),
  Buffer.from(">>>\n<<<\n"),
  Buffer.from(">>>\nt=status\nsrc=alpha\n"),
  Buffer.from(">>>\n(2)t=\u0014\u0014\u0014\nauth=1 00\n<<<\n"),
  Buffer.alloc(0),
  randomBytes(1400),
  Buffer.concat([Buffer.from("###\n"), randomBytes(60_000)]),
  Buffer.concat([Buffer.from(">>>\n"), Buffer.alloc(65_000, "a=b\n")]),
];

describe.skipIf(cannotRun)("hostile datagrams", () => {
  test.each(mixedRoles)(
    "are counted and change nothing: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await runningPair({ roles });
      const { understudy } = pair.the("understudy");
      const halves = pair.capture.datagrams().map(({ payload }) => payload.subarray(0, 150));
      const before = rejectedOf(await understudy.status());
      send(pair, [...strange, ...halves]);
      await until(
        "the datagrams to be counted",
        async () => rejectedOf(await understudy.status()) >= before + halves.length,
        20_000,
        250,
      );
      await pair.settle();
      expect([pair.tenants("alpha"), pair.tenants("beta")]).toEqual([["alpha"], ["beta"]]);
      expect(
        pair
          .the("original")
          .original.log()
          .filter(({ text }) => /is dead/.test(text)),
      ).toEqual([]);
    },
  );

  test.each(mixedRoles)(
    "of a former life of the original are not believed: alpha $alpha, beta $beta",
    async (roles) => {
      const pair = await runningPair({ roles });
      const node = pair.the("original");
      const { understudy } = pair.the("understudy");
      const former = pair.capture
        .datagrams()
        .filter(({ from }) => from === node.heartbeatAddress)
        .map(({ payload }) => payload);
      const before = node.generation();
      touch(join(node.sandbox.haDir, "ha.cf"));
      await node.original.reload();
      await until("another generation", () => node.generation() !== before, 30_000, 100);
      await node.original.logged(/remote resource transition completed/i, 0);
      await pair.settle();
      const counted = rejectedOf(await understudy.status());
      send(pair, former);
      await until(
        "the replay to be counted",
        async () => rejectedOf(await understudy.status()) > counted,
        20_000,
        250,
      );
      await pair.settle();
      expect([pair.tenants("alpha"), pair.tenants("beta")]).toEqual([["alpha"], ["beta"]]);
    },
  );
});

/** From a third machine on the heartbeat network. */
function send(pair: Pair, datagrams: readonly Buffer[]): void {
  pair.hub.ip("addr replace 10.78.0.254/24 dev private");
  const node = pair.the("understudy");
  const file = join(node.sandbox.logDir, "datagrams");
  writeDatagrams(file, datagrams);
  pair.hub.run(process.execPath, [sender, node.heartbeatAddress, file]);
}

const sender = new URL("lab/send.ts", import.meta.url).pathname;

function rejectedOf({ rejected }: { readonly rejected: Readonly<Record<string, number>> }): number {
  return Object.values(rejected).reduce((sum, count) => sum + count, 0);
}
