/**
 * One run of one seed: first anything may happen (safety), then all is healed and the cluster has
 * no excuse (liveness).
 */
import type { Fencing, Selection } from "../../src/core/index.ts";
import { groupName, nodeName } from "../../src/core/index.ts";
import { seconds } from "../../src/std/time.ts";
import { exclusive, fenced, honest } from "./checkers.ts";
import { addressGroup, calm, clusterOf, fencingBy, timing } from "./configs.ts";
import { swarm } from "./faults.ts";
import type { Rng } from "./rng.ts";
import { between, chance, nextUint32, pick, seededRng } from "./rng.ts";
import { runMixed } from "./run-mixed.ts";
import type { SimNode } from "./world.ts";
import { World } from "./world.ts";

const addresses = ["10.0.0.100", "10.0.0.200"] as const;

/** Of as many runs one is of a pair with an original. */
const MIXED_EVERY = 5;

/** @throws Error with the seed and the end of the story, if a promise was broken */
export function runSeed(seed: number): void {
  if (seed % MIXED_EVERY === 0) return runMixed(seed);
  const rng = seededRng(seed);
  const world = worldOf(rng);
  world.isCheckingDeterminism = seed % 50 === 1;
  try {
    live(world, seededRng(nextUint32(rng)));
    heal(world);
    world.runFor(120_000);
    assertServed(world);
    const { length } = world.trace;
    world.runFor(60_000);
    assertCalm(world.trace.slice(length));
  } catch (error) {
    const story = world.trace.slice(-40).join("\n");
    throw new Error(`SEED=${seed}: ${String(error)}\n${story}`, { cause: error });
  }
}

function worldOf(rng: Rng): World {
  const names = chance(rng, 0.7) ? ["alpha", "beta"] : ["alpha", "beta", "gamma"];
  const nodes = names.map(nodeName);
  const scripts = chance(rng, 0.5) ? [] : ["nginx"];
  const groups = [
    addressGroup(addresses[0], nodes, scripts),
    addressGroup(addresses[1], nodes.toReversed()),
  ];
  const pings = ["gateway", "tester"].slice(0, between(rng, 0, 2));
  const fencing = fencingOf(rng);
  const autoFailback = chance(rng, 0.5);
  const configs = clusterOf(names, { groups, pings, fencing, autoFailback });
  const { deadtime } = timing;
  const checks = [
    // What is given up at the end of a partition may first have to stop a script that hangs.
    exclusive(addresses[0], { deadtime, grace: seconds(scripts.length === 0 ? 5 : 60) }),
    exclusive(addresses[1], { deadtime, grace: seconds(5) }),
    honest,
    ...(fencing === undefined ? [] : addresses.map(fenced)),
  ];
  return new World(configs, swarm(rng), rng, (each) => {
    for (const check of checks) check(each);
  });
}

function fencingOf(rng: Rng): Fencing | undefined {
  if (chance(rng, 0.6)) return undefined;
  return chance(rng, 0.5) ? fencingBy("power") : fencingBy("power", "board");
}

function live(world: World, rng: Rng): void {
  for (const node of world.nodes.values()) if (chance(rng, 0.8)) world.boot(node);
  for (let event = 0; event < 25; event++) {
    disturb(world, rng);
    world.runFor(chance(rng, 0.3) ? between(rng, 0, 300) : between(rng, 0, 15_000));
  }
}

function disturb(world: World, rng: Rng): void {
  const node = pick([...world.nodes.values()], rng);
  switch (between(rng, 0, 13)) {
    case 0:
      return node.state === undefined ? world.boot(node) : world.crash(node);
    case 1:
      return node.state === undefined ? world.boot(node) : world.kill(node);
    case 2:
      return world.pause(node, between(rng, 100, 20_000));
    case 3:
      for (const other of world.nodes.keys()) world.cut.add(`${node.name}>${other}`);
      return;
    case 4:
      for (const other of world.nodes.keys()) world.cut.add(`${other}>${node.name}`);
      return;
    case 5:
    case 6:
      return world.cut.clear();
    case 7:
      return world.leave(node);
    case 8:
      world.meddle(node, ({ addresses: present }) => present.delete(pick(addresses, rng)));
      return;
    case 9:
      world.meddle(node, (kernel) => {
        kernel.missingInterface = chance(rng, 0.5);
        if (kernel.missingInterface) kernel.addresses.clear();
      });
      return;
    case 10:
      world.missed.add(`${node.name}>${chance(rng, 0.5) ? "gateway" : "tester"}`);
      return;
    case 11:
      return world.missed.clear();
    default: {
      const type = chance(rng, 0.5) ? "takeover" : "standby";
      world.command(node, { type, selection: anySelection(rng), wait: true });
    }
  }
}

function anySelection(rng: Rng): Selection {
  const type = pick(["all", "local", "foreign", "group"] as const, rng);
  return type === "group" ? { type, group: groupName(pick(addresses, rng)) } : { type };
}

/** From here on the cluster has no excuse. */
function heal(world: World): void {
  world.faults = calm;
  world.cut.clear();
  world.missed.clear();
  for (const node of world.nodes.values()) {
    world.meddle(node, (kernel) => {
      kernel.missingInterface = false;
    });
    world.boot(node);
  }
}

function assertServed(world: World): void {
  for (const address of addresses) {
    const holders = world.holdersOf(address);
    if (holders.length !== 1) {
      throw new Error(`${address} is held by ${holders.join(" and ") || "nobody"} after the heal`);
    }
  }
}

/** Without faults nothing moves, and nothing is told. */
function assertCalm(trace: readonly string[]): void {
  if (trace.length > 0) throw new Error(`something happened in peace: ${trace[0]}`);
}

/** What a person calls a node in a story. */
export function nodeOf(world: World, name: string): SimNode {
  const node = world.nodes.get(nodeName(name));
  if (node === undefined) throw new Error(`there is no node ${name}`);
  return node;
}
