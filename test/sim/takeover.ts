/**
 * Never none: in peace one holder dies, in one way or another, or an operator moves a group, and a
 * client counts the milliseconds in which nobody answers.
 */
import { groupName } from "../../src/core/index.ts";
import { calm } from "./configs.ts";
import { setCarrier } from "./disturb.ts";
import { kindOf } from "./kernel.ts";
import type { Rng } from "./rng.ts";
import { chance, pick } from "./rng.ts";
import type { Files, RunShape } from "./shape.ts";
import type { SimNode } from "./sim-node.ts";
import { mechanismOf } from "./sim-node.ts";
import type { World } from "./world.ts";

/** Ways through the network of a heartbeat, its answer, and what was agreed on. */
const WAYS = 4;
/** Timers, answers of the witness, and the client's own milliseconds. */
const SLACK = 5;
const WITNESS = 100;

/** @throws Error if nobody answered for longer than promised */
export function assertTakenOver(world: World, shape: RunShape, rng: Rng): void {
  const [files] = shape.files;
  if (files === undefined) return;
  const address = pick(files.groups, rng).name;
  const holder = [...world.nodes.values()].find((node) => world.lan.answers(node, address));
  if (holder === undefined) return;
  if (chance(rng, 0.3)) return assertMoved(world, address, holder, rng);
  if (chance(rng, 0.3)) return assertHandedOver(world, shape, files, { address, holder });
  const isKilled = chance(rng, 0.5);
  if (isKilled) world.kill(holder);
  else world.crash(holder);
  const bound = isKilled ? boundOfKill(files, holder) : boundOfCrash(files);
  const outage = outageOf(world, address, 3 * files.timing.deadtime + bound);
  if (outage <= bound) return;
  const how = isKilled ? "killed" : "crashed";
  throw new Error(
    `${address} answered nobody for ${outage} ms, not ${bound}: ${holder.name} ${how}`,
  );
}

function assertMoved(world: World, address: string, holder: SimNode, rng: Rng): void {
  const others = [...world.nodes.values()].filter((node) => node !== holder);
  const selection = { type: "group", group: groupName(address) } as const;
  world.command(pick(others, rng), { type: "takeover", selection, wait: true });
  const bound = 2 * calm.delayMax + SLACK;
  const outage = outageOf(world, address, 2000);
  if (outage > bound) throw new Error(`${address} answered nobody for ${outage} ms in a move`);
  if (world.lan.answers(holder, address)) throw new Error(`${address} was not moved`);
}

/** How long a carrier must have been back until something goes home to it, and a bit. */
const TRUST = 30_000;
const BIT = 1500;

/** The holder loses its carrier, and its heartbeats have another way. */
function assertHandedOver(
  world: World,
  { hasScripts }: RunShape,
  { autoFailback, groups }: Files,
  { address, holder }: { readonly address: string; readonly holder: SimNode },
): void {
  const others = [...world.nodes.values()].filter((node) => node !== holder);
  if (!others.some((node) => couldTake(node, address))) return;
  setCarrier(world, holder, false);
  // The address does not come before the last script has ended.
  const bound = WAYS * calm.delayMax + SLACK + (hasScripts ? calm.jobMax : 0);
  const outage = outageOf(world, address, bound + 1000);
  if (outage > bound) {
    throw new Error(`${address} answered nobody for ${outage} ms, not ${bound}: no carrier`);
  }
  setCarrier(world, holder, true);
  const goesHome =
    autoFailback && groups.find(({ name }) => name === address)?.nodes[0] === holder.name;
  world.runFor(TRUST - BIT);
  if (world.lan.answers(holder, address)) throw new Error(`${address} went home at once`);
  world.runFor(2 * BIT);
  if (world.lan.answers(holder, address) !== goesHome) {
    throw new Error(`${address} ${goesHome ? "did not go home" : "went where it is not at home"}`);
  }
}

/** What it could not start lately it does not take. */
function couldTake({ state }: SimNode, address: string): boolean {
  return state?.groups.get(groupName(address))?.local.at === "stopped";
}

function boundOfCrash({ timing, fencing, hasWitness, lease, groups }: Files): number {
  const { deadtime } = timing;
  const fence = fencing === undefined ? 0 : calm.fenceMax;
  // Among more than two, the network is asked by one after the other.
  const turns = (groups[0]?.nodes.length ?? 0) > 2 ? deadtime - (lease ?? deadtime) : 0;
  const reached = deadtime + WAYS * calm.delayMax + SLACK + turns;
  return reached + fence + (hasWitness ? WITNESS : 0);
}

/** Its kernel answers until the lease is over, which is a margin before anybody calls it dead. */
function boundOfKill(files: Files, holder: SimNode): number {
  const { lease, timing, fencing } = files;
  if (lease === undefined || fencing !== undefined) return boundOfCrash(files);
  const { late } = kindOf(mechanismOf(holder) ?? "none");
  // Who answers after its time is taken for one that lives, until deadtime has passed without a sign.
  if (late > 0) return boundOfCrash(files) + late;
  // What it was granted last, it was for a heartbeat that the other had acknowledged with its next one.
  return boundOfCrash(files) - lease + 2 * timing.keepalive;
}

/** The longest time within `duration` in which nobody answered, to a millisecond. */
function outageOf(world: World, address: string, duration: number): number {
  let longest = 0;
  let current = 0;
  for (let passed = 0; passed < duration; passed++) {
    world.runFor(1);
    current = world.answerersOf(address).length === 0 ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}
