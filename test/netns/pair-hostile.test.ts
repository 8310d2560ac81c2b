/**
 * Those who mean no good, or do not know better: floods at the heartbeat port, and clients of the
 * control socket that do not go on.
 */
import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { socketName } from "../../src/control/index.ts";
import { neverMs } from "./lab/bounds.ts";
import { cannotRun, runningCluster } from "./lab/cluster-test.ts";
import type { Cluster } from "./lab/cluster.ts";
import { ucast, virtualIp } from "./lab/ha-files.ts";

const flood = new URL("lab/flood.ts", import.meta.url).pathname;

/** What the heap may grow by until garbage is collected. A flood is some ten times of it. */
const growthKiB = 96 * 1024;

describe.skipIf(cannotRun)("a flood at the heartbeat port", () => {
  test.each([
    { kind: "forged", seconds: 10, rate: 100_000, reason: "bad-signature" },
    { kind: "huge", seconds: 4, rate: 5000, reason: "malformed" },
  ])(
    "of $kind datagrams, for $seconds s, moves nothing and makes no noise",
    async ({ kind, seconds, rate, reason }) => {
      const cluster = await runningCluster();
      const { node, nodes, client, holders } = cluster;
      const alpha = node("alpha");
      const before = alpha.daemon.residentKiB();
      const sent = await flooded(cluster, [kind, "10.77.0.1", "694", `${seconds}`, `${rate}`]);
      const grown = alpha.daemon.residentKiB() - before;
      const { rejected } = await alpha.status();
      const counted = rejected[reason] ?? 0;
      console.log(
        `${kind}: ${Math.round(sent / seconds)} sent a second, ${counted} of ${sent} read, ` +
          `${grown} KiB more in memory, the client's longest pause ${client.view().longestMs} ms`,
      );
      expect(counted).toBeGreaterThan(seconds * 100);
      const told = alpha.daemon.notices("datagrams-rejected");
      expect(told.filter((line) => line["reason"] === reason)).toHaveLength(1);
      expect(grown).toBeLessThan(growthKiB);
      for (const { daemon } of nodes) expect(daemon.notices("peer-dead")).toEqual([]);
      await client.answeredBy("alpha");
      expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
      // A death is found in time all the same.
      await alpha.powerOff();
      await client.answeredBy("beta");
      expect(holders.overlapMs(virtualIp)).toBe(neverMs);
    },
  );

  test("of what does not look like a heartbeat ends in the kernel, on the only link too", async () => {
    const cluster = await runningCluster({ media: ucast(["alpha", "beta"], [0]) });
    const { node, nodes, client, holders } = cluster;
    const sent = await flooded(cluster, ["garbage", "10.77.0.2", "694", "10", "100000"]);
    console.log(`garbage: ${Math.round(sent / 10)} sent a second`);
    expect(sent).toBeGreaterThan(10_000);
    const { rejected } = await node("beta").status();
    expect(Object.keys(rejected)).toEqual(["dropped-by-kernel"]);
    expect(rejected["dropped-by-kernel"]).toBeGreaterThan(10_000);
    for (const { daemon } of nodes) expect(daemon.notices("peer-dead")).toEqual([]);
    await client.answeredBy("alpha");
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });
});

describe.skipIf(cannotRun)("the control socket", () => {
  test("answers while one client has sent half a request and stays", async () => {
    const { node } = await runningCluster();
    await clientsOf(node("alpha").runDir, 1);
    expect((await node("alpha").cli("status")).code).toBe(0);
  });

  test("answers while a hundred clients have sent half a request and stay", async () => {
    const { node, nodes, holders } = await runningCluster();
    await clientsOf(node("alpha").runDir, 100);
    expect((await node("alpha").cli("status")).code).toBe(0);
    for (const { daemon } of nodes) expect(daemon.notices("peer-dead")).toEqual([]);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("carries out a command whose client has gone meanwhile", async () => {
    const { node, client } = await runningCluster();
    const body = JSON.stringify({ selection: "all", wait: true });
    const socket = connect(join(node("beta").runDir, socketName));
    await once(socket, "connect");
    const lines = [
      "POST /v1/takeover HTTP/1.1",
      "host: understudy",
      `content-length: ${body.length}`,
    ];
    socket.write(`${lines.join("\r\n")}\r\n\r\n${body}`);
    await node("beta").daemon.told("move-asked");
    socket.destroy();
    await client.answeredBy("beta");
    expect((await node("beta").cli("status")).code).toBe(0);
  });
});

/** Sends from the client's machine. @returns how many datagrams */
async function flooded({ clientPlace }: Cluster, args: readonly string[]): Promise<number> {
  const child = clientPlace.spawn(process.execPath, [flood, ...args]);
  const [sent, complaints] = await Promise.all([text(child.stdout!), text(child.stderr!)]);
  expect(complaints).toBe("");
  return Number(sent);
}

/** Clients that have begun to ask. Their connections may be refused or ended at any time. */
async function clientsOf(runDir: string, count: number): Promise<void> {
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
  for (let index = 0; index < count; index++) {
    const socket = connect(join(runDir, socketName)).on("error", () => undefined);
    sockets.push(socket);
    socket.write("GET /v1/status HTTP/1.1\r\nhost: under");
  }
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
}
