/**
 * A pair to which everything happens, again and again; alpha's daemon is never restarted. For
 * `month.test.ts` and `npm run bench -- flat --simulated 30d`: whether anything of it grows.
 */
import { report } from "../../src/control/index.ts";
import type { State } from "../../src/core/index.ts";
import { nodeName, statusOf } from "../../src/core/index.ts";
import { assert } from "../../src/std/assert.ts";
import { millis } from "../../src/std/time.ts";
import { calm, clusterOf, timing } from "./configs.ts";
import { linkOf } from "./network.ts";
import { seededRng } from "./rng.ts";
import { nodeOf } from "./run-seed.ts";
import { leaseFor } from "./shape.ts";
import type { SimNode } from "./world.ts";
import { World } from "./world.ts";

export interface Month {
  readonly world: World;
  /** All of alpha's daemon that outlives a turn. */
  readonly state: () => State;
  /** How many things happen in a round. */
  readonly happenings: number;
  /** Everything happens once. Ends in calm, as it began. @param minutes - what each may take */
  round(minutes: number): void;
}

interface Pair {
  readonly world: World;
  readonly alpha: SimNode;
  readonly beta: SimNode;
}

const MINUTE = 60_000;

export function beginMonth(): Month {
  const configs = clusterOf(["alpha", "beta"], { pings: ["10.0.0.254"] });
  const leased = configs.map((config) => ({ ...config, lease: leaseFor(timing) }));
  const world = new World(leased, calm, seededRng(1));
  const [alpha, beta] = [nodeOf(world, nodeName("alpha")), nodeOf(world, nodeName("beta"))];
  world.boot(alpha);
  world.boot(beta);
  world.runFor(MINUTE);
  const first = alpha.state;
  const state = (): State => {
    assert(first !== undefined && alpha.state === first, "the same daemon all the time");
    return first;
  };
  return {
    world,
    state,
    happenings: happenings.length,
    round(minutes) {
      for (const happen of happenings) {
        const end = world.now + minutes * MINUTE;
        happen({ world, alpha, beta });
        world.runFor(end - world.now);
        // An operator looks, and so does a monitor.
        report(statusOf(state(), world.now), world.now, { software: "", uptimeMs: 0 });
      }
      world.replies.clear();
    },
  };
}

/** How many things each part of a state has in lists, sets and maps. */
export function censusOf(state: State): ReadonlyMap<string, number> {
  return new Map(Object.entries(state).map(([name, part]) => [name, entriesIn(part)]));
}

function entriesIn(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  const isList = value instanceof Map || value instanceof Set || Array.isArray(value);
  const parts: readonly unknown[] =
    value instanceof Map ? [...value].flat() : isList ? [...value] : Object.values(value);
  return parts.reduce<number>((sum, part) => sum + entriesIn(part), isList ? parts.length : 0);
}

/** None takes longer than a minute. */
const happenings: readonly ((pair: Pair) => void)[] = [
  ({ world, beta }) =>
    void world.command(beta, { type: "takeover", selection: { type: "all" }, wait: true }),
  ({ world, alpha }) =>
    void world.command(alpha, { type: "takeover", selection: { type: "all" }, wait: true }),
  ({ world, beta }) => world.kill(beta, 500),
  ({ world, beta }) => {
    world.crash(beta);
    world.runFor(20_000);
    world.boot(beta);
  },
  ({ world, alpha }) => world.pause(alpha, 2 * timing.deadtime),
  ({ world, beta }) => world.pause(beta, 2 * timing.deadtime),
  cutFor20Seconds,
  ({ world, beta }) => {
    world.leave(beta);
    world.runFor(20_000);
    world.boot(beta);
  },
  ({ world, beta }) => world.goAway(beta, millis(10_000)),
  ({ world, alpha }) => world.maintain(alpha, true, millis(30_000)),
  loseSomeForAWhile,
  ({ world, alpha }) => world.reload(alpha, { ...alpha.config }),
  ({ world, alpha }) => {
    world.network.replay(alpha, 100);
    world.network.forge(alpha, 100);
  },
];

function cutFor20Seconds({ world, alpha, beta }: Pair): void {
  world.network.cut.add(linkOf(alpha.name, beta.name));
  world.network.cut.add(linkOf(beta.name, alpha.name));
  world.runFor(20_000);
  world.network.heal();
}

function loseSomeForAWhile({ world }: Pair): void {
  world.faults = { ...calm, loss: 0.3, duplication: 0.1, startFailure: 0.2 };
  world.runFor(MINUTE / 2);
  world.faults = calm;
}
