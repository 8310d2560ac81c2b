/**
 * `npm run bench -- nodes`: what heartbeats cost. Real daemons, one in each network namespace, on one
 * switch; nothing happens but heartbeats, until one of them is killed.
 *
 *     npm run bench -- nodes --nodes 100 --seconds 60
 *     npm run bench -- nodes --nodes 2 --keepalive 10ms
 */
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { LogLine } from "../netns/lab/daemon.ts";
import { writeHaFiles } from "../netns/lab/ha-files.ts";
import type { Node } from "../netns/lab/node.ts";
import { createNode } from "../netns/lab/node.ts";
import { missingRequirement } from "../netns/lab/requirements.ts";
import { createTopology } from "../netns/lab/topology.ts";
import { until } from "../netns/lab/until.ts";
import { temporaryFolder } from "./folder.ts";
import type { Usage } from "./usage.ts";
import { median, pssMiB, usageOf } from "./usage.ts";

/** For a machine that is busy with a hundred programs. */
const PATIENCE_MS = 300_000;

interface Bench {
  readonly nodes: readonly Node[];
  readonly groups: readonly string[];
  readonly seconds: number;
  readonly keepaliveMs: number;
}

export async function main(args: readonly string[]): Promise<0 | 1> {
  const missing = missingRequirement();
  if (missing !== undefined) {
    console.error(`bench: ${missing}`);
    return 1;
  }
  const { values } = parseArgs({
    args: [...args],
    options: {
      nodes: { type: "string", default: "100" },
      groups: { type: "string", default: "10" },
      keepalive: { type: "string", default: "1s" },
      seconds: { type: "string", default: "60" },
      /** `mcast` or `ucast`. */
      media: { type: "string", default: "mcast" },
      /** Before anything is measured: compilers and caches have their time. */
      settle: { type: "string", default: "10" },
    },
  });
  const count = Number(values.nodes);
  const names = Array.from({ length: count }, (_, index) => `node${index + 1}`);
  const folder = temporaryFolder("nodes");
  const topology = createTopology(names);
  const remove = (): void => {
    topology.remove();
    folder.remove();
  };
  try {
    const nodes = topology.machines.map((machine) =>
      createNode(machine, join(folder.path, machine.name)),
    );
    const keepaliveMs = millisOf(values.keepalive);
    const groups = groupsFor(Math.min(Number(values.groups), count));
    writeFiles(nodes, { names, groups, keepaliveMs, media: values.media });
    const bench = { nodes, groups, seconds: Number(values.seconds), keepaliveMs };
    print(
      `${count} nodes, keepalive ${values.keepalive}, ${values.media}`,
      `${groups.length} groups`,
    );
    await start(bench);
    await pause(Number(values.settle) * 1000);
    const isCalm = await measure(bench);
    await kill(bench);
    return isCalm ? 0 : 1;
  } finally {
    remove();
  }
}

/** `10ms`, `1s` */
function millisOf(text: string): number {
  const [, digits, unit] = /^(\d+)(ms|s)$/.exec(text) ?? [];
  if (digits === undefined) throw new Error(`--keepalive takes times like 10ms or 1s, not ${text}`);
  return Number(digits) * (unit === "s" ? 1000 : 1);
}

function groupsFor(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `10.77.1.${index + 1}`);
}

interface Shape {
  readonly names: readonly string[];
  readonly groups: readonly string[];
  readonly keepaliveMs: number;
  readonly media: string;
}

/** Groups are at home on nodes that are spread evenly, and every node can take each. */
function writeFiles(nodes: readonly Node[], { names, groups, keepaliveMs, media }: Shape): void {
  const home = (index: number): string =>
    names[Math.floor((index * names.length) / groups.length)]!;
  for (const { haDir } of nodes) {
    writeHaFiles(haDir, {
      nodes: names,
      keepalive: `${keepaliveMs}ms`,
      warntime: `${keepaliveMs * 3}ms`,
      deadtime: `${keepaliveMs * 5}ms`,
      initdead: "300",
      // One of them on a processor goes first; a hundred keep each other from it.
      more: ["realtime off"],
      resources: groups.map((address, index) => `${home(index)} ${address}/24/eth0`),
      ...(media === "mcast" ? { media: ["mcast eth1 239.0.0.1 694 1 0"] } : {}),
    });
  }
}

/**
 * One after the other, as a hundred programs that load at once on two processors would measure how a
 * program is loaded; until each hears all and every group is held.
 */
async function start({ nodes, groups }: Bench): Promise<void> {
  const begin = performance.now();
  for (const node of nodes) {
    const daemon = node.start();
    const isStarted = (): boolean => daemon.notices("started").length > 0;
    await until(`the start of ${node.name}`, isStarted, PATIENCE_MS);
  }
  const started = performance.now();
  for (const { name, daemon } of nodes)
    await until(`${name} to hear all`, () => hearsAll(daemon.log, nodes), PATIENCE_MS, 200);
  const heard = performance.now();
  await until("all groups to be held", () => isHeld(nodes, groups), PATIENCE_MS, 20);
  print("to start all, one after the other", `${seconds(started - begin)} s`);
  print("from the last start until each hears all", `${seconds(heard - started)} s`);
  print("and every group is held by one", `${seconds(performance.now() - started)} s`);
}

function hearsAll(log: readonly LogLine[], nodes: readonly Node[]): boolean {
  let up = 0;
  for (const line of log) if (line["code"] === "peer-up") up += 1;
  return up === nodes.length - 1 && log.some((line) => line["code"] === "active");
}

function isHeld(nodes: readonly Node[], groups: readonly string[]): boolean {
  return groups.every((group) => holdersOf(nodes, group).length === 1);
}

function holdersOf(nodes: readonly Node[], group: string): readonly Node[] {
  return nodes.filter(({ daemon }) =>
    daemon.notices("group-held").some((line) => line["group"] === group),
  );
}

/** @returns whether nothing was told meanwhile: nothing has happened */
async function measure({ nodes, seconds: length, keepaliveMs }: Bench): Promise<boolean> {
  const pids = nodes.map(({ daemon }) => daemon.pid);
  const before = pids.map(usageOf);
  const told = nodes.map(({ daemon }) => daemon.log.length);
  const begin = performance.now();
  await pause(length * 1000);
  const took = (performance.now() - begin) / 1000;
  const used = pids.map((pid, index) => differenceOf(before[index]!, usageOf(pid)));
  const cpu = used.map(({ cpuSeconds }) => cpuSeconds / took);
  const all = sum(cpu);
  // A node sends one in every keepalive, and hears one of every other.
  const messages = (took * 1000 * nodes.length) / keepaliveMs;
  print(`CPU of all in ${took.toFixed(0)} s`, percent(all));
  print("of one: median, highest", `${percent(median(cpu))}, ${percent(Math.max(...cpu))}`);
  print(
    "for each message, sent or heard",
    `${((all * took * 1e6) / nodes.length / messages).toFixed(0)} us`,
  );
  print(
    "wake-ups of one in a second",
    (median(used.map(({ wakeUps }) => wakeUps)) / took).toFixed(1),
  );
  const pss = pids.map(pssMiB);
  print("memory of all, of one (PSS)", `${sum(pss).toFixed(0)} MiB, ${median(pss).toFixed(1)} MiB`);
  const events = nodes.flatMap(({ daemon }, index) => daemon.log.slice(told[index]));
  print("told meanwhile", events.length === 0 ? "nothing" : codesOf(events));
  return events.length === 0;
}

/** One that holds something, without a word. */
async function kill({ nodes, groups: [group = ""] }: Bench): Promise<void> {
  const [holder] = holdersOf(nodes, group);
  if (holder === undefined || nodes.length < 2) return;
  const rest = nodes.filter((node) => node !== holder);
  const told = rest.map(({ daemon }) => daemon.log.length);
  const killed = Date.now();
  holder.daemon.signal("SIGKILL");
  const taken = await until("a takeover", () => takingOf(rest, group), PATIENCE_MS, 20);
  print(`${holder.name} killed, ${group} held elsewhere`, `${momentOf(taken) - killed} ms later`);
  const dead = (): number =>
    rest.filter(({ daemon }) => daemon.notices("peer-dead").length > 0).length;
  await until("all to miss it", () => dead() === rest.length, PATIENCE_MS, 20);
  const events = rest.flatMap(({ daemon }, index) => daemon.log.slice(told[index]));
  print("told meanwhile", codesOf(events));
}

function takingOf(nodes: readonly Node[], group: string): LogLine | undefined {
  return nodes
    .flatMap(({ daemon }) => daemon.notices("group-held"))
    .find((line) => line["group"] === group);
}

function momentOf(line: LogLine): number {
  return Date.parse(String(line["time"]));
}

function codesOf(lines: readonly LogLine[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const code = String(line["code"]);
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].map(([code, count]) => `${count} ${code}`).join(", ");
}

function differenceOf(before: Usage, after: Usage): Usage {
  return {
    cpuSeconds: after.cpuSeconds - before.cpuSeconds,
    wakeUps: after.wakeUps - before.wakeUps,
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Of one processor. */
function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 3 : 1)} %`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function print(what: string, value: string): void {
  console.log(`${what.padEnd(44)} ${value}`);
}
