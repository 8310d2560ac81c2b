/**
 * A fingerprint of what must be the same on every node, so that peers notice when it is not.
 */
import type { CoreConfig } from "../core/index.ts";
import { automaticLease } from "./lease.ts";

/**
 * Of node names, times, groups, ping nodes, auto_failback, fencing devices, and of lease, on_isolated
 * and witness where they are not the usual: not of media and timeouts, which may differ, nor of the
 * order in which files name nodes, groups and ping nodes. Finds mistakes, not attacks.
 *
 * @param fences - which node drives which device, without passwords
 * @param witness - who is asked, in an order that does not depend on the file
 * @returns 16 hex digits: FNV-1a of 64 bits
 */
export function digestOf(
  config: Omit<CoreConfig, "digest">,
  fences: readonly string[] = [],
  witness: readonly string[] = [],
): string {
  const { self, peers, timing, groups, pings, autoFailback } = config;
  const { keepalive, warntime, deadtime, initdead } = timing;
  const lines = groups.map(({ name, nodes, resources }) =>
    JSON.stringify([name, nodes, resources.map((resource) => resource.name)]),
  );
  const nodes = [self, ...peers].toSorted();
  const times = [keepalive, warntime, deadtime, initdead];
  const facts = [nodes, times, autoFailback, lines.toSorted(), ...pingFacts(pings)];
  const more = fences.length === 0 ? [] : [fences];
  return fnv1a(JSON.stringify([...facts, ...more, ...cutFacts(config), ...witnessed(witness)]));
}

/** Whether, and when, a node falls silent that is cut off. */
function cutFacts({
  lease,
  onIsolated = "keep",
  timing,
}: Omit<CoreConfig, "digest">): readonly unknown[] {
  if (lease === automaticLease(timing.deadtime) && onIsolated === "keep") return [];
  return [{ lease: lease ?? "off", onIsolated }];
}

function witnessed(witness: readonly string[]): readonly unknown[] {
  return witness.length === 0 ? [] : [{ witness }];
}

/** How many ping nodes a node reaches says something only among nodes that have the same. */
function pingFacts(pings: CoreConfig["pings"]): readonly unknown[] {
  if (pings.length === 0) return [];
  return [pings.map(({ name, hosts }) => JSON.stringify([name, hosts])).toSorted()];
}

/** http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, "0");
}
