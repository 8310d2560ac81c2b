/**
 * Every checker can fail: what each is there to find is done to a world, behind the back of its nodes.
 */
import { describe, expect, test } from "vitest";
import { nodeName } from "../../src/core/index.ts";
import { after, instant, millis, seconds } from "../../src/std/time.ts";
import { believed, bounded, fenced, honest } from "./checkers.ts";
import { momentOf, shownAt } from "./clock.ts";
import { calm, clusterOf, timing, vip } from "./configs.ts";
import { exclusiveByLease } from "./exclusive.ts";
import { seededRng } from "./rng.ts";
import { nodeOf } from "./run-seed.ts";
import { leaseFor } from "./shape.ts";
import { assertSame } from "./turn-checks.ts";
import type { SimNode } from "./world.ts";
import { World } from "./world.ts";

const alpha = nodeName("alpha");
const beta = nodeName("beta");
const { deadtime, keepalive } = timing;
const terms = {
  deadtimeMin: deadtime,
  deadtimeMax: deadtime,
  leaseMin: leaseFor(timing),
  quietMin: millis(1.5 * keepalive),
  isDecided: false,
};

describe("exclusive by lease", () => {
  test("is content with a pair of which one holds", () => {
    const world = servingPair();
    expect(world.answerersOf(vip)).toEqual([alpha]);
    expect(() => exclusiveByLease(vip, terms)(world)).not.toThrow();
  });

  test("finds a second one that answers at the same instant", () => {
    const world = servingPair();
    answer(world, nodeOf(world, beta));
    expect(() => exclusiveByLease(vip, terms)(world)).toThrow("alpha and beta both answer");
  });

  test("does not mind an address that is configured and silent", () => {
    const world = servingPair();
    answer(world, nodeOf(world, beta));
    nodeOf(world, beta).kernel.leaseUntil = world.now;
    expect(() => exclusiveByLease(vip, terms)(world)).not.toThrow();
  });

  test("excuses two that are cut off from each other and from each other's clients", () => {
    const world = servingPair();
    separate(world, exclusiveByLease(vip, terms));
    expect(world.answerersOf(vip)).toEqual([alpha, beta]);
  });

  test("excuses nobody where a witness decides", () => {
    const world = servingPair();
    const check = exclusiveByLease(vip, { ...terms, isDecided: true });
    expect(() => separate(world, check)).toThrow("both answer");
  });

  test("excuses them no longer when they have heard each other", () => {
    const world = servingPair();
    const check = exclusiveByLease(vip, terms);
    separate(world, check);
    world.network.cut.clear();
    world.runFor(seconds(2));
    answer(world, nodeOf(world, alpha));
    answer(world, nodeOf(world, beta));
    expect(() => check(world)).toThrow("both answer");
  });
});

describe("the other checkers", () => {
  test("fenced finds two that have an address, whether they answer or not", () => {
    const world = servingPair();
    nodeOf(world, beta).kernel.addresses.set(vip, "ours");
    expect(() => fenced(vip)(world)).toThrow("is on alpha and beta at once");
  });

  test("honest finds an address that is not claimed", () => {
    const world = servingPair();
    nodeOf(world, beta).kernel.addresses.set(vip, "ours");
    expect(() => honest(world)).toThrow("beta has 10.0.0.100 and does not say so");
  });

  test("believed finds clients that send to another machine", () => {
    const world = servingPair();
    believed(world, [vip]);
    world.lan.believed.set(vip, beta);
    expect(() => believed(world, [vip])).toThrow("believes that it is on beta");
  });

  test("bounded finds an inbox that only grows", () => {
    const world = servingPair();
    const node = nodeOf(world, beta);
    for (let count = 0; count < 30_000; count++) node.inbox.push({ type: "pong", ping: "" });
    expect(() => bounded(world)).toThrow("beta has too much to read");
  });

  test("two runs of one turn with other effects are found", () => {
    expect(() => assertSame([], [{ type: "revoke" }])).toThrow("gave other effects");
  });

  test("a deadline that is due and does nothing is found", () => {
    const world = servingPair();
    const { state } = nodeOf(world, beta);
    if (state === undefined) throw new Error("beta is not up");
    const stuck = { get: () => instant(0), set() {} };
    Object.defineProperty(state, "nextKeepalive", stuck);
    expect(() => world.runFor(seconds(5))).toThrow("beta takes turns without an end: keepalive");
  });
});

describe("the virtual kernel", () => {
  test("falls silent by its own clock when nobody renews", () => {
    const world = servingPair();
    world.pause(nodeOf(world, alpha), seconds(60));
    world.runFor(deadtime);
    expect(world.answerersOf(vip)).not.toContain(alpha);
    expect(world.holdersOf(vip)).toContain(alpha);
  });

  test("goes on with the lease of a machine that stood still", () => {
    const world = servingPair();
    world.suspend(nodeOf(world, alpha), seconds(20), true);
    world.runFor(seconds(19));
    expect(world.answerersOf(vip)).toEqual([beta]);
  });

  test("forgets everything with its machine", () => {
    const world = servingPair();
    world.crash(nodeOf(world, alpha));
    expect(world.holdersOf(vip)).toEqual([]);
  });

  test("shows the moment of its clock for which it was asked, however it drifts", () => {
    const clock = { base: instant(1000), shown: 77, rate: 1.0005 };
    const moment = momentOf(clock, instant(5077));
    expect(shownAt(clock, moment)).toBeGreaterThanOrEqual(5077);
    expect(shownAt(clock, moment)).toBeLessThan(5077.001);
  });
});

/** alpha holds the address by a lease, beta stands by. */
function servingPair(): World {
  const configs = clusterOf([alpha, beta]).map((config) => ({
    ...config,
    lease: leaseFor(timing),
  }));
  const world = new World(configs, calm, seededRng(1));
  for (const node of world.nodes.values()) world.boot(node);
  world.runFor(seconds(20));
  return world;
}

/** What a broken daemon would do. */
function answer(world: World, { kernel }: SimNode): void {
  kernel.addresses.set(vip, "ours");
  kernel.guarded.add(vip);
  kernel.leaseUntil = after(world.now, seconds(3));
}

function separate(world: World, check: (world: World) => void): void {
  for (const cut of [world.network.cut, world.lan.cut]) cut.add("alpha>beta").add("beta>alpha");
  for (let passed = 0; passed < 100; passed++) {
    world.runFor(100);
    check(world);
  }
}
