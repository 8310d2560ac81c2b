/**
 * What must hold at every moment of every run.
 */
import type { Instant, Millis } from "../../src/std/time.ts";
import { elapsed, instant, millis } from "../../src/std/time.ts";
import { DRIFT_MAX } from "./clock.ts";
import type { SimNode } from "./sim-node.ts";
import { isUp } from "./sim-node.ts";
import type { World } from "./world.ts";

/**
 * An address is configured on one node at most, unless nodes could not hear each other for
 * deadtime, or a daemon had just been killed: without a lease or a fence two holders are then
 * unavoidable. Once they hear each other again, `grace` is all they get. And `limit` is how long it
 * may last without any such excuse: not at all, unless one of them is an original.
 */
export function exclusive(
  address: string,
  {
    deadtime,
    grace,
    limit = millis(0),
  }: { readonly deadtime: Millis; readonly grace: Millis; readonly limit?: Millis },
): (world: World) => void {
  let excusedAt = instant(-Number.MAX_SAFE_INTEGER);
  let doubleSince: Instant | undefined;
  return (world) => {
    if (isExcused(world, deadtime)) excusedAt = world.now;
    const holders = world.holdersOf(address);
    doubleSince = holders.length < 2 ? undefined : (doubleSince ?? world.now);
    if (doubleSince === undefined || elapsed(excusedAt, world.now) <= grace) return;
    if (elapsed(doubleSince, world.now) < limit) return;
    throw new Error(`${address} is on ${holders.join(" and ")} at once at ${world.now} ms`);
  };
}

/**
 * With fencing there is no excuse at all: whoever is not heard has been switched off before anything
 * is taken from it.
 */
export function fenced(address: string): (world: World) => void {
  return (world) => {
    const holders = world.holdersOf(address);
    if (holders.length < 2) return;
    throw new Error(`${address} is on ${holders.join(" and ")} at once at ${world.now} ms`);
  };
}

/** Every node that has an address knows it: what is configured is claimed. */
export function honest(world: World): void {
  for (const node of world.nodes.values()) {
    if (node.state === undefined) continue;
    for (const group of node.state.groups.values()) {
      const isClaimed = group.local.at !== "stopped" && group.local.at !== "refused";
      const isClearing = group.mending !== undefined || node.inbox.length > 0;
      const has = group.config.resources.some(
        (resource) =>
          resource.type === "address" && node.kernel.addresses.get(resource.ip.address) === "ours",
      );
      if (!has || isClaimed || isClearing) continue;
      throw new Error(`${node.name} has ${group.config.name} and does not say so`);
    }
  }
}

/** Of what happens at one moment, nothing goes round for ever. The world itself counts as well. */
export function bounded(world: World): void {
  for (const node of world.nodes.values()) {
    if (node.inbox.length > INBOX_MAX) throw new Error(`${node.name} has too much to read`);
  }
}

/** Whoever cannot read for a while finds what its socket buffers hold, and no more. */
const INBOX_MAX = 20_000;

/** The clients send to where the address is: the last announcement that they heard was its holder's. */
export function believed(world: World, addresses: readonly string[]): void {
  for (const address of addresses) {
    const [holder] = world.answerersOf(address);
    const where = world.lan.believed.get(address);
    if (where === undefined || holder === undefined || where === holder) continue;
    throw new Error(`${address} is on ${holder}, and the network believes that it is on ${where}`);
  }
}

function isExcused(world: World, deadtime: Millis): boolean {
  const nodes = [...world.nodes.values()];
  // Its addresses outlive a killed daemon until they are released.
  if (nodes.some((node) => !isUp(node) && node.kernel.addresses.size > 0)) return true;
  // An original that did not run for deadtime takes everything when it finds that.
  if (nodes.some((node) => hasSlept(world, node, deadtime))) return true;
  const up = nodes.filter(isUp);
  return up.some((from) => up.some((to) => from !== to && isDeaf(world, { from, to }, deadtime)));
}

function hasSlept(world: World, { original }: SimNode, deadtime: Millis): boolean {
  if (original === undefined) return false;
  // It looks twice a second, and calls what came late what came too late.
  return world.now - original.heardItself >= deadtime - 2 * original.config.timing.keepalive;
}

function isDeaf(
  world: World,
  { from, to }: { readonly from: SimNode; readonly to: SimNode },
  deadtime: Millis,
): boolean {
  const heard = world.network.heard.get(`${from.name}>${to.name}`)?.at ?? instant(0);
  const since = Math.max(heard, from.bootedAt, to.bootedAt);
  return world.now - since >= deadtime * (1 - DRIFT_MAX);
}
