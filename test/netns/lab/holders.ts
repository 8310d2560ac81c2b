/**
 * When which node had an address, as the kernels themselves report it.
 */
import { createInterface } from "node:readline";
import type { Namespace } from "./namespace.ts";
import type { Machine } from "./topology.ts";
import { until } from "./until.ts";

/** One node has had the address, from one moment to another: milliseconds of the wall clock. */
interface Tenure {
  readonly node: string;
  readonly from: number;
  /** Undefined: it still has it. */
  to: number | undefined;
}

export interface Holders {
  /** How long, all in all, two nodes or more have had the address at once, in milliseconds. */
  overlapMs(address: string): number;
  /** Who has it now. */
  now(address: string): readonly string[];
  /** Who has had it, in the order of their taking it. */
  sequence(address: string): readonly string[];
}

/**
 * Knows of the addresses that are added after it was called.
 *
 * One watch sees all machines: what it sees of two of them comes in the order in which it happened.
 * Two watches would each tell the time when they get to run.
 *
 * @param hub - a namespace that is no machine's
 */
export async function watchHolders(hub: Namespace, machines: readonly Machine[]): Promise<Holders> {
  const tenures = new Map<string, Tenure[]>();
  await watch(hub, machines, tenures);
  return {
    overlapMs: (address) => overlap(tenures.get(address) ?? []),
    now: (address) =>
      (tenures.get(address) ?? []).filter(({ to }) => to === undefined).map(({ node }) => node),
    sequence: (address) => (tenures.get(address) ?? []).map(({ node }) => node),
  };
}

/** An address that nobody uses: seen, it proves that the watch has begun. */
const sentinel = "127.7.7.7";

async function watch(
  hub: Namespace,
  machines: readonly Machine[],
  tenures: Map<string, Tenure[]>,
): Promise<void> {
  const names = new Map(machines.map(({ name, namespace }) => [idIn(hub, namespace), name]));
  const begun = new Set<string>();
  // It prints local time.
  const command = ["TZ=UTC", "ip", "-ts", "-o", "monitor", "address", "all-nsid"];
  const child = hub.spawn("env", command);
  createInterface({ input: child.stdout! }).on("line", (line) => {
    const change = parseChange(line);
    const name = change === undefined ? undefined : names.get(change.namespace);
    if (change === undefined || name === undefined) return;
    if (change.address === sentinel) begun.add(name);
    else note(tenures, name, change);
  });
  await until("the watch over the addresses", () => {
    for (const { namespace } of machines) namespace.ip(`addr replace ${sentinel}/32 dev lo`);
    return begun.size === machines.length;
  });
}

/** By what number the one namespace knows the other: without one it hears nothing of it. */
function idIn(hub: Namespace, { name }: Namespace): number {
  const known = (): number | undefined => {
    const list = hub.run("ip", ["netns", "list-id"]);
    const found = new RegExp(`^nsid (\\d+) \\(iproute2 netns name: ${name}\\)`, "m").exec(list);
    return found === null ? undefined : Number(found[1]);
  };
  if (known() === undefined) hub.run("ip", ["netns", "set", name, "auto"]);
  const id = known();
  if (id === undefined) throw new Error(`there is no number of ${name}`);
  return id;
}

interface Change {
  readonly namespace: number;
  readonly at: number;
  readonly gone: boolean;
  readonly address: string;
}

/** `[2026-01-02T03:04:05.678901] [nsid 1]Deleted 2: eth0    inet 10.0.0.100/24 ...` (ip-monitor(8)) */
function parseChange(line: string): Change | undefined {
  const found = /^\[(\S+)\] \[nsid (\d+)\](Deleted )?\d+: \S+ +inet6? ([^/ ]+)/.exec(line);
  if (found === null) return undefined;
  const [, time = "", id, deleted, address = ""] = found;
  // Date knows milliseconds; what comes after them is added.
  const at = Date.parse(`${time.slice(0, 23)}Z`) + Number(`0.${time.slice(23)}`);
  return { namespace: Number(id), at, gone: deleted !== undefined, address };
}

function note(tenures: Map<string, Tenure[]>, node: string, { at, gone, address }: Change): void {
  const all = tenures.get(address) ?? [];
  tenures.set(address, all);
  const current = all.find((tenure) => tenure.node === node && tenure.to === undefined);
  // Reported anew while it is there: renewed, not taken.
  if (gone && current !== undefined) current.to = at;
  else if (!gone && current === undefined) all.push({ node, from: at, to: undefined });
}

/** Every pair of different nodes; with three at once, the time counts more than once. */
function overlap(tenures: readonly Tenure[]): number {
  let total = 0;
  for (const [index, one] of tenures.entries()) {
    for (const other of tenures.slice(index + 1)) {
      if (one.node === other.node) continue;
      const from = Math.max(one.from, other.from);
      const to = Math.min(one.to ?? Date.now(), other.to ?? Date.now());
      total += Math.max(0, to - from);
    }
  }
  return total;
}
