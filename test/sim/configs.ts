import type {
  CoreConfig,
  GroupConfig,
  GroupName,
  MediumName,
  NodeName,
  Timing,
} from "../../src/core/index.ts";
import { groupName, mediumName, nodeName } from "../../src/core/index.ts";
import { seconds } from "../../src/std/time.ts";
import type { Faults } from "./faults.ts";

export const timing: Timing = {
  keepalive: seconds(1),
  warntime: seconds(2),
  deadtime: seconds(4),
  initdead: seconds(8),
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
};

export const eth0: MediumName = mediumName("eth0");

export interface Shape {
  readonly autoFailback?: boolean;
  readonly groups?: readonly GroupConfig[];
  readonly timing?: Timing;
}

/** A cluster that serves 10.0.0.100, preferred in the order of the names, or what `shape` says. */
export function clusterOf(names: readonly string[], shape: Shape = {}): CoreConfig[] {
  const nodes = names.map(nodeName);
  const groups = shape.groups ?? [addressGroup("10.0.0.100", nodes)];
  return nodes.map((self) => ({
    self,
    peers: nodes.filter((name) => name !== self),
    timing: shape.timing ?? timing,
    media: [eth0],
    groups,
    autoFailback: shape.autoFailback ?? true,
    startTimeout: seconds(20),
    stopTimeout: seconds(20),
    digest: "00000000000000aa",
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
