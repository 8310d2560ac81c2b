/**
 * One run of one seed of a mixed pair: one node of ours, one virtual original. First anything may
 * happen, then all is healed and the pair has no excuse.
 */
import type { Selection } from "../../src/core/index.ts";
import { nodeName } from "../../src/core/index.ts";
import { seconds } from "../../src/std/time.ts";
import { exclusive, honest } from "./checkers.ts";
import { addressGroup, clusterOf, orderly, timing } from "./configs.ts";
import { swarm } from "./faults.ts";
import { observed } from "./original-life.ts";
import { reload, rscstatus, standby, takeover } from "./original.ts";
import type { Rng } from "./rng.ts";
import { between, chance, nextUint32, pick, seededRng } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import { isUp } from "./sim-node.ts";
import { World } from "./world.ts";

const addresses = ["10.0.0.100", "10.0.0.200"] as const;

/**
 * How long two may hold an address after they could hear each other again. The original looks into
 * its sockets twice a second, is asked three times, 5 s apart, and what it is asked it may not take
 * up while it is in transition, which after a start takes 10 s. A script that does not stop is tried
 * for 10 s, each time with its own length, before the original reboots its machine.
 */
const GRACE = seconds(45);
const GRACE_WITH_SCRIPTS = seconds(90);

/**
 * How long two may hold an address without any such excuse: an original that calls its peer dead at
 * the moment at which that comes back takes everything, and says so. What it says is half a second on
 * its way, longer if it is lost and asked for again.
 */
const LIMIT = seconds(5);

/** @throws Error with the seed and the end of the story, if a promise was broken */
export function runMixed(seed: number): void {
  const rng = seededRng(seed);
  const world = worldOf(rng);
  world.isCheckingDeterminism = seed % 50 === 0;
  try {
    live(world, seededRng(nextUint32(rng)));
    heal(world);
    // Who was told to stop may wait with that until nothing is in transition.
    world.runFor(90_000);
    heal(world);
    world.runFor(90_000);
    assertSettled(world);
    const { length } = world.trace;
    world.runFor(60_000);
    assertSettled(world);
    const [first] = world.trace.slice(length);
    if (first !== undefined) throw new Error(`something happened in peace: ${first}`);
  } catch (error) {
    const story = world.trace.slice(-80).join("\n");
    throw new Error(`SEED=${seed} (mixed): ${String(error)}\n${story}`, { cause: error });
  }
}

function worldOf(rng: Rng): World {
  const names = ["alpha", "beta"];
  const nodes = names.map(nodeName);
  const scripts = chance(rng, 0.5) ? [] : ["nginx"];
  const groups = [addressGroup(addresses[0], nodes, scripts)];
  if (chance(rng, 0.6)) groups.push(addressGroup(addresses[1], nodes.toReversed()));
  const originals = [pick(names, rng)];
  const autoFailback = chance(rng, 0.6);
  const knobs = { ...observed, hasSoundScripts: true };
  const configs = clusterOf(names, { groups, originals, autoFailback, knobs });
  const grace = scripts.length === 0 ? GRACE : GRACE_WITH_SCRIPTS;
  const { deadtime } = timing;
  const checks = [
    ...groups.map(({ name }) => exclusive(name, { deadtime, grace, limit: LIMIT })),
    honest,
  ];
  return new World(configs, swarm(rng), rng, (each) => {
    for (const check of checks) check(each);
  });
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
    case 1:
      if (!isUp(node)) return world.boot(node);
      // What a killed original leaves behind, nobody removes.
      return node.original !== undefined || chance(rng, 0.5) ? world.crash(node) : world.kill(node);
    case 2:
      return world.pause(node, between(rng, 100, 20_000));
    case 3:
    case 4:
      for (const other of world.nodes.keys()) world.network.cut.add(`${node.name}>${other}`);
      return;
    case 5:
    case 6:
      return world.network.cut.clear();
    case 7:
      return world.leave(node);
    case 8:
      return meddle(world, rng);
    case 9:
      if (node.original !== undefined) reload(node.original);
      else world.post(node, { type: "configured", config: node.config });
      return;
    default:
      return order(world, node, rng);
  }
}

/** Only ours looks after its addresses; an original would never know. */
function meddle(world: World, rng: Rng): void {
  for (const node of world.nodes.values()) {
    if (node.config.original !== undefined) continue;
    const isMissing = chance(rng, 0.3);
    world.meddle(node, (kernel) => {
      kernel.missingInterface = isMissing;
      if (isMissing) kernel.addresses.clear();
      else kernel.addresses.delete(pick(addresses, rng));
    });
  }
}

function order(world: World, node: SimNode, rng: Rng): void {
  const type = chance(rng, 0.5) ? "takeover" : "standby";
  const what = pick(["all", "local", "foreign"] as const, rng);
  const selection: Selection = { type: what };
  if (node.original === undefined) world.command(node, { type, selection, wait: true });
  else (type === "takeover" ? takeover : standby)(node.original, what);
}

/** From here on the pair has no excuse. */
function heal(world: World): void {
  world.faults = orderly;
  world.network.cut.clear();
  for (const node of world.nodes.values()) {
    world.meddle(node, (kernel) => {
      kernel.missingInterface = false;
    });
    world.boot(node);
  }
}

/** Each address has one holder, and the original is not in transition. */
function assertSettled(world: World): void {
  for (const node of world.nodes.values()) {
    if (!isUp(node)) throw new Error(`${node.name} is not up`);
    if (node.original !== undefined && rscstatus(node.original) === "transition") {
      throw new Error(`${node.name} is in transition for ever`);
    }
    for (const { name } of node.config.groups) {
      const holders = world.holdersOf(name);
      if (holders.length === 1) continue;
      throw new Error(`${name} is held by ${holders.join(" and ") || "nobody"} after the heal`);
    }
  }
}
