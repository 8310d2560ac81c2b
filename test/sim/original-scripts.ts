/**
 * The resource scripts of a virtual original: one operation after the other, each a child that takes
 * its time, and whose failures the daemon does not hear of.
 */
import type { GroupConfig, Resource, Side } from "../../src/core/index.ts";
import type { Life } from "./original-life.ts";
import { say } from "./original-life.ts";
import { between, chance } from "./rng.ts";

const STOP_RETRIES = 10;
const STOP_AGAIN = 1000;
const STANDBY_AFTER_FAILURE = 30_000;

export function groupsOf(life: Life, sides: readonly Side[]): readonly GroupConfig[] {
  return life.config.groups.filter((group) =>
    sides.includes(group.nodes[0] === life.config.self ? "local" : "foreign"),
  );
}

/** A child that does something short, and then tells the daemon. */
export function child(life: Life, then: () => void): void {
  life.children += 1;
  life.machine.later(between(life.machine.rng, 20, 60), () => {
    life.children -= 1;
    then();
  });
}

/** Starts groups, left to right, when what was asked for before is done. */
export function takeGroups(
  life: Life,
  groups: readonly GroupConfig[],
  then: () => void = () => undefined,
): void {
  enqueue(
    life,
    (done) => inOrder(groups, (group, next) => takeGroup(life, group, next), done),
    then,
  );
}

/** Stops groups, right to left. */
export function giveGroups(life: Life, groups: readonly GroupConfig[], then: () => void): void {
  enqueue(
    life,
    (done) => inOrder(groups, (group, next) => giveGroup(life, group, next), done),
    then,
  );
}

function enqueue(life: Life, run: (done: () => void) => void, then: () => void): void {
  life.children += 1;
  const begin = (): void =>
    run(() => {
      life.children -= 1;
      life.queue.shift();
      then();
      life.queue[0]?.();
    });
  life.queue.push(begin);
  if (life.queue.length === 1) begin();
}

function inOrder<T>(
  items: readonly T[],
  each: (item: T, next: () => void) => void,
  done: () => void,
): void {
  const [first, ...rest] = items;
  if (first === undefined) return done();
  return each(first, () => inOrder(rest, each, done));
}

function takeGroup(life: Life, group: GroupConfig, done: () => void): void {
  let hasFailed = false;
  inOrder(
    group.resources,
    (resource, next) => {
      if (hasFailed || isRunning(life, resource)) return next();
      return start(life, resource, (isUp) => {
        hasFailed ||= !isUp;
        next();
      });
    },
    () => {
      if (!hasFailed) return done();
      life.machine.later(STANDBY_AFTER_FAILURE, () => {
        say(life, { type: "ask_resources", holds: "foreign", step: "me" });
      });
      return giveGroup(life, group, done);
    },
  );
}

function giveGroup(life: Life, group: GroupConfig, done: () => void): void {
  inOrder(
    group.resources.toReversed(),
    (resource, next) => stop(life, resource, STOP_RETRIES, next),
    done,
  );
}

export function isRunning({ machine }: Life, resource: Resource): boolean {
  const { addresses, services } = machine.kernel;
  return resource.type === "address"
    ? addresses.has(resource.ip.address)
    : services.has(resource.name);
}

function start(life: Life, resource: Resource, done: (isUp: boolean) => void): void {
  const { machine } = life;
  const { kernel } = machine;
  machine.write(`start ${resource.name}`);
  if (resource.type === "address") {
    return machine.later(between(machine.rng, 10, 40), () => {
      if (kernel.missingInterface) return done(false);
      kernel.addresses.set(resource.ip.address, "ours");
      return done(true);
    });
  }
  kernel.services.add(resource.name);
  const { hasSoundScripts } = life.knobs;
  const fails = !hasSoundScripts && chance(machine.rng, machine.faults().startFailure);
  return machine.later(between(machine.rng, 1, machine.faults().jobMax), () => done(!fails));
}

function stop(life: Life, resource: Resource, retries: number, done: () => void): void {
  const { machine } = life;
  const { kernel } = machine;
  if (isRunning(life, resource)) machine.write(`stop ${resource.name}`);
  if (resource.type === "address") {
    return machine.later(between(machine.rng, 5, 20), () => {
      kernel.addresses.delete(resource.ip.address);
      done();
    });
  }
  const fails = chance(machine.rng, machine.faults().stopFailure);
  return machine.later(between(machine.rng, 1, machine.faults().jobMax), () => {
    if (!fails) kernel.services.delete(resource.name);
    if (!isRunning(life, resource)) return done();
    if (retries === 0) return machine.reboot();
    return machine.later(STOP_AGAIN, () => stop(life, resource, retries - 1, done));
  });
}
