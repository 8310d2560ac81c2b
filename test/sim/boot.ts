/**
 * How a life of our daemon begins, and what is left when it ends.
 */
import { createState } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import { shownAt } from "./clock.ts";
import { isLeased, kindOf, newKernel, release, sweep } from "./kernel.ts";
import type { Rng } from "./rng.ts";
import { between } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import { mechanismOf } from "./sim-node.ts";

/**
 * The start-up sweep: what a dead daemon left is taken away before anything is said, but for what the
 * kernel still holds a lease for, and the daemon had.
 */
export function beginLife(node: SimNode, now: Instant): void {
  const { kernel, config, saved } = node;
  node.generation += 1;
  node.asked += 1;
  const leaseUntil = isContinued(node, now) ? kernel.leaseUntil : undefined;
  const shown = leaseUntil === undefined ? undefined : shownAt(node.clock, leaseUntil);
  if (leaseUntil === undefined) release(kernel);
  else sweep(kernel, addressesOf(node));
  const boot = {
    boot: node.generation.toString(16).padStart(16, "0"),
    generation: node.generation,
    memory: saved,
    leaseUntil: shown,
  };
  node.state = createState(config, boot, shownAt(node.clock, now));
  const mechanism = mechanismOf(node);
  if (mechanism !== undefined) node.inbox.push({ type: "leaseKind", kind: kindOf(mechanism) });
}

/** Whether a life that begins now goes on with what the one before held. */
export function isContinued({ saved, kernel }: SimNode, now: Instant): boolean {
  return saved !== undefined && isLeased(kernel, now);
}

/** The daemon is gone; its machine and its kernel are not. */
export function endLife(node: SimNode, now: Instant): void {
  node.state = undefined;
  node.original = undefined;
  node.unsaved = undefined;
  node.lives += 1;
  node.inbox.length = 0;
  node.todo.length = 0;
  node.hanging.clear();
  node.pausedUntil = now;
}

/** The machine is gone too. Its clock begins anew, for it counts from the start of the machine. */
export function forgetKernel(node: SimNode, now: Instant, rng: Rng): void {
  const { isUnplugged } = node.kernel;
  node.kernel = { ...newKernel(), isUnplugged };
  node.suspendedUntil = now;
  const { rate } = node.clock;
  if (rate === 1) node.clock = { ...node.clock };
  else node.clock = { base: now, shown: between(rng, 0, 1_000_000), rate };
}

function addressesOf({ config, saved }: SimNode): readonly string[] {
  const kept = new Set((saved?.groups ?? []).map(({ group }) => group));
  return config.groups
    .filter(({ name }) => kept.has(name))
    .flatMap(({ resources }) =>
      resources.flatMap((resource) => (resource.type === "address" ? [resource.ip.address] : [])),
    );
}
