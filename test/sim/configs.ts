import type { Fencing, GroupConfig, GroupName, NodeName, Timing } from "../../src/core/index.ts";
import { groupName, nodeName } from "../../src/core/index.ts";
import { seconds } from "../../src/std/time.ts";
import { eth0 } from "./datagrams.ts";
import type { Faults } from "./faults.ts";
import type { Knobs } from "./original-life.ts";
import { observed } from "./original-life.ts";
import type { SimConfig } from "./sim-node.ts";

export const timing: Timing = {
  keepalive: seconds(1),
  warntime: seconds(2),
  deadtime: seconds(4),
  initdead: seconds(8),
  deadping: seconds(4),
};

/** A network and resource scripts as they should be. */
export const calm: Faults = {
  loss: 0,
  duplication: 0,
  delayMax: 5,
  jobMax: 100,
  startFailure: 0,
  stopFailure: 0,
  hang: 0,
  fenceFailure: 0,
  fenceMax: 2000,
};

/**
 * The same, and what is sent later comes later: an original that hears two of its peer's reports in
 * the wrong order believes the older one for ever.
 */
export const orderly: Faults = { ...calm, delayMin: 2, delayMax: 2 };

export { eth0 };

export interface Shape {
  readonly autoFailback?: boolean;
  readonly isLegacy?: boolean;
  readonly groups?: readonly GroupConfig[];
  readonly timing?: Timing;
  /** Names of ping nodes. */
  readonly pings?: readonly string[];
  readonly fencing?: Fencing | undefined;
  /** Names of nodes that run a virtual original. */
  readonly originals?: readonly string[];
  readonly knobs?: Knobs;
}

/** Every node can fence every other one: one device after the other is tried. */
export function fencingBy(...devices: readonly string[]): Fencing {
  return {
    devices: devices.map((name) => ({ name, targets: undefined })),
    timeout: seconds(20),
  };
}

/** A cluster that serves 10.0.0.100, preferred in the order of the names, or what `shape` says. */
export function clusterOf(names: readonly string[], shape: Shape = {}): SimConfig[] {
  const nodes = names.map(nodeName);
  const groups = shape.groups ?? [addressGroup("10.0.0.100", nodes)];
  return nodes.map((self) => ({
    self,
    peers: nodes.filter((name) => name !== self),
    timing: shape.timing ?? timing,
    media: [eth0],
    groups,
    pings: (shape.pings ?? []).map((name) => ({ name, hosts: [name] })),
    autoFailback: shape.autoFailback ?? true,
    isLegacy: shape.isLegacy ?? false,
    startTimeout: seconds(20),
    stopTimeout: seconds(20),
    fencing: shape.fencing,
    digest: "00000000000000aa",
    ...(shape.originals?.includes(self) === true ? { original: shape.knobs ?? observed } : {}),
  }));
}

export const vip: GroupName = groupName("10.0.0.100");

/** A group of one address and, behind it, scripts. */
export function addressGroup(
  address: string,
  nodes: readonly NodeName[],
  scripts: readonly string[] = [],
): GroupConfig {
  return {
    name: groupName(address),
    nodes,
    resources: [
      { type: "address", name: address, ip: { family: 4, address } },
      ...scripts.map((script) => ({ type: "script" as const, name: script, script, args: [] })),
    ],
  };
}
