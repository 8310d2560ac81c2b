/**
 * A serial line, as the only heartbeat link and beside a network.
 *
 * keepalive 100 ms, deadtime 1 s, 115200 baud: a heartbeat takes the line for some 40 ms.
 */
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { moveMs } from "./lab/bounds.ts";
import { cannotRun, newCluster } from "./lab/cluster-test.ts";
import type { Cluster } from "./lab/cluster.ts";
import { ucast, virtualIp } from "./lab/ha-files.ts";
import type { NullModem } from "./lab/null-modem.ts";
import { layNullModem } from "./lab/null-modem.ts";
import { until } from "./lab/until.ts";

const pair = ["alpha", "beta"];

interface Wired {
  readonly cluster: Cluster;
  readonly line: NullModem;
  /** Of each node, what its device is called. */
  readonly tty: (name: string) => string;
}

/** The devices of the two ends are files of one machine here, so they have different names. */
async function wiredCluster(
  media: readonly string[],
  begin: "started" | "not started" = "started",
): Promise<Wired> {
  const line = await layNullModem();
  onTestFinished(() => line.remove());
  const cluster = await newCluster({ media: ["baud 115200", "serial /dev/ttyS0", ...media] });
  const tty = (name: string): string => line.ends[pair.indexOf(name)]!;
  for (const { name, haDir } of cluster.nodes) {
    const file = join(haDir, "ha.cf");
    writeFileSync(file, readFileSync(file, "utf8").replace("/dev/ttyS0", tty(name)));
  }
  if (begin === "started") await cluster.start();
  return { cluster, line, tty };
}

describe.skipIf(cannotRun)("a serial line as the only heartbeat link", () => {
  test("keeps the peer alive, and finds its death", async () => {
    const { cluster, tty } = await wiredCluster([]);
    const { node, nodes, client, holders } = cluster;
    for (const each of nodes) {
      await each.shows("the line", ({ peers }) => {
        const links = peers.flatMap((peer) => peer.links);
        return (
          links.length === 1 && links[0]!.medium === tty(each.name) && links[0]!.state === "up"
        );
      });
    }
    const check = await node("alpha").cli("check");
    expect(check.stdout).toContain(`${tty("alpha")} is there and can carry heartbeats`);
    await node("alpha").powerOff();
    await client.answeredBy("beta");
    expect(holders.sequence(virtualIp)).toEqual(["alpha", "beta"]);
  });

  test("that is cut moves nothing: the holder still answers its clients", async () => {
    const { cluster, line } = await wiredCluster([]);
    const { node, nodes, holders, client } = cluster;
    line.cut();
    await node("beta").daemon.told("peer-dead", { peer: "alpha" });
    await node("beta").daemon.told("takeover-held-off");
    line.restore();
    for (const each of nodes) {
      await each.shows("nothing wrong", ({ redundancy }) => redundancy.state === "ok");
    }
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
    expect(client.view().answerers).toEqual(["alpha"]);
  });

  test("moves a group at the operator's word without a gap", async () => {
    const { cluster } = await wiredCluster([]);
    const { node, client } = cluster;
    expect((await node("beta").cli("takeover", "--wait")).code).toBe(0);
    await client.answeredBy("beta");
    expect(client.view().longestMs).toBeLessThan(moveMs);
  });

  test("with garbage on it counts that, and goes on", async () => {
    const { cluster, tty } = await wiredCluster([]);
    const { node, holders } = cluster;
    // Written to one end it comes out at the other, between and inside of heartbeats.
    for (let count = 0; count < 20; count += 1) {
      writeFileSync(tty("alpha"), Buffer.from("\xff\x00<<<\n>>>\nt=status\n\x80>>>", "latin1"));
    }
    const told = await node("beta").daemon.told("datagrams-rejected", { medium: tty("beta") });
    expect(told["reason"]).toBe("malformed");
    const { uptimeMs } = await node("beta").status();
    // Longer than deadtime: it is heard in between.
    await node("beta").shows("more time", (report) => report.uptimeMs > uptimeMs + 1500);
    expect(node("beta").daemon.notices("peer-dead")).toEqual([]);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });
});

test.skipIf(cannotRun)(
  "what goes on a line is text that an original reads, with its ttl and our UUID",
  async () => {
    const { cluster, tty } = await wiredCluster(["hopfudge 4"], "not started");
    const alpha = cluster.node("alpha");
    const fd = openSync(tty("beta"), constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY);
    onTestFinished(() => closeSync(fd));
    alpha.start();
    let heard = "";
    const message = await until("a whole heartbeat", () => {
      heard += readSome(fd);
      return /^>>>\n([^]*?)^<<<\n/m.exec(heard)?.[1];
    });
    const fields = new Map(
      message.split("\n").map((line) => [line.split("=", 1)[0], line.replace(/^[^=]*=/, "")]),
    );
    expect(fields.get("src")).toBe("alpha");
    // hopfudge, and one for each node.
    expect(fields.get("ttl")).toBe("6");
    const uuid = readFileSync(join(alpha.haDir, "../lib/hb_uuid")).toString("base64");
    expect(fields.get("(1)srcuuid")).toBe(uuid);
  },
);

function readSome(fd: number): string {
  const buffer = Buffer.alloc(4096);
  try {
    return buffer.toString("latin1", 0, readSync(fd, buffer));
  } catch {
    // EAGAIN: nothing has come since.
    return "";
  }
}

describe.skipIf(cannotRun)("a serial line beside a network", () => {
  test("that is cut is told, and moves nothing; so is its return", async () => {
    const { cluster, line, tty } = await wiredCluster(ucast(pair, [0]));
    const { node, nodes, holders } = cluster;
    line.cut();
    for (const { name, daemon } of nodes) await daemon.told("link-dead", { medium: tty(name) });
    const later = node("alpha").daemon.fromNow();
    line.restore();
    await later.told("link-up", { medium: tty("alpha") });
    for (const { daemon } of nodes) expect(daemon.notices("peer-dead")).toEqual([]);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });

  test("keeps both alive when the network is cut", async () => {
    const { cluster } = await wiredCluster(ucast(pair, [0]));
    const { node, nodes, holders } = cluster;
    node("beta").service.cut();
    await node("alpha").daemon.told("link-dead", { medium: "eth0" });
    await node("alpha").shows("the peer on the line", ({ peers }) => {
      return peers[0]!.state === "up" && peers[0]!.links.some(({ state }) => state === "up");
    });
    for (const { daemon } of nodes) expect(daemon.notices("peer-dead")).toEqual([]);
    expect(holders.sequence(virtualIp)).toEqual(["alpha"]);
  });
});
