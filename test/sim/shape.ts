/**
 * What kind of cluster a run is about: how many nodes, what they serve, and what their files say.
 */
import type { CoreConfig, Fencing, GroupConfig, LeaseKind, Timing } from "../../src/core/index.ts";
import { nodeName } from "../../src/core/index.ts";
import { millis } from "../../src/std/time.ts";
import { addressGroup, clusterOf, fencingBy, timing } from "./configs.ts";
import type { Rng } from "./rng.ts";
import { between, chance, pick } from "./rng.ts";
import type { SimConfig } from "./sim-node.ts";

const ALL_ADDRESSES = ["10.0.0.100", "10.0.0.200", "10.0.0.150"] as const;
const NAMES = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"] as const;

export interface RunShape {
  readonly names: readonly string[];
  readonly addresses: readonly string[];
  readonly hasScripts: boolean;
  /** The files as they are at first, and what they are changed to and fro. */
  readonly files: readonly Files[];
  /** How much faster, or slower, than usual everything is. */
  readonly scale: number;
  /** One for each node. */
  readonly mechanisms: readonly LeaseKind["mechanism"][];
  readonly isDrifting: boolean;
}

/** What the files of all nodes say, in our words. */
export interface Files {
  readonly groups: readonly GroupConfig[];
  readonly timing: Timing;
  readonly pings: readonly string[];
  readonly fencing: Fencing | undefined;
  readonly autoFailback: boolean;
  readonly lease: CoreConfig["lease"];
  readonly onIsolated: "keep" | "release";
  readonly hasWitness: boolean;
  readonly digest: string;
}

export function shapeOf(rng: Rng): RunShape {
  const names = NAMES.slice(0, sizeOf(rng));
  const addresses = ALL_ADDRESSES.slice(0, between(rng, 1, 3));
  const hasScripts = chance(rng, 0.5);
  const scale = scaleOf(rng);
  const isLeased = chance(rng, 0.8);
  const hasLifetimes = chance(rng, 0.15);
  const mechanisms = names.map(() =>
    hasLifetimes && chance(rng, 0.6) ? ("lifetime" as const) : ("nftables" as const),
  );
  const first = filesOf(rng, { names, addresses, hasScripts, scale, isLeased });
  const files = [first, ...(chance(rng, 0.4) ? [changed(rng, first)] : [])];
  const isDrifting = chance(rng, 0.5);
  return { names, addresses, hasScripts, files, scale, mechanisms, isDrifting };
}

/** Mostly pairs: they are what is run, and what a large cluster says to itself takes long. */
function sizeOf(rng: Rng): number {
  if (chance(rng, 0.7)) return 2;
  return chance(rng, 0.9) ? 3 : between(rng, 4, 7);
}

function scaleOf(rng: Rng): number {
  if (chance(rng, 0.85)) return 1;
  return chance(rng, 0.7) ? 2.5 : 0.1;
}

function filesOf(
  rng: Rng,
  shape: Pick<RunShape, "names" | "addresses" | "hasScripts" | "scale"> & {
    readonly isLeased: boolean;
  },
): Files {
  const nodes = shape.names.map(nodeName);
  const groups = shape.addresses.map((address, at) =>
    addressGroup(
      address,
      at === 1 ? nodes.toReversed() : nodes,
      at === 0 && shape.hasScripts ? ["nginx"] : [],
    ),
  );
  const times = scaled(timing, shape.scale);
  const fencing = fencingOf(rng);
  return {
    groups,
    timing: times,
    pings: ["gateway", "tester"].slice(0, between(rng, 0, 2)),
    fencing,
    autoFailback: chance(rng, 0.5),
    lease: shape.isLeased ? leaseFor(times) : undefined,
    onIsolated: chance(rng, 0.5) ? "release" : "keep",
    // It decides between two.
    hasWitness: nodes.length === 2 && shape.isLeased && !fencing && chance(rng, 0.3),
    digest: "00000000000000aa",
  };
}

/** Other timing, another order, a group less: what an operator changes while the cluster runs. */
function changed(rng: Rng, files: Files): Files {
  const digest = "00000000000000bb";
  const factor = pick([0.5, 2], rng);
  const times = scaled(files.timing, factor);
  const isSlower = chance(rng, 0.5);
  const groups = files.groups.map((group) =>
    chance(rng, 0.5) ? { ...group, nodes: group.nodes.toReversed() } : group,
  );
  return {
    ...files,
    digest,
    autoFailback: chance(rng, 0.5),
    groups: groups.length > 1 && chance(rng, 0.5) ? groups.slice(0, -1) : groups,
    timing: isSlower ? times : files.timing,
    lease: files.lease !== undefined && isSlower ? leaseFor(times) : files.lease,
  };
}

function scaled(times: Timing, factor: number): Timing {
  return {
    keepalive: millis(times.keepalive * factor),
    warntime: millis(times.warntime * factor),
    deadtime: millis(times.deadtime * factor),
    initdead: millis(times.initdead * factor),
    deadping: millis(times.deadping * factor),
  };
}

/** As `lease auto` has it. */
export function leaseFor({ deadtime }: Timing): NonNullable<CoreConfig["lease"]> {
  const margin = Math.min(Math.max(deadtime / 10, 10), 200, deadtime / 4);
  return millis(deadtime - margin);
}

function fencingOf(rng: Rng): Fencing | undefined {
  if (chance(rng, 0.75)) return undefined;
  return chance(rng, 0.5) ? fencingBy("power") : fencingBy("power", "board");
}

/** What one set of files is to every node. */
export function configsOf(shape: RunShape, files: Files): readonly SimConfig[] {
  const { lease, onIsolated, hasWitness, digest } = files;
  return clusterOf(shape.names, files).map((config, at) => ({
    ...config,
    lease,
    onIsolated,
    hasWitness,
    digest,
    mechanism: shape.mechanisms[at],
  }));
}
