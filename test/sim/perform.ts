/**
 * Carries out what a simulated node asks of the outside, as daemon/daemon.ts does in the real one.
 */
import type { Effect, OriginalMessage } from "../../src/core/index.ts";
import { unreachable } from "../../src/std/assert.ts";
import { after, millis } from "../../src/std/time.ts";
import { encodeHeartbeat, encodeOriginal } from "../../src/wire/index.ts";
import { key, stampOf } from "./datagrams.ts";
import type { Jobs } from "./jobs.ts";
import type { Leases } from "./leases.ts";
import { wordsOf } from "./original-words.ts";
import type { Rng } from "./rng.ts";
import { between, chance } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import { describe, keepSaid } from "./sim-node.ts";
import type { World } from "./world.ts";

export interface Outside {
  readonly world: World;
  readonly jobs: Jobs;
  readonly leases: Leases;
  readonly chances: { readonly network: Rng; readonly stalls: Rng };
}

export function perform(outside: Outside, node: SimNode, effect: Effect): void {
  const { world, jobs, leases } = outside;
  if (world.isTalkative && isRoutine(effect)) world.write(node, `${ROUTINE}${effect.type}`);
  switch (effect.type) {
    case "send": {
      const bytes = encodeHeartbeat(effect.message, stampOf(node.name, world.now), key);
      keepSaid(node, effect.message.sequence, bytes);
      return world.network.broadcast(node, bytes, true, effect.directly);
    }
    case "say":
      return say(world, node, effect.message);
    case "repeat":
      return world.network.broadcast(node, node.said.get(effect.sequence), false);
    case "saveGeneration":
      node.generation = effect.generation;
      return undefined;
    case "announce":
      return world.lan.announce(node, effect.ips);
    case "probe":
      return world.lan.probe(node, effect.ips);
    case "grant":
    case "renew":
      return leases.set(node, effect.type, effect.until);
    case "revoke":
      return leases.revoke(node);
    case "vote":
      return world.etcd.vote(node, effect.want);
    case "remember":
      return save(outside, node, effect);
    case "ask":
      return ask(outside, node);
    case "run":
      return jobs.run(node, effect.job, effect.group, effect.task);
    case "cancel":
      return jobs.cancel(node, effect.job);
    case "reply":
    case "confirmed":
    case "answered":
      return answer(world, node, effect);
    case "tell":
      return world.write(node, `${effect.notice.code}${describe(effect.notice)}`);
    case "exit":
      return world.exit(node, effect.code);
    default:
      return unreachable(effect);
  }
}

/** Lines that are no news begin so. */
const ROUTINE = "does ";

/** The lines of a story that are news. */
export function newsOf(trace: readonly string[]): readonly string[] {
  return trace.filter((line) => !line.includes(`: ${ROUTINE}`));
}

function isRoutine({ type }: Effect): boolean {
  return ["announce", "grant", "probe", "remember", "renew", "revoke", "vote"].includes(type);
}

function say(world: World, node: SimNode, message: OriginalMessage): void {
  const { sequence, saying } = message;
  const bytes = encodeOriginal(message, stampOf(node.name, world.now), key);
  keepSaid(node, sequence, bytes);
  if (sequence !== undefined) world.write(node, `says ${wordsOf(saying)}`);
  world.network.broadcast(node, bytes, false);
}

/** The file is written soon: what is killed first has not written it. */
function save(
  { world, chances }: Outside,
  node: SimNode,
  { memory }: Extract<Effect, { type: "remember" }>,
): void {
  if (node.isDiskFull) return;
  node.unsaved = memory;
  world.agenda.add(after(world.now, millis(between(chances.stalls, 0, 100))), () => {
    if (node.unsaved === memory) node.saved = memory;
  });
}

function ask({ world, chances }: Outside, node: SimNode): void {
  const { state } = node;
  for (const { name } of node.config.pings) {
    if (world.missed.has(`${node.name}>${name}`)) continue;
    if (chance(chances.network, world.faults.loss)) continue;
    world.agenda.add(after(world.now, millis(1)), () => {
      if (node.state === state) world.post(node, { type: "pong", ping: name });
    });
  }
}

function answer(
  world: World,
  node: SimNode,
  effect: Extract<Effect, { type: "reply" | "confirmed" | "answered" }>,
): void {
  switch (effect.type) {
    case "reply":
      world.replies.set(effect.request, effect.reply);
      for (const { group, result } of effect.reply.groups) {
        world.write(node, `answers ${result.type} group=${group}${describe(result)}`);
      }
      return;
    case "confirmed":
      return world.write(node, `answers ${effect.refusal ?? `taken: ${effect.node} is off`}`);
    case "answered":
      return world.write(node, `answers ${effect.refusal ?? "taken"}`);
  }
}
