/**
 * All that may happen to a cluster, at any moment. Every run draws which of it may happen at all:
 * some faults hide others.
 */
import type { Selection } from "../../src/core/index.ts";
import { groupName } from "../../src/core/index.ts";
import { after, millis } from "../../src/std/time.ts";
import { CLIENT } from "./lan.ts";
import { linkOf } from "./network.ts";
import type { Rng } from "./rng.ts";
import { between, chance, pick } from "./rng.ts";
import type { RunShape } from "./shape.ts";
import { configsOf } from "./shape.ts";
import type { SimNode } from "./sim-node.ts";
import { isUp } from "./sim-node.ts";
import type { World } from "./world.ts";

export interface Disturbance {
  readonly world: World;
  readonly shape: RunShape;
  readonly rng: Rng;
  /** The node that it happens to. */
  readonly node: SimNode;
}

type Kind = (disturbance: Disturbance) => void;

/** What never ceases, so that something goes on in every run. */
const always: readonly Kind[] = [
  bootOrCrash,
  healCuts,
  healCuts,
  order,
  order,
  ({ world, node }) => world.boot(node),
];

const sometimes: readonly Kind[] = [
  killOrBoot,
  restart,
  pause,
  suspend,
  cutFrom,
  cutTo,
  cutBoth,
  cutEverything,
  cutClients,
  reject,
  ({ world, node }) => world.leave(node),
  deleteAddress,
  unplug,
  loseCarrier,
  restartSwitch,
  missPing,
  missPing,
  orderAfterDeath,
  orderAtStart,
  reload,
  attack,
  loseWitness,
  loseWitness,
  maintain,
  goAway,
  fillDisk,
];

/** The kinds of a run: each with one chance in two. */
export function kindsOf(rng: Rng): readonly Kind[] {
  return [...always, ...sometimes.filter(() => chance(rng, 0.5))];
}

function bootOrCrash({ world, node }: Disturbance): void {
  if (isUp(node)) world.crash(node);
  else world.boot(node);
}

function killOrBoot({ world, node }: Disturbance): void {
  if (!isUp(node)) world.boot(node);
  else if (world.now >= node.suspendedUntil) world.kill(node);
}

/** Killed, and started again by systemd: within the lease, or too late for it. */
function restart({ world, node, shape, rng }: Disturbance): void {
  if (world.now < node.suspendedUntil) return;
  world.kill(node, between(rng, 50, chance(rng, 0.7) ? 3000 * shape.scale + 50 : 20_000));
}

function pause({ world, node, shape, rng }: Disturbance): void {
  if (isUp(node)) world.pause(node, Math.round(between(rng, 100, 20_000) * shape.scale));
}

function suspend({ world, node, shape, rng }: Disturbance): void {
  world.suspend(node, Math.round(between(rng, 100, 20_000) * shape.scale), chance(rng, 0.5));
}

function cutFrom({ world, node }: Disturbance): void {
  for (const other of world.nodes.keys()) world.network.cut.add(linkOf(node.name, other));
}

function cutTo({ world, node }: Disturbance): void {
  for (const other of world.nodes.keys()) world.network.cut.add(linkOf(other, node.name));
}

/** The heartbeats are cut, and the clients are not. */
function cutBoth(disturbance: Disturbance): void {
  cutFrom(disturbance);
  cutTo(disturbance);
}

/** One cable for all: in both directions, or in one. */
function cutEverything(disturbance: Disturbance): void {
  const { world, node, rng } = disturbance;
  const others = [...world.nodes.keys(), CLIENT];
  const way = between(rng, 0, 2);
  if (way !== 1) {
    cutFrom(disturbance);
    for (const other of others) world.lan.cut.add(linkOf(node.name, other));
  }
  if (way !== 2) {
    cutTo(disturbance);
    for (const other of others) world.lan.cut.add(linkOf(other, node.name));
  }
}

function cutClients({ world, node, rng }: Disturbance): void {
  for (const other of [...world.nodes.keys(), CLIENT]) {
    if (chance(rng, 0.7)) world.lan.cut.add(linkOf(node.name, other));
    if (chance(rng, 0.7)) world.lan.cut.add(linkOf(other, node.name));
  }
}

function reject({ world, node }: Disturbance): void {
  world.network.rejecting.add(node.name);
}

function healCuts({ world, rng }: Disturbance): void {
  if (chance(rng, 0.8)) world.network.heal();
  if (chance(rng, 0.8)) world.lan.cut.clear();
  if (chance(rng, 0.5)) world.missed.clear();
  if (chance(rng, 0.5)) world.etcd.unreached.clear();
  for (const node of world.nodes.values()) {
    if (chance(rng, 0.3)) node.isDiskFull = false;
    if (node.kernel.isUnplugged && chance(rng, 0.5)) setCarrier(world, node, true);
  }
}

function deleteAddress({ world, node, shape, rng }: Disturbance): void {
  world.meddle(node, ({ addresses }) => addresses.delete(pick(shape.addresses, rng)));
}

function unplug({ world, node, rng }: Disturbance): void {
  world.meddle(node, (kernel) => {
    kernel.missingInterface = chance(rng, 0.5);
    if (kernel.missingInterface) kernel.addresses.clear();
  });
}

/** The cable of the service interface, for a while or for long; the heartbeats have another one. */
function loseCarrier({ world, node, rng }: Disturbance): void {
  setCarrier(world, node, false);
  if (chance(rng, 0.5)) plugAfter(world, node, between(rng, 1, 5000));
}

/** All ports go down within a moment, and come up one after the other. */
function restartSwitch({ world, rng }: Disturbance): void {
  for (const node of world.nodes.values()) {
    world.agenda.add(after(world.now, millis(between(rng, 0, 20))), () =>
      setCarrier(world, node, false),
    );
    plugAfter(world, node, between(rng, 1000, 4000));
  }
}

function plugAfter(world: World, node: SimNode, delay: number): void {
  world.agenda.add(after(world.now, millis(delay)), () => setCarrier(world, node, true));
}

export function setCarrier(world: World, node: SimNode, isThere: boolean): void {
  world.write(node, isThere ? "has its carrier back" : "loses its carrier");
  world.meddle(node, (kernel) => {
    kernel.isUnplugged = !isThere;
  });
}

function missPing({ world, node, rng }: Disturbance): void {
  world.missed.add(linkOf(node.name, chance(rng, 0.5) ? "gateway" : "tester"));
}

function order({ world, node, shape, rng }: Disturbance): void {
  const type = chance(rng, 0.5) ? "takeover" : "standby";
  world.command(node, { type, selection: anySelection(shape, rng), wait: true });
}

function anySelection(shape: RunShape, rng: Rng): Selection {
  const type = pick(["all", "local", "foreign", "group"] as const, rng);
  return type === "group" ? { type, group: groupName(pick(shape.addresses, rng)) } : { type };
}

/** The worst moment: somebody has just died, and nobody knows it yet. */
function orderAfterDeath(disturbance: Disturbance): void {
  const { world, node, shape, rng } = disturbance;
  world.crash(node);
  const other = pick([...world.nodes.values()], rng);
  world.agenda.add(after(world.now, millis(between(rng, 0, 5000) * shape.scale)), () =>
    order({ ...disturbance, node: other }),
  );
}

function orderAtStart(disturbance: Disturbance): void {
  const { world, rng, node } = disturbance;
  world.boot(node);
  world.agenda.add(after(world.now, millis(between(rng, 0, 200))), () => order(disturbance));
}

/** New files, read by one node or, one after the other, by all. */
function reload({ world, node, shape, rng }: Disturbance): void {
  const configs = configsOf(shape, pick(shape.files, rng));
  const isEverywhere = chance(rng, 0.5);
  for (const config of configs) {
    const target = world.nodes.get(config.self);
    if (target !== undefined && (isEverywhere || target === node)) world.reload(target, config);
  }
}

function attack({ world, node, rng }: Disturbance): void {
  if (chance(rng, 0.3)) world.network.forge(node, between(rng, 1, 50));
  else world.network.replay(node, between(rng, 1, 200));
}

function loseWitness({ world, node, rng }: Disturbance): void {
  if (chance(rng, 0.5)) for (const name of world.nodes.keys()) world.etcd.unreached.add(name);
  else world.etcd.unreached.add(node.name);
}

function maintain({ world, node, rng }: Disturbance): void {
  world.maintain(node, chance(rng, 0.5), chance(rng, 0.5) ? millis(20_000) : undefined);
}

function goAway({ world, node }: Disturbance): void {
  world.goAway(node, millis(15_000));
}

function fillDisk({ node }: Disturbance): void {
  node.isDiskFull = true;
}
