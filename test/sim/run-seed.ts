/**
 * One run of one seed: first anything may happen (safety), then all is healed and the cluster has
 * no excuse (liveness), and in the end a holder dies in peace (never none).
 */
import { nodeName } from "../../src/core/index.ts";
import { millis } from "../../src/std/time.ts";
import { believed, bounded, exclusive, fenced, honest } from "./checkers.ts";
import { calm } from "./configs.ts";
import { kindsOf } from "./disturb.ts";
import { exclusiveByLease } from "./exclusive.ts";
import { swarm } from "./faults.ts";
import { QUIET } from "./network.ts";
import { newsOf } from "./perform.ts";
import type { Rng } from "./rng.ts";
import { between, chance, nextUint32, pick, seededRng } from "./rng.ts";
import { runMixed } from "./run-mixed.ts";
import type { RunShape } from "./shape.ts";
import { configsOf, leaseFor, shapeOf } from "./shape.ts";
import { assertTakenOver } from "./takeover.ts";
import type { SimNode } from "./world.ts";
import { World } from "./world.ts";

/** Of as many runs one is of a pair with an original. */
const MIXED_EVERY = 5;
const EVENTS = 25;
/** How much of the story is shown: all that is kept, if everything is to be told. */
const isTalkative = process.env["TALK"] !== undefined;
const LINES = isTalkative ? 2000 : 40;

/** @throws Error with the seed and the end of the story, if a promise was broken */
export function runSeed(seed: number): void {
  if (seed % MIXED_EVERY === 0) return runMixed(seed);
  const rng = seededRng(seed);
  const shape = shapeOf(rng);
  const world = worldOf(shape, rng);
  world.network.isUnicast = seed % 4 > 1;
  world.isCheckingDeterminism = seed % 100 === 1;
  world.isTalkative = isTalkative;
  try {
    live(world, shape, seededRng(nextUint32(rng)));
    heal(world, shape);
    settle(world, shape);
    assertServed(world, shape);
    const { length } = world.trace;
    // Once a minute what is held is announced, and what others hold is asked for.
    world.runFor(seed % 3 === 0 ? 70_000 : 15_000);
    assertCalm(newsOf(world.trace.slice(length)));
    believed(world, servedBy(shape));
    assertTakenOver(world, shape, seededRng(nextUint32(rng)));
  } catch (error) {
    const story = world.trace.slice(-LINES).join("\n");
    const what = wordsOf(shape, world);
    throw new Error(`SEED=${seed}: ${String(error)}\n${what}\n${story}`, { cause: error });
  }
}

function worldOf(shape: RunShape, rng: Rng): World {
  const [first] = shape.files;
  if (first === undefined) throw new Error("a cluster without files");
  const checks = checksOf(shape);
  const world = new World(configsOf(shape, first), swarm(rng, shape.scale), rng, (each) => {
    for (const check of checks) check(each);
  });
  if (shape.isDrifting) for (const node of world.nodes.values()) drift(node, rng);
  return world;
}

function checksOf({ files, addresses, hasScripts }: RunShape): readonly ((world: World) => void)[] {
  const deadtimes = files.map(({ timing }) => timing.deadtime);
  const deadtimeMin = millis(Math.min(...deadtimes));
  const deadtimeMax = millis(Math.max(...deadtimes));
  const leaseMin = millis(Math.min(...files.map(({ timing }) => leaseFor(timing))));
  const quietMin = millis(Math.min(...files.map(({ timing }) => QUIET * timing.keepalive)));
  const isFenced = files.some(({ fencing }) => fencing !== undefined);
  const isDecided = isFenced || files.some(({ hasWitness }) => hasWitness);
  const isLeased = files.every(({ lease }) => lease !== undefined);
  const each = (address: string): ((world: World) => void)[] => {
    if (isFenced) return [fenced(address)];
    if (isLeased) {
      return [
        exclusiveByLease(address, { deadtimeMin, deadtimeMax, leaseMin, quietMin, isDecided }),
      ];
    }
    // What is given up at the end of a partition may first have to stop a script that hangs.
    const grace = millis((hasScripts ? 60_000 : 1000) + 2 * deadtimeMax);
    return [exclusive(address, { deadtime: deadtimeMin, grace })];
  };
  return [...addresses.flatMap(each), honest, bounded];
}

/** Up to 500 microseconds a second too fast or too slow, and anywhere at the beginning. */
function drift(node: SimNode, rng: Rng): void {
  const rate = 1 + (between(rng, 0, 1000) - 500) / 1e6;
  node.clock = { base: node.clock.base, shown: between(rng, 0, 1_000_000), rate };
}

function live(world: World, shape: RunShape, rng: Rng): void {
  const kinds = kindsOf(rng);
  for (const node of world.nodes.values()) if (chance(rng, 0.8)) world.boot(node);
  for (let event = 0; event < EVENTS; event++) {
    const node = pick([...world.nodes.values()], rng);
    pick(kinds, rng)({ world, shape, rng, node });
    const length = chance(rng, 0.3) ? between(rng, 0, 300) : between(rng, 0, 15_000);
    world.runFor(Math.round(length * Math.min(shape.scale, 1)));
  }
}

/** From here on the cluster has no excuse. */
function heal(world: World, shape: RunShape): void {
  world.faults = calm;
  world.network.heal();
  world.lan.cut.clear();
  world.etcd.unreached.clear();
  world.missed.clear();
  const [files] = shape.files;
  for (const config of files === undefined ? [] : configsOf(shape, files)) {
    const node = world.nodes.get(config.self);
    if (node === undefined) continue;
    node.isDiskFull = false;
    world.meddle(node, (kernel) => {
      kernel.missingInterface = false;
      kernel.isUnplugged = false;
    });
    if (node.config.digest !== config.digest) world.reload(node, config);
    world.boot(node);
  }
}

/** How long the slowest of what is tried again waits, and a bit. */
const SILENCE = 35_000;
const PATIENCE = 240_000;

/** Runs until nothing has happened for long, or for as long as it may take at the most. */
function settle(world: World, shape: RunShape): void {
  const pause = Math.max(...shape.files.map(({ timing }) => timing.initdead));
  world.runFor(30_000 + 2 * pause);
  // Whoever was told to stop, or was off, is there again.
  heal(world, shape);
  world.runFor(2 * pause);
  endMaintenance(world);
  const end = world.now + PATIENCE;
  while (world.now < end) {
    const { length } = world.trace;
    world.runFor(SILENCE);
    if (newsOf(world.trace.slice(length)).length === 0) return;
  }
}

function endMaintenance(world: World): void {
  const [node] = world.nodes.values();
  if (node?.state?.upkeep.word?.on === true) world.maintain(node, false);
}

function servedBy({ files }: RunShape): readonly string[] {
  return (files[0]?.groups ?? []).map(({ name }) => name);
}

function assertServed(world: World, shape: RunShape): void {
  for (const address of servedBy(shape)) {
    const answerers = world.answerersOf(address);
    if (answerers.length !== 1) {
      const who = answerers.join(" and ") || "nobody";
      throw new Error(`${address} is answered for by ${who} after the heal`);
    }
  }
}

/** Without faults nothing moves, and nothing is told. */
function assertCalm(trace: readonly string[]): void {
  if (trace.length > 0) throw new Error(`something happened in peace: ${trace[0]}`);
}

/** The run in a few words: what its files say, and how bad its world was. */
function wordsOf({ names, files, mechanisms, isDrifting }: RunShape, { now }: World): string {
  const each = files.map(({ timing, lease, fencing, hasWitness, onIsolated, pings }) =>
    [
      `deadtime ${timing.deadtime}`,
      `lease ${lease ?? "off"}`,
      ...(fencing === undefined ? [] : ["fenced"]),
      ...(hasWitness ? ["witness"] : []),
      `on_isolated ${onIsolated} (${pings.length} ping nodes)`,
    ].join(", "),
  );
  const clocks = isDrifting ? ", drifting" : "";
  return `${names.length} nodes (${mechanisms.join(" ")}${clocks}); ${each.join(" / ")}; at ${now} ms`;
}

/** What a person calls a node in a story. */
export function nodeOf(world: World, name: string): SimNode {
  const node = world.nodes.get(nodeName(name));
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return node;
}
