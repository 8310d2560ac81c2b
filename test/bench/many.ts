/**
 * `npm run bench -- many`: a pair with many addresses, in one group or in many; how long it takes until
 * the last of them answers, and what they cost while nothing happens.
 *
 *     npm run bench -- many --addresses 1000
 *     npm run bench -- many --addresses 100 --groups 100 --script
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Capture, Captured } from "../faults/capture.ts";
import { startCapture } from "../faults/capture.ts";
import { ask } from "../faults/pair.ts";
import { writeHaFiles } from "../netns/lab/ha-files.ts";
import type { Node } from "../netns/lab/node.ts";
import { createNode } from "../netns/lab/node.ts";
import { missingRequirement } from "../netns/lab/requirements.ts";
import type { Topology } from "../netns/lab/topology.ts";
import { createTopology } from "../netns/lab/topology.ts";
import { until } from "../netns/lab/until.ts";
import { temporaryFolder } from "./folder.ts";
import type { Sight } from "./many-wire.ts";
import { beatsOf, sightOf } from "./many-wire.ts";
import { median, pssMiB, usageOf } from "./usage.ts";

const options = {
  addresses: { type: "string", default: "1000" },
  groups: { type: "string", default: "1" },
  /** Every group has a script behind its addresses. */
  script: { type: "boolean", default: false },
  ipv6: { type: "boolean", default: false },
  keepalive: { type: "string", default: "100" },
  deadtime: { type: "string", default: "1000" },
  /** Of idleness, for CPU and memory. */
  seconds: { type: "string", default: "20" },
  runs: { type: "string", default: "3" },
} as const;

interface Shape {
  readonly addresses: number;
  readonly groups: number;
  readonly hasScript: boolean;
  readonly family: 4 | 6;
  /** Milliseconds. */
  readonly keepalive: number;
  readonly deadtime: number;
  readonly seconds: number;
  readonly runs: number;
}

interface Bench {
  readonly shape: Shape;
  readonly topology: Topology;
  readonly folder: string;
  readonly alpha: Node;
  readonly beta: Node;
}

/** A cold start of a hundred groups on a busy machine. */
const PATIENCE_MS = 120_000;

export async function main(args: readonly string[]): Promise<0 | 1> {
  const missing = missingRequirement();
  if (missing !== undefined) {
    console.error(`bench: ${missing}`);
    return 1;
  }
  const shape = shapeOf(args);
  const folder = temporaryFolder("many");
  const topology = createTopology(["alpha", "beta"]);
  try {
    const [alpha, beta] = topology.machines.map((each) =>
      createNode(each, join(folder.path, each.name)),
    );
    const bench = { shape, topology, folder: folder.path, alpha: alpha!, beta: beta! };
    prepare(bench);
    await measure(bench);
    return 0;
  } finally {
    topology.remove();
    folder.remove();
  }
}

function shapeOf(args: readonly string[]): Shape {
  const { values } = parseArgs({ args: [...args], options });
  return {
    addresses: Number(values.addresses),
    groups: Number(values.groups),
    hasScript: values.script,
    family: values.ipv6 ? 6 : 4,
    keepalive: Number(values.keepalive),
    deadtime: Number(values.deadtime),
    seconds: Number(values.seconds),
    runs: Number(values.runs),
  };
}

/** Whatever is asked of it, it is done at once: what is measured is how it is called. */
const SCRIPT = '#!/bin/sh\n[ "$2" != status ] || echo stopped\n';

function prepare({ shape, alpha, beta }: Bench): void {
  const { keepalive, deadtime } = shape;
  for (const node of [alpha, beta]) {
    writeHaFiles(node.haDir, {
      nodes: ["alpha", "beta"],
      keepalive: `${keepalive}ms`,
      warntime: `${deadtime * 0.3}ms`,
      deadtime: `${deadtime}ms`,
      initdead: "30",
      resources: resourcesOf(shape),
      // Of a hundred scripts each is one of two hundred programs that want to be started.
      more: ["start_timeout 60", "stop_timeout 60"],
    });
    if (shape.hasScript)
      writeFileSync(join(node.haDir, "resource.d", "service"), SCRIPT, { mode: 0o755 });
  }
}

function resourcesOf({ addresses, groups, hasScript, family }: Shape): readonly string[] {
  const each = Math.floor(addresses / groups);
  const address = (n: number): string =>
    family === 4 ? `${virtualIp(family, n)}/16/eth0` : `IPv6addr::${virtualIp(family, n)}/64/eth0`;
  return Array.from({ length: groups }, (_, group) => {
    const all = Array.from({ length: each }, (__, index) => address(group * each + index));
    return ["alpha", ...all, ...(hasScript ? [`service::${group}`] : [])].join(" ");
  });
}

function virtualIp(family: 4 | 6, n: number): string {
  return family === 4 ? `10.77.${100 + (n >> 8)}.${n & 255}` : `fd77::1:${(n + 1).toString(16)}`;
}

async function measure(bench: Bench): Promise<void> {
  const { addresses, groups, hasScript, family, keepalive, deadtime, runs } = bench.shape;
  print(
    `${addresses} addresses of IPv${family} in ${groups} groups${hasScript ? " with a script" : ""}`,
    `keepalive ${keepalive} ms, deadtime ${deadtime} ms`,
  );
  await startAsker(bench);
  await coldStart(bench);
  await idle(bench);
  const moves: Move[] = [];
  for (let run = 0; run < runs; run++) {
    moves.push(await plannedMove(bench));
    moves.push(await failover(bench));
  }
  for (const what of ["planned move", "failover"]) printMedians(moves, what);
}

async function startAsker({ topology, shape }: Bench): Promise<void> {
  const program = new URL("many-asker.ts", import.meta.url).pathname;
  // As urgent as the daemons: what they have told is asked for at once.
  const command = ["-r", "1", process.execPath, program, String(shape.family)];
  const child = topology.client.spawn("chrt", command);
  let isAsking = false;
  child.stdout!.once("data", () => (isAsking = true));
  child.stderr!.pipe(process.stderr);
  await until("the client to ask", () => isAsking);
}

interface Eyes {
  readonly service: Capture;
  readonly heartbeats: Capture;
}

async function watch({ topology, folder, shape }: Bench): Promise<Eyes> {
  const filter = shape.family === 4 ? "arp" : "icmp6 and ip6[40] == 136";
  return {
    service: await startCapture(topology.client, {
      device: "eth0",
      filter,
      bytes: 96,
      file: join(folder, "service.pcap"),
    }),
    heartbeats: await startCapture(topology.hub, {
      device: "private",
      filter: "udp port 694",
      bytes: 64,
      file: join(folder, "heartbeats.pcap"),
    }),
  };
}

async function coldStart(bench: Bench): Promise<void> {
  const { alpha, beta, shape } = bench;
  const eyes = await watch(bench);
  const begin = Date.now();
  alpha.start();
  beta.start();
  await holds(bench, alpha, 0);
  const held = Date.now() - begin;
  const seen = await settled(eyes);
  const sight = sightOf(seen.service, macOf(alpha, "eth0"), begin);
  print("cold start: all groups held", `${held} ms`);
  printSight("cold start", sight, begin, shape);
}

async function idle({ shape, alpha, beta }: Bench): Promise<void> {
  await pause(5000);
  const pids = [alpha, beta].map(({ daemon }) => daemon.pid);
  const before = pids.map(usageOf);
  await pause(shape.seconds * 1000);
  for (const [index, pid] of pids.entries()) {
    const cpu = (usageOf(pid).cpuSeconds - before[index]!.cpuSeconds) / shape.seconds;
    const role = index === 0 ? "holder" : "standby";
    print(`idle, the ${role}`, `${(cpu * 100).toFixed(2)} % CPU, ${pssMiB(pid).toFixed(1)} MiB`);
  }
}

interface Move {
  readonly what: string;
  /** Milliseconds from the word, or from the end of deadtime, to the first and the last address. */
  readonly firstAnswer: number;
  readonly lastAnnouncement: number;
  readonly lastAnswer: number;
  /** Between two heartbeats of the node that takes: its longest turn. */
  readonly longestGap: number;
}

/** From alpha to beta, at the word of the operator. */
async function plannedMove(bench: Bench): Promise<Move> {
  const { beta } = bench;
  const eyes = await watch(bench);
  const told = beta.daemon.log.length;
  const begin = Date.now();
  const answer = await ask(beta, "takeover", JSON.stringify({ selection: "all", wait: true }));
  print("planned move: answered", `${Date.now() - begin} ms: ${answer.slice(0, 60)}`);
  await holds(bench, beta, told);
  return moveOf(bench, "planned move", { eyes, node: beta, begin, from: begin });
}

/** From beta, which loses its power, to alpha; and beta comes back. */
async function failover(bench: Bench): Promise<Move> {
  const { alpha, beta, shape } = bench;
  const told = alpha.daemon.log.length;
  await pause(3000);
  const eyes = await watch(bench);
  const mac = macOf(beta, "eth1");
  // Of its heartbeats one at least is to be seen.
  await pause(2 * shape.keepalive);
  const from = Date.now();
  await beta.powerOff();
  await holds(bench, alpha, told);
  const decided = (heartbeats: readonly Captured[]): number =>
    beatsOf(heartbeats, mac, { from: 0, to: Infinity }).last + shape.deadtime;
  const move = await moveOf(bench, "failover", { eyes, node: alpha, begin: decided, from });
  beta.powerOn();
  beta.start();
  await alpha.daemon.fromNow().told("peer-up");
  await pause(3000);
  return move;
}

interface Moving {
  readonly eyes: Eyes;
  /** That takes. */
  readonly node: Node;
  /** From when on it is counted. */
  readonly begin: number | ((heartbeats: readonly Captured[]) => number);
  readonly from: number;
}

async function moveOf(
  { shape }: Bench,
  what: string,
  { eyes, node, begin, from }: Moving,
): Promise<Move> {
  const seen = await settled(eyes);
  const at = typeof begin === "number" ? begin : begin(seen.heartbeats);
  const sight = sightOf(seen.service, macOf(node, "eth0"), from);
  printSight(what, sight, at, shape);
  const around = { from: at - shape.keepalive, to: at + 2000 };
  const { longestGap } = beatsOf(seen.heartbeats, macOf(node, "eth1"), around);
  print(`${what}: without a heartbeat of its own`, `${longestGap.toFixed(1)} ms`);
  for (const line of node.daemon.notices("group-held").slice(-1)) {
    const { detect, decide, lease, address, announce, took } = line;
    print(`${what}: told`, JSON.stringify({ detect, decide, lease, address, announce, took }));
  }
  return {
    what,
    firstAnswer: Math.min(...sight.answered) - at,
    lastAnnouncement: Math.max(...sight.announced) - at,
    lastAnswer: Math.max(...sight.answered) - at,
    longestGap,
  };
}

async function settled(eyes: Eyes): Promise<{ [N in keyof Eyes]: readonly Captured[] }> {
  await pause(1500);
  return { service: await eyes.service.end(), heartbeats: await eyes.heartbeats.end() };
}

/** @param told - how much of its log is older */
async function holds({ shape }: Bench, { name, daemon }: Node, told: number): Promise<void> {
  const count = (): number =>
    daemon.log.slice(told).filter((line) => line["code"] === "group-held").length;
  await until(`${name} to hold ${shape.groups} groups`, () => count() >= shape.groups, PATIENCE_MS);
}

function macOf({ namespace }: Node, device: string): string {
  const mac = /link\/ether (\S+)/.exec(namespace.ip(`link show dev ${device}`))?.[1];
  if (mac === undefined) throw new Error(`${namespace.name} has no ${device}`);
  return mac;
}

function printSight(what: string, { announced, answered }: Sight, at: number, shape: Shape): void {
  const ms = (moments: readonly number[]): string =>
    `${moments.length} of ${shape.addresses}, first ${(Math.min(...moments) - at).toFixed(1)} ms, ` +
    `last ${(Math.max(...moments) - at).toFixed(1)} ms`;
  print(`${what}: announced`, ms(announced));
  print(`${what}: answered`, ms(answered));
}

function printMedians(moves: readonly Move[], what: string): void {
  const all = moves.filter((move) => move.what === what);
  const of = (key: Exclude<keyof Move, "what">): string =>
    median(all.map((move) => move[key])).toFixed(1);
  print(
    `${what}, median of ${all.length}`,
    `first answer ${of("firstAnswer")} ms, last announcement ${of("lastAnnouncement")} ms, ` +
      `last answer ${of("lastAnswer")} ms, longest gap ${of("longestGap")} ms`,
  );
}

function print(what: string, value: string): void {
  console.log(`${what.padEnd(46)} ${value}`);
}
