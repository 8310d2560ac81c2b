/**
 * A real pair, in namespaces, that is looked at once a minute from outside.
 */
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { ucast, writeHaFiles } from "../netns/lab/ha-files.ts";
import type { Node } from "../netns/lab/node.ts";
import { createNode } from "../netns/lab/node.ts";
import { createTopology } from "../netns/lab/topology.ts";
import { until } from "../netns/lab/until.ts";
import { temporaryFolder } from "./folder.ts";
import { trendOf } from "./trend.ts";
import { usageOf } from "./usage.ts";

export interface RealOptions {
  readonly minutes: number;
  /** As ha.cf has them: `10ms`. */
  readonly keepalive: string;
  /** Long enough for a machine that is busy with other things: nothing is to happen. */
  readonly deadtime: string;
}

/** What one look at a daemon has shown. */
interface Sample {
  readonly minute: number;
  /** proc_pid_smaps(5), smaps_rollup: its share of all that is in RAM, in KiB. */
  readonly pss: number;
  /** What is no file's, heaps and stacks, in KiB. */
  readonly anonymous: number;
  readonly rss: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Of its state directory, in bytes. */
  readonly disk: number;
  readonly cpuSeconds: number;
}

/** A machine may be busy with other things. */
const PATIENCE_MS = 120_000;

/** @returns whether nothing has grown */
export async function runReal(options: RealOptions): Promise<boolean> {
  const folder = temporaryFolder("flat");
  const names = ["alpha", "beta"];
  const topology = createTopology(names);
  const nodes = topology.machines.map((machine) =>
    createNode(machine, join(folder.path, machine.name)),
  );
  try {
    await start(nodes, options);
    const samples = await watch(nodes, options);
    return nodes.map((node, index) => judge(node, samples[index]!)).every((isFlat) => isFlat);
  } finally {
    topology.remove();
    for (const node of nodes) await node.daemon.exited;
    folder.remove();
  }
}

async function start(nodes: readonly Node[], options: RealOptions): Promise<void> {
  const names = nodes.map(({ name }) => name);
  const { keepalive, deadtime } = options;
  for (const { haDir } of nodes)
    writeHaFiles(haDir, {
      nodes: names,
      keepalive,
      warntime: deadtime,
      deadtime,
      initdead: "20",
      media: ucast(names),
    });
  for (const node of nodes) node.start();
  await until(
    "both to take part",
    () => nodes.every(({ daemon }) => daemon.notices("active").length > 0),
    PATIENCE_MS,
  );
}

/** @returns one list for each node */
async function watch(nodes: readonly Node[], { minutes }: RealOptions): Promise<Sample[][]> {
  const samples = nodes.map((): Sample[] => []);
  const begin = performance.now();
  for (let minute = 0; minute <= minutes; minute += 1) {
    await pause(Math.max(0, begin + minute * 60_000 - performance.now()));
    for (const [index, node] of nodes.entries()) {
      const sample = look(node, minute);
      samples[index]!.push(sample);
      print(node.name, sample);
    }
  }
  return samples;
}

function look({ daemon: { pid }, stateDir }: Node, minute: number): Sample {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const sizeOf = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(rollup)?.[1]);
  const disk = readdirSync(stateDir).map((name) => statSync(join(stateDir, name)).size);
  return {
    minute,
    pss: sizeOf("Pss"),
    anonymous: sizeOf("Anonymous"),
    rss: sizeOf("Rss"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    threads: readdirSync(`/proc/${pid}/task`).length,
    disk: disk.reduce((sum, size) => sum + size, 0),
    cpuSeconds: usageOf(pid).cpuSeconds,
  };
}

function print(name: string, sample: Sample): void {
  console.log(JSON.stringify({ node: name, ...sample }));
}

/** What the collector has not come round to is no growth: V8 lets its heap breathe. */
const BREATH_KIB = 4096;

/** The first third is for compilers and caches. */
function judge({ name, daemon, haDir }: Node, samples: readonly Sample[]): boolean {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const [first, last] = [settled[0]!, settled.at(-1)!];
  const pss = trendOf(settled.map(({ minute, pss: value }) => [minute / 60, value]));
  const heap = trendOf(settled.map(({ minute, anonymous }) => [minute / 60, anonymous]));
  const cpu = (last.cpuSeconds - first.cpuSeconds) / ((last.minute - first.minute) * 60);
  const told = daemon.log.map((line) => String(line["code"]));
  console.log(`${name}: ${samples.length} looks, the first third left out (${haDir})
  PSS        ${mib(pss.least)} to ${mib(pss.most)}, ${pss.slope.toFixed(0)} KiB an hour
  anonymous  ${mib(heap.least)} to ${mib(heap.most)}, ${heap.slope.toFixed(0)} KiB an hour
  CPU        ${(cpu * 100).toFixed(2)} %
  descriptors ${first.descriptors} to ${last.descriptors}, threads ${first.threads} to ${last.threads}, state directory ${first.disk} to ${last.disk} bytes
  told       ${[...new Set(told)].join(", ")}`);
  const isFlat =
    heap.later - heap.earlier < BREATH_KIB &&
    last.descriptors <= first.descriptors &&
    last.threads <= first.threads;
  console.log(`  ${isFlat ? "flat" : "NOT FLAT"}`);
  return isFlat;
}

function mib(kib: number): string {
  return `${(kib / 1024).toFixed(1)} MiB`;
}
