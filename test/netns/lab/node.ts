/**
 * A node of the cluster: a machine with an ha directory, on which the daemon runs or does not.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Report } from "../../../src/control/index.ts";
import { parseReport } from "../../../src/control/index.ts";
import type { Daemon, LogLine } from "./daemon.ts";
import { startDaemon } from "./daemon.ts";
import { program } from "./program.ts";
import type { Machine } from "./topology.ts";
import { addServiceAddresses } from "./topology.ts";
import { until } from "./until.ts";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Node extends Machine {
  readonly haDir: string;
  readonly runDir: string;
  readonly stateDir: string;
  /** Where an original's files would be; not there unless a test makes it. */
  readonly heartbeatDir: string;
  /** Of the latest start. @throws if there was none */
  readonly daemon: Daemon;
  /** The logs of all starts. */
  story(): readonly LogLine[];
  /** @param under - a program that becomes the daemon, with its arguments: setpriv(1) */
  start(under?: readonly string[]): Daemon;
  /**
   * Like `start`, under something that does what systemd does by the ExecStopPost= of the unit:
   * whatever ends the daemon, `understudy release` is run then.
   */
  startSupervised(): Daemon;
  /** A command of `understudy`, on this node. */
  cli(...args: readonly string[]): Promise<Ran>;
  /** What `status --json` says. @throws if it says nothing */
  status(): Promise<Report>;
  /** Waits until its daemon answers at all. */
  answers(): Promise<unknown>;
  /** Waits until `status --json` shows what is looked for. */
  shows(what: string, look: (report: Report) => boolean): Promise<Report>;
  /** Whether its kernel has the address. */
  has(address: string): boolean;
  /** The command lines of whatever runs on it. */
  commands(): readonly string[];
  /** Its first interface, eth0, is taken out of the machine; `plugIn` puts a new one in. */
  unplug(): void;
  plugIn(): void;
  /** Both cables. */
  cut(): void;
  restore(): void;
  /** The whole machine loses its power: silent, and nothing is left in its kernel. */
  powerOff(): Promise<void>;
  /** It has its cables again, and knows nobody: no daemon runs yet. */
  powerOn(): void;
}

/** @param folder - for its files, of its own */
export function createNode(machine: Machine, folder: string): Node {
  const { namespace, name } = machine;
  const [haDir, runDir, stateDir, heartbeatDir] = [
    join(folder, "ha.d"),
    join(folder, "run"),
    join(folder, "lib"),
    join(folder, "heartbeat"),
  ];
  mkdirSync(haDir, { recursive: true });
  const dirs = ["--ha-dir", haDir, "--run-dir", runDir, "--state-dir", stateDir];
  const options = [...dirs, "--heartbeat-dir", heartbeatDir, "--node", name];
  const daemons: Daemon[] = [];
  const node: Node = {
    ...machine,
    haDir,
    runDir,
    stateDir,
    heartbeatDir,
    get daemon() {
      const latest = daemons.at(-1);
      if (latest === undefined) throw new Error(`${name} was not started`);
      return latest;
    },
    story: () => daemons.flatMap(({ log }) => log),
    start(under = []) {
      const started = startDaemon({ namespace, options, under });
      daemons.push(started);
      return started;
    },
    startSupervised() {
      const { exited, ...rest } = startDaemon({ namespace, options });
      const released = exited.then(async (exit) => node.cli("release").then(() => exit));
      const supervised = { ...rest, exited: released };
      daemons.push(supervised);
      return supervised;
    },
    cli: (...args) => run(machine, [program, ...args, ...options]),
    async status() {
      const { stdout, stderr } = await node.cli("status", "--json");
      const report = parseReport(stdout);
      if (report === undefined) throw new Error(`no report of ${name}: ${stdout}${stderr}`);
      return report;
    },
    answers: () => until(`an answer of ${name}`, async () => (await node.cli("status")).code !== 3),
    shows: (what, look) =>
      until(`${what} in the status of ${name}`, async () => {
        const report = await node.status();
        return look(report) && report;
      }),
    has: (address) => namespace.ip(`-o addr show to ${address}`) !== "",
    commands: () => namespace.pids().map(commandOf),
    unplug: () => machine.service.unplug(),
    plugIn() {
      machine.service.plugIn();
      addServiceAddresses(namespace, machine.number);
    },
    cut() {
      // In the other order it would hand over in between.
      machine.private.cut();
      machine.service.cut();
    },
    restore() {
      machine.service.restore();
      machine.private.restore();
    },
    async powerOff() {
      node.cut();
      node.daemon.signal("SIGKILL");
      await node.daemon.exited;
      await node.cli("release");
    },
    powerOn() {
      // What it could not resolve without cables it would try again only after a second.
      namespace.ip("neigh flush all");
      node.restore();
    },
  };
  return node;
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

function run({ namespace }: Machine, args: readonly string[]): Promise<Ran> {
  const command = ["netns", "exec", namespace.name, process.execPath, ...args];
  return new Promise((resolve, reject) => {
    execFile("ip", command, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else reject(error);
    });
  });
}
