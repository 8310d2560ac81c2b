/**
 * Who knows no key, and can hear and say everything on the network: what it makes up, what it has
 * recorded, in any order, to anybody, at any time.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Key } from "../../src/wire/index.ts";
import { encode, textField } from "../../src/wire/index.ts";
import type { Captured } from "../interop/lab/capture.ts";
import { startCapture } from "../interop/lab/capture.ts";
import { writeDatagrams } from "../interop/lab/datagrams.ts";
import { moveMs, neverMs } from "./lab/bounds.ts";
import { cannotRun, runningCluster } from "./lab/cluster-test.ts";
import type { Cluster } from "./lab/cluster.ts";
import { virtualIp } from "./lab/ha-files.ts";
import { until } from "./lab/until.ts";

const addresses = { alpha: "10.77.0.1", beta: "10.77.0.2" } as const;

describe.skipIf(cannotRun)("a stranger on the network", () => {
  test("who forges heartbeats is counted by reason, and changes nothing", async () => {
    const cluster = await runningCluster();
    const [recorded] = await record(cluster, 5);
    const bytes = recorded!.payload;
    const forged = forgeries(bytes);
    for (const address of Object.values(addresses)) {
      send(
        cluster,
        address,
        forged.flatMap(({ datagram }) => Array.from({ length: 20 }, () => datagram)),
      );
    }
    for (const node of cluster.nodes) {
      const { rejected } = await node.shows("all of them", ({ rejected: found }) =>
        forged.every(({ reason }) => (found[reason] ?? 0) >= 20),
      );
      expect(new Set(Object.keys(rejected))).toEqual(new Set(forged.map(({ reason }) => reason)));
    }
    await nothingHasHappened(cluster);
  });

  test("who says again what was said changes nothing, whomever he says it to", async () => {
    const cluster = await runningCluster();
    const recorded = await record(cluster, 20);
    for (const address of Object.values(addresses)) {
      // To its receiver, and back to its sender; in order, and with the last word first.
      send(cluster, address, payloads(recorded));
      send(cluster, address, payloads(recorded).toReversed());
    }
    await nothingHasHappened(cluster);
  });

  test("who says again what a dead node said does not bring it back", async () => {
    const cluster = await runningCluster();
    const recorded = await record(cluster, 20);
    const beta = cluster.node("beta");
    await cluster.node("alpha").powerOff();
    await cluster.client.answeredBy("beta");
    for (let round = 0; round < 3; round++) send(cluster, addresses.beta, payloads(recorded));
    const { peers } = await beta.shows(
      "the group here",
      ({ groups }) => groups[0]?.state === "held",
    );
    expect(peers[0]).toMatchObject({ node: "alpha", state: "dead" });
    expect(beta.daemon.notices("peer-returned")).toEqual([]);
    expect(beta.daemon.notices("peer-dead")).toHaveLength(1);
    expect(cluster.holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);

    // It comes back as another life; the former one is a stranger's still.
    cluster.node("alpha").powerOn();
    const before = beta.daemon.fromNow();
    cluster.node("alpha").start();
    await before.told("peer-up");
    const news = beta.daemon.fromNow();
    const ofAlpha = recorded.filter(({ from }) => from === addresses.alpha);
    send(cluster, addresses.beta, payloads(ofAlpha));
    await beta.shows("the replay", ({ rejected }) => (rejected["replayed"] ?? 0) >= ofAlpha.length);
    for (const code of ["peer-dead", "peer-restarted", "group-released"] as const) {
      expect(news.notices(code)).toEqual([]);
    }
    await cluster.client.answeredBy("beta");
  });

  test("who says again what a dead node said is not believed by one that has just begun either", async () => {
    const cluster = await runningCluster();
    const recorded = await record(cluster, 20);
    const beta = cluster.node("beta");
    await cluster.node("alpha").powerOff();
    await cluster.client.answeredBy("beta");
    beta.daemon.signal("SIGTERM");
    await beta.daemon.exited;
    beta.start();
    await beta.answers();
    const replay = (): void => send(cluster, addresses.beta, payloads(recorded));
    await until("the group on beta", () => {
      replay();
      return cluster.holders.now(virtualIp).includes("beta");
    });
    expect(beta.daemon.notices("peer-up")).toEqual([]);
  });
});

describe.skipIf(cannotRun)("the keys of a pair that runs", () => {
  const [old, next] = ["1 sha256 not-a-secret-in-a-test", "2 sha512 the-new-one-of-a-test"];

  test("are changed node by node, and no heartbeat is lost for it", async () => {
    const cluster = await runningCluster();
    const steps = [
      ["auth 1", old, next],
      ["auth 2", old, next],
      ["auth 2", next],
    ];
    for (const step of steps) {
      for (const { haDir, daemon } of cluster.nodes) {
        const news = daemon.fromNow();
        const lines = step.map((line) => `${line}\n`);
        writeFileSync(join(haDir, "authkeys"), lines.join(""), { mode: 0o600 });
        daemon.signal("SIGHUP");
        await news.told("reloaded");
        // More than deadtime has, from either to the other.
        await record(cluster, 12);
      }
    }
    const signers = (await record(cluster, 3)).map((each) => each.field("auth")?.slice(0, 2));
    expect(new Set(signers)).toEqual(new Set(["2 "]));
    for (const node of cluster.nodes) expect((await node.status()).rejected).toEqual({});
    await nothingHasHappened(cluster);
  });
});

/** Until so many of each node's were seen, on the cable that the client is on too. */
async function record({ node }: Cluster, count: number): Promise<readonly Captured[]> {
  const folder = mkdtempSync(join(tmpdir(), "us-record-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { namespace } = node("alpha");
  const capture = await startCapture(namespace, "eth0", join(folder, "pcap"));
  const of = (address: string) => capture.datagrams().filter(({ from }) => from === address);
  await until("enough heartbeats", () =>
    Object.values(addresses).every((address) => of(address).length >= count),
  );
  return capture.datagrams();
}

function payloads(recorded: readonly Captured[]): readonly Buffer[] {
  return recorded.map(({ payload }) => payload);
}

const sender = new URL("../interop/lab/send.ts", import.meta.url).pathname;

/** From the client's machine. */
function send({ clientPlace }: Cluster, address: string, datagrams: readonly Buffer[]): void {
  const folder = mkdtempSync(join(tmpdir(), "us-send-"));
  try {
    writeDatagrams(join(folder, "datagrams"), datagrams);
    clientPlace.run(process.execPath, [sender, address, join(folder, "datagrams")]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Forgery {
  readonly datagram: Buffer;
  readonly reason: string;
}

/** @param good - a heartbeat as it was sent */
function forgeries(good: Buffer): readonly Forgery[] {
  const text = good.toString("latin1");
  const signed = (key: Key): Buffer => {
    const lines = text
      .split("\n")
      .filter((line) => line.includes("=") && !/^(?:auth|\()/.test(line));
    const fields = lines.map((line) => {
      const at = line.indexOf("=");
      return textField(line.slice(0, at), line.slice(at + 1));
    });
    return encode(fields, key);
  };
  const changed = (pattern: RegExp, by: string): Buffer =>
    Buffer.from(text.replace(pattern, by), "latin1");
  return [
    {
      reason: "bad-signature",
      datagram: signed({ index: 1, method: "sha256", secret: "a guess" }),
    },
    { reason: "bad-signature", datagram: signed({ index: 1, method: "crc", secret: "" }) },
    { reason: "unknown-key", datagram: signed({ index: 2, method: "sha256", secret: "a guess" }) },
    { reason: "bad-signature", datagram: changed(/us_phase=\w+/, "us_phase=leaving") },
    { reason: "bad-signature", datagram: changed(/\nauth=.*/, "") },
    { reason: "bad-signature", datagram: changed(/\nauth=1 /, "\nauth=1 0") },
    { reason: "unknown-key", datagram: changed(/\nauth=1 /, "\nauth=0 ") },
    { reason: "malformed", datagram: good.subarray(0, good.length - 1) },
    { reason: "malformed", datagram: changed(/\nauth=/, "\nauth=1 00\nauth=") },
  ];
}

async function nothingHasHappened({ nodes, client, holders }: Cluster): Promise<void> {
  for (const { daemon } of nodes) {
    for (const code of ["peer-dead", "peer-restarted", "name-clash", "group-released"] as const) {
      expect(daemon.notices(code)).toEqual([]);
    }
  }
  await client.answeredBy("alpha");
  expect(client.view().longestMs).toBeLessThan(moveMs);
  expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  expect(holders.overlapMs(virtualIp)).toBe(neverMs);
}
