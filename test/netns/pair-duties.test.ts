/**
 * What a daemon does for its own node: programs that are kept running, the watchdog, realtime, the
 * identity that it shares with the original.
 *
 * keepalive 100 ms, deadtime 1 s.
 */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { cannotRun, newCluster, runningCluster } from "./lab/cluster-test.ts";
import type { Cluster } from "./lab/cluster.ts";
import { virtualIp } from "./lab/ha-files.ts";
import type { Node } from "./lab/node.ts";
import { until } from "./lab/until.ts";

/** A program that says when it starts, and when it is asked to end. */
function script(folder: string, name: string): string {
  const path = join(folder, name);
  const lines = [
    "#!/bin/sh",
    `echo "start $$" >> ${path}.log`,
    `trap 'echo end >> ${path}.log; exit 0' TERM`,
    "while :; do sleep 0.02; done",
  ];
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o755 });
  return path;
}

const logOf = (path: string): readonly string[] =>
  existsSync(`${path}.log`) ? readFileSync(`${path}.log`, "utf8").trim().split("\n") : [];

/** With a program on alpha only; beta has the same files without it. */
async function clusterWith(more: (folder: string) => readonly string[]): Promise<Cluster> {
  const cluster = await newCluster();
  const { haDir } = cluster.node("alpha");
  const file = join(haDir, "ha.cf");
  const lines = more(haDir).map((line) => `${line}\n`);
  writeFileSync(file, readFileSync(file, "utf8") + lines.join(""));
  return cluster;
}

function daemonPid({ namespace }: Node): number {
  const pid = namespace.pids().find((each) => {
    const [file, ...words] = readFileSync(`/proc/${each}/cmdline`, "latin1").split("\0");
    return file === process.execPath && words.includes("run");
  });
  if (pid === undefined) throw new Error("no daemon runs");
  return pid;
}

/** Class and nice value of every thread, each once. */
function classesOf(pid: number): readonly string[] {
  const args = ["-L", "-o", "cls=,ni=", "-p", String(pid)];
  const lines = execFileSync("ps", args, { encoding: "utf8" }).trim().split("\n");
  return [...new Set(lines.map((line) => line.trim().replace(/ +/, " ")))];
}

describe.skipIf(cannotRun)("a respawn line", () => {
  test("begins when the node takes part, again when it was killed, and ends with the daemon", async () => {
    let path = "";
    const cluster = await clusterWith((folder) => {
      path = script(folder, "monitor");
      return [`respawn root ${path} --quiet`, "respawn hacluster /usr/lib/heartbeat/ipfail"];
    });
    const alpha = cluster.node("alpha");
    alpha.start();
    await alpha.daemon.told("started");
    // The peer was neither heard nor is it dead: nobody takes part yet.
    expect(alpha.daemon.notices("program-started")).toEqual([]);
    cluster.node("beta").start();
    const { pid } = await alpha.daemon.told("program-started", { program: path });
    expect(alpha.daemon.notices("active")).toHaveLength(1);
    await until("its log", () => logOf(path).length === 1);
    process.kill(Number(pid), "SIGKILL");
    await alpha.daemon.told("program-ended", { reason: "ended by SIGKILL" });
    await until("its second start", () => logOf(path).length === 2);
    alpha.daemon.signal("SIGTERM");
    expect(await alpha.daemon.exited, alpha.daemon.complaints()).toEqual({ code: 0, signal: null });
    expect(logOf(path).at(-1)).toBe("end");
    // After the last group was given up.
    expect(alpha.daemon.notices("left")).toHaveLength(1);
    expect(alpha.daemon.notices("program-started")).toHaveLength(2);
  });

  test("runs as its user, in all of that user's groups, of which this host knows", async () => {
    const cluster = await clusterWith((folder) => {
      const path = join(folder, "who");
      writeFileSync(path, '#!/bin/sh\necho "$(id -un): $(id -Gn)"\nexec sleep 1000\n', {
        mode: 0o755,
      });
      const groups = readFileSync("/etc/group", "utf8");
      writeFileSync(join(folder, "group"), groups.replace(/^(users:.*:.*:).*$/m, "$1nobody"));
      // Its user must be able to reach it.
      chmodSync(dirname(dirname(folder)), 0o711);
      return [`respawn nobody ${path}`];
    });
    const alpha = cluster.node("alpha");
    const mounted = `mount --bind ${join(alpha.haDir, "group")} /etc/group && exec "$@"`;
    alpha.start(["unshare", "--mount", "sh", "-c", mounted, "sh"]);
    cluster.node("beta").start();
    const said = await until("what it says", () =>
      alpha.daemon.log.find(({ resource }) => resource === "who"),
    );
    expect(said.msg).toBe("nobody: nogroup users");
  });

  test("ends when the daemon is killed: two of a kind never run", async () => {
    let path = "";
    const cluster = await clusterWith((folder) => {
      path = script(folder, "monitor");
      return [`respawn root ${path}`];
    });
    await cluster.start();
    const alpha = cluster.node("alpha");
    await until("its log", () => logOf(path).length === 1);
    alpha.daemon.signal("SIGKILL");
    await until("its end", () => logOf(path).at(-1) === "end");
  });

  test("that came with a reload begins, one that went ends", async () => {
    let [one, two] = ["", ""];
    const cluster = await clusterWith((folder) => {
      [one, two] = [script(folder, "one"), script(folder, "two")];
      return [`respawn root ${one}`];
    });
    await cluster.start();
    const alpha = cluster.node("alpha");
    await until("the first", () => logOf(one).length === 1);
    const file = join(alpha.haDir, "ha.cf");
    const text = readFileSync(file, "utf8");
    writeFileSync(file, text.replace(one, two));
    alpha.daemon.signal("SIGHUP");
    await until("the second", () => logOf(two).length === 1);
    await until("the end of the first", () => logOf(one).at(-1) === "end");
    // A line that cannot run is refused, and what runs is left alone.
    writeFileSync(file, text.replace(`root ${one}`, `nobody-of-this-name ${one}`));
    alpha.daemon.signal("SIGHUP");
    const refused = await alpha.daemon.told("reload-refused");
    expect(refused["first"]).toMatch(/^ha\.cf:\d+: respawn: there is no user nobody-of-this-name$/);
    expect(logOf(two)).toHaveLength(1);
    const check = await alpha.cli("check");
    expect(check.code).toBe(2);
    expect(check.stdout).toMatch(/ha\.cf:\d+:1: error: respawn: there is no user/);
  });

  test("that cannot run is refused at the start", async () => {
    const cluster = await clusterWith((folder) => [`respawn root ${join(folder, "missing")}`]);
    const alpha = cluster.node("alpha");
    alpha.start();
    expect(await alpha.daemon.exited).toEqual({ code: 2, signal: null });
    expect(alpha.daemon.complaints()).toMatch(/ha\.cf:\d+:1: error: respawn: there is no program/);
  });
});

/** A pipe stands for the device. */
async function guarded(): Promise<{ cluster: Cluster; fed: () => string }> {
  let device = "";
  const cluster = await clusterWith((folder) => {
    device = join(folder, "watchdog");
    execFileSync("mkfifo", [device]);
    return [`watchdog ${device}`];
  });
  const fd = openSync(device, constants.O_RDONLY | constants.O_NONBLOCK);
  onTestFinished(() => closeSync(fd));
  const buffer = Buffer.alloc(10_000);
  await cluster.start();
  return { cluster, fed: () => buffer.toString("latin1", 0, readSync(fd, buffer)) };
}

/** Nothing is there, or nobody has it open. */
function quietly(fed: () => string): string {
  try {
    return fed();
  } catch {
    return "";
  }
}

describe.skipIf(cannotRun)("the watchdog", () => {
  test("is fed while the daemon lives, not while it hangs, and disarmed by an orderly stop", async () => {
    const { cluster, fed } = await guarded();
    const alpha = cluster.node("alpha");
    const told = await alpha.daemon.told("watchdog-failed");
    expect(told["reason"]).toBe("ioctl WDIOC_SETTIMEOUT: ENOTTY");
    fed();
    await until("food", () => quietly(fed).length > 0);
    const pid = daemonPid(alpha);
    process.kill(pid, "SIGSTOP");
    await cluster.node("beta").daemon.told("peer-dead");
    quietly(fed);
    // The peer has waited for deadtime, and holds the address by now: nothing came meanwhile.
    await cluster.client.answeredBy("beta");
    expect(quietly(fed)).toBe("");
    process.kill(pid, "SIGCONT");
    await until("food", () => quietly(fed).length > 0);
    alpha.daemon.signal("SIGTERM");
    await alpha.daemon.exited;
    expect(quietly(fed)).toMatch(/V$/);
  });

  test("goes on when the daemon crashes", async () => {
    const { cluster, fed } = await guarded();
    const alpha = cluster.node("alpha");
    alpha.daemon.signal("SIGKILL");
    await alpha.daemon.exited;
    expect(quietly(fed)).not.toContain("V");
  });
});

describe.skipIf(cannotRun)("a daemon", () => {
  test("goes before ordinary programs with all its threads, and what it starts does not", async () => {
    let path = "";
    const cluster = await clusterWith((folder) => {
      path = script(folder, "monitor");
      return [`respawn root ${path}`];
    });
    const [alpha, beta] = [cluster.node("alpha"), cluster.node("beta")];
    const off = join(beta.haDir, "ha.cf");
    const before = readFileSync(off, "utf8");
    writeFileSync(off, `${before}realtime off\n`);
    await cluster.start();
    const { pid } = await alpha.daemon.told("program-started");
    await until("realtime threads only", () => classesOf(daemonPid(alpha)).join() === "RR -");
    expect([Number(pid), daemonPid(beta)].map(classesOf)).toEqual([["TS 0"], ["TS 0"]]);
    const locked = (node: Node): number =>
      Number(
        /^VmLck:\s+(\d+)/m.exec(readFileSync(`/proc/${daemonPid(node)}/status`, "latin1"))?.[1],
      );
    await until("locked memory", () => locked(alpha) > 1000);
    expect(locked(beta)).toBe(0);
    writeFileSync(off, `${before}rtprio 7\n`);
    beta.daemon.signal("SIGHUP");
    await until("a realtime daemon", () => classesOf(daemonPid(beta)).join() === "RR -");
    writeFileSync(off, `${before}realtime off\n`);
    beta.daemon.signal("SIGHUP");
    await until("an ordinary daemon", () => classesOf(daemonPid(beta)).join() === "TS 0");
    for (const { daemon } of [alpha, beta])
      expect([...daemon.notices("realtime-refused"), ...daemon.notices("memory-unlocked")]).toEqual(
        [],
      );
  });

  test("that may not go before others says so, and works", async () => {
    const cluster = await newCluster();
    const alpha = cluster.node("alpha");
    // As in a container: root, but without the right to it.
    const limited = ["prlimit", "--memlock=65536", "--nice=0", "--rtprio=0"];
    alpha.start([...limited, "setpriv", "--bounding-set=-sys_nice,-ipc_lock"]);
    cluster.node("beta").start();
    const reason = "sched_setscheduler: EPERM";
    await alpha.daemon.told("realtime-refused", { reason, instead: "as they do" });
    await alpha.daemon.told("memory-unlocked", { reason: "mlock2: ENOMEM" });
    await alpha.daemon.told("group-held");
    expect(classesOf(daemonPid(alpha))).toEqual(["TS 0"]);
  });

  test("continues the generation and the UUID of an original, and the original could continue its", async () => {
    const cluster = await newCluster();
    const alpha = cluster.node("alpha");
    const theirs = (file: string): string => join(alpha.heartbeatDir, file);
    mkdirSync(alpha.heartbeatDir);
    writeFileSync(theirs("hb_generation"), "           4711\n");
    const uuid = Buffer.from("0123456789abcdef", "latin1");
    writeFileSync(theirs("hb_uuid"), uuid);
    for (const generation of [4712, 4713]) {
      alpha.start();
      await alpha.daemon.told("started", { generation });
      alpha.daemon.signal("SIGTERM");
      await alpha.daemon.exited;
      expect(readFileSync(theirs("hb_generation"), "latin1")).toBe(`           ${generation}\n`);
      expect(readFileSync(theirs("hb_uuid"))).toEqual(uuid);
    }
    expect(alpha.has(virtualIp)).toBe(false);
  });
});

test.skipIf(cannotRun)(
  "no daemon of these tests looks into the folders of the machine",
  async () => {
    const { nodes } = await runningCluster();
    for (const { haDir, heartbeatDir } of nodes) {
      expect(existsSync(heartbeatDir)).toBe(false);
      expect(existsSync(join(haDir, "../lib/hb_uuid"))).toBe(true);
    }
  },
);
