/**
 * One soak: a pair under load, for a while.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { LogLine } from "../netns/lab/daemon.ts";
import { ucast, virtualIp, writeHaFiles } from "../netns/lab/ha-files.ts";
import type { Node } from "../netns/lab/node.ts";
import { createNode } from "../netns/lab/node.ts";
import { createTopology } from "../netns/lab/topology.ts";
import { until } from "../netns/lab/until.ts";
import { temporaryFolder } from "./folder.ts";
import type { Heartbeats, Noise, Pings, Stall } from "./soak-watch.ts";
import { listenToNoise, startPinging, watchHeartbeats } from "./soak-watch.ts";

export interface SoakOptions {
  readonly seconds: number;
  /** As ha.cf has them: `10ms`. */
  readonly keepalive: string;
  readonly deadtime: string;
  /** How many programs do nothing but compute. */
  readonly load: number;
  /** How many take memory, write to it and give it back, 64 MiB at a time. */
  readonly memory: number;
  /** More lines of ha.cf. */
  readonly more: readonly string[];
  /** What becomes the daemons, with its arguments. */
  readonly under: readonly string[];
}

export interface Soak {
  readonly nodes: readonly NodeSoak[];
  readonly pings: Pings;
  /** When the machine itself stood still, oldest first. */
  readonly stalls: readonly Stall[];
}

export interface NodeSoak {
  readonly name: string;
  /** The time between any two of its heartbeats, in milliseconds, ascending. */
  readonly gaps: readonly number[];
  /** Of one processor. */
  readonly cpuPercent: number;
  /** When it told what nothing has happened for, by code: milliseconds of the wall clock. */
  readonly told: ReadonlyMap<string, readonly number[]>;
}

/** In a soak nothing happens: each of these is false, and the first ones cost clients something. */
export const alarms = [
  "peer-dead",
  "split-brain",
  "lease-lapsed",
  "group-taking",
  "group-giving-up",
  "stalled",
  "link-dead",
  "peer-late",
] as const;

export async function soak(options: SoakOptions): Promise<Soak> {
  const folder = temporaryFolder("soak");
  const topology = createTopology(["alpha", "beta"]);
  const nodes = topology.machines.map((machine) =>
    createNode(machine, join(folder.path, machine.name)),
  );
  let noise: Noise | undefined;
  try {
    await start(nodes, options);
    noise = await listenToNoise();
    const captures = await Promise.all(
      nodes.map(({ name }) => watchHeartbeats(topology.hub, `${name}-1`)),
    );
    const endPinging = startPinging(topology.client, virtualIp);
    return await watch(nodes, options, { captures, noise, endPinging });
  } finally {
    noise?.end();
    topology.remove();
    for (const node of nodes) if (node.story().length > 0) await node.daemon.exited;
    folder.remove();
  }
}

/** Ends when the first node holds, and both hear each other. */
async function start(nodes: readonly Node[], options: SoakOptions): Promise<void> {
  const { keepalive, deadtime, more, under } = options;
  const names = nodes.map(({ name }) => name);
  const media = ucast(names);
  for (const { haDir } of nodes)
    writeHaFiles(haDir, {
      nodes: names,
      keepalive,
      warntime: deadtime,
      deadtime,
      initdead: "20",
      media,
      more,
    });
  for (const node of nodes) node.start(under);
  await nodes[0]!.daemon.told("group-held");
  for (const node of nodes)
    await until(`${node.name} to know of both`, async () =>
      isCalm((await node.cli("status", "--json")).stdout),
    );
  // What a start compiles and throws away is not what a soak is about.
  await pause(SETTLE_MS);
}

const SETTLE_MS = 2000;

/** @param report - as JSON */
function isCalm(report: string): boolean {
  const said = report.replaceAll(/\s/g, "");
  return said.includes('"hearsUs":true') && said.includes('"holder":"alpha","state":"held"');
}

interface Watches {
  /** One of each node. */
  readonly captures: readonly Heartbeats[];
  readonly noise: Noise;
  readonly endPinging: () => Promise<Pings>;
}

async function watch(
  nodes: readonly Node[],
  { seconds, load, memory }: SoakOptions,
  { captures, noise, endPinging }: Watches,
): Promise<Soak> {
  const loads = [
    ...Array.from({ length: load }, () => spawn("sh", ["-c", "while :; do :; done"])),
    ...Array.from({ length: memory }, () => spawn(process.execPath, ["--eval", eater])),
  ];
  const removeLoads = (): void => loads.forEach((each) => each.kill("SIGKILL"));
  process.once("exit", removeLoads);
  try {
    const pids = await Promise.all(nodes.map(pidOf));
    const before = pids.map(cpuSeconds);
    const watches = nodes.map(({ daemon }) => daemon.fromNow());
    for (const capture of captures) capture.begin();
    noise.begin();
    const from = performance.now();
    await watchedPause(seconds * 1000, nodes, loads);
    const lasted = (performance.now() - from) / 1000;
    const pings = await endPinging();
    return {
      nodes: nodes.map(({ name }, index) => ({
        name,
        gaps: captures[index]!.gaps(),
        cpuPercent: ((cpuSeconds(pids[index]!) - before[index]!) / lasted) * 100,
        told: new Map(
          alarms.map((code) => [code, watches[index]!.notices(code).map(timeOf)] as const),
        ),
      })),
      pings,
      stalls: noise.stalls(),
    };
  } finally {
    removeLoads();
    process.off("exit", removeLoads);
  }
}

/** Of a line of the log. */
function timeOf({ time }: LogLine): number {
  return typeof time === "number" ? time : Date.parse(String(time));
}

/** @throws if something ends that should not */
async function watchedPause(
  ms: number,
  nodes: readonly Node[],
  loads: readonly ChildProcess[],
): Promise<void> {
  const ended = nodes.map(async ({ name, daemon }) => {
    const exit = await daemon.exited;
    throw new Error(`${name} has ended: ${JSON.stringify(exit)}\n${daemon.complaints()}`);
  });
  await Promise.race([pause(ms), ...ended]);
  for (const promise of ended) promise.catch(() => undefined);
  if (loads.some(({ exitCode }) => exitCode !== null)) throw new Error("a load has ended");
}

/** Fresh pages, which the kernel has to find and to clear, again and again. */
const eater = `for (;;) Buffer.alloc(64 * 1024 * 1024, 1);`;

function pidOf(node: Node): Promise<number> {
  return until(`the daemon of ${node.name}`, () =>
    node.namespace.pids().find((pid) => {
      const words = readFileSync(`/proc/${pid}/cmdline`, "latin1").split("\0");
      return words[0] === process.execPath && words.includes("run");
    }),
  );
}

/** utime and stime of proc_pid_stat(5), in ticks of 10 ms (USER_HZ). */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
