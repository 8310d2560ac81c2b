/**
 * Never two, exactly: with leases no two nodes answer for an address at the same instant.
 *
 * The excuses are those that README admits, no other, and each must be seen to be true:
 *
 * - The two were cut off from each other in both directions: for deadtime in the one (or for a lease,
 *   if the kernel or the firewall of the one that is not heard has refused a heartbeat), and in the other
 *   for so long that no acknowledgement is waited for, or it was until deadtime ago. And the probe of
 *   the one did not reach the other, or its answer did not come back. It lasts until both have heard
 *   each other. With a witness this is no excuse.
 * - A whole machine stood still, and with it the lease in its kernel, which goes on for a lease's
 *   length when it wakes. Nobody answered a probe meanwhile.
 * - A kernel that knows nothing but address lifetimes is late, by what the start-up log says.
 */
import type { NodeName } from "../../src/core/index.ts";
import { nodeName } from "../../src/core/index.ts";
import type { Instant, Millis } from "../../src/std/time.ts";
import { elapsed, instant } from "../../src/std/time.ts";
import { DRIFT_MAX } from "./clock.ts";
import { kindOf } from "./kernel.ts";
import { questionOf } from "./lan.ts";
import { linkOf } from "./network.ts";
import type { SimNode } from "./sim-node.ts";
import { mechanismOf } from "./sim-node.ts";
import type { World } from "./world.ts";

export interface LeaseTerms {
  /** The shortest and the longest deadtime of the run. */
  readonly deadtimeMin: Millis;
  readonly deadtimeMax: Millis;
  /** The shortest lease. */
  readonly leaseMin: Millis;
  /** After how long, at the least, a silent peer bounds a lease no more. */
  readonly quietMin: Millis;
  /** Somebody decides who goes on: a witness, or a fencing device. */
  readonly isDecided: boolean;
}

/** A time in which two answer, or would if both ran: it is over when both have heard each other. */
interface Double {
  readonly since: Instant;
  readonly wasSplit: boolean;
}

export function exclusiveByLease(address: string, terms: LeaseTerms): (world: World) => void {
  const doubles = new Map<string, Double>();
  return (world) => {
    const answerers = world.answerersOf(address);
    if (answerers.length < 2 && doubles.size === 0) return;
    const seen = new Set<string>();
    for (const [first, second] of pairsOf(world, answerers)) {
      const pair = linkOf(first.name, second.name);
      seen.add(pair);
      const double = doubles.get(pair) ?? beginningOf(world, { first, second, address }, terms);
      doubles.set(pair, double);
      if (isExcused(world, { first, second, double }, terms)) continue;
      const lasted = Math.round(elapsed(double.since, world.now));
      const who = `${first.name} and ${second.name} both answer for ${address}`;
      throw new Error(`${who} at ${world.now} ms, since ${lasted} ms`);
    }
    forget(world, doubles, seen);
  };
}

/**
 * Two that are still split, and of which one is silent for a while, need no new excuse. One that has been
 * started again meanwhile does: what it has heard since, it has heard in another life.
 */
function forget(world: World, doubles: Map<string, Double>, seen: ReadonlySet<string>): void {
  for (const [pair, { since, wasSplit }] of doubles) {
    if (seen.has(pair)) continue;
    const names = pair.split(">").map(nodeName);
    const ways = [pair, names.toReversed().join(">")];
    const isAnew = names.some((name) => (world.nodes.get(name)?.bootedAt ?? since) > since);
    const isHealed = ways.every((way) => hasHeardSince(world, way, since));
    if (!wasSplit || isAnew || isHealed) doubles.delete(pair);
  }
}

function pairsOf(
  world: World,
  names: readonly NodeName[],
): readonly (readonly [SimNode, SimNode])[] {
  const nodes = [...world.nodes.values()].filter(({ name }) => names.includes(name));
  return nodes.flatMap((first, at) =>
    nodes.slice(at + 1).map((second) => [first, second] as const),
  );
}

interface Pair {
  readonly first: SimNode;
  readonly second: SimNode;
  readonly address: string;
}

function beginningOf(world: World, pair: Pair, terms: LeaseTerms): Double {
  return { since: world.now, wasSplit: !terms.isDecided && isSplit(world, pair, terms) };
}

function isSplit(world: World, { first, second, address }: Pair, terms: LeaseTerms): boolean {
  const ways = [linkOf(first.name, second.name), linkOf(second.name, first.name)];
  const nodes = [first, second];
  const isDead = (way: string): boolean =>
    isOver(
      silenceOf(world, way, nodes),
      isRefused(world, way) ? terms.leaseMin : terms.deadtimeMin,
    );
  const isQuiet = (way: string): boolean =>
    isOver(silenceOf(world, way, nodes), terms.quietMin) || isBack(world, way, terms.deadtimeMax);
  if (!ways.some(isDead) || !ways.every(isQuiet)) return false;
  if (nodes.some((node) => wasSuspended(world, node, terms.deadtimeMax))) return true;
  return ways.some(
    (way) =>
      wasUnanswered(world, way, terms.deadtimeMax) ||
      wasUnanswered(world, questionOf(way, address), terms.deadtimeMax),
  );
}

function isRefused({ network }: World, way: string): boolean {
  const refused = network.refused.get(way);
  return refused !== undefined && refused >= (network.heard.get(way)?.at ?? refused);
}

/** Who has just been heard again gets deadtime to acknowledge something. */
function isBack({ network, now }: World, way: string, deadtime: Millis): boolean {
  const returned = network.heard.get(way)?.returned;
  return returned !== undefined && now - returned <= deadtime;
}

/** By whatever clock. */
function isOver(silence: number, time: Millis): boolean {
  return silence >= time * (1 - DRIFT_MAX);
}

function silenceOf({ network, now }: World, way: string, nodes: readonly SimNode[]): number {
  const heard = network.heard.get(way)?.at ?? instant(-Number.MAX_SAFE_INTEGER);
  return now - Math.max(heard, ...nodes.map(({ bootedAt }) => bootedAt));
}

/** A probe was lately made in vain, and none was answered since. */
function wasUnanswered({ lan, now }: World, question: string, deadtime: Millis): boolean {
  const missed = lan.missed.get(question);
  if (missed === undefined || now - missed > deadtime) return false;
  return (lan.answered.get(question) ?? instant(-Number.MAX_SAFE_INTEGER)) <= missed;
}

function isExcused(
  world: World,
  {
    first,
    second,
    double,
  }: { readonly first: SimNode; readonly second: SimNode; readonly double: Double },
  terms: LeaseTerms,
): boolean {
  const lasted = elapsed(double.since, world.now);
  const nodes = [first, second];
  if (nodes.some((node) => wasSuspended(world, node, terms.deadtimeMax))) return true;
  if (lasted < Math.max(...nodes.map(lateness))) return true;
  if (!double.wasSplit) return false;
  const ways = [linkOf(first.name, second.name), linkOf(second.name, first.name)];
  if (ways.some((way) => !hasHeardSince(world, way, double.since))) return true;
  // The loser knows. If it does not run, its lease does.
  return nodes.some((node) => node.turnDue || world.now < node.pausedUntil);
}

function hasHeardSince({ network }: World, way: string, since: Instant): boolean {
  const heard = network.heard.get(way);
  return heard !== undefined && heard.sent > since;
}

function wasSuspended({ now }: World, { suspendedUntil }: SimNode, deadtime: Millis): boolean {
  return suspendedUntil > 0 && now - suspendedUntil <= deadtime;
}

function lateness(node: SimNode): number {
  return kindOf(mechanismOf(node) ?? "none").late;
}
