/**
 * What a node remembers, as the text of a file, and the moment at which that was true.
 */
import type { Is } from "../control/index.ts";
import {
  isBoolean,
  isNumber,
  isString,
  list,
  nullable,
  oneOf,
  parseJson,
  record,
} from "../control/index.ts";
import type { Memory } from "../core/index.ts";
import { groupName, nodeName } from "../core/index.ts";
import { millis } from "../std/time.ts";

/** A moment on the clocks of a machine: no one of them goes on for ever. */
export interface Moment {
  /** Of the running kernel: random(4) boot_id. */
  readonly kernel: string;
  /** Since that kernel began, and monotonic. */
  readonly clockMs: number;
  /** Since 1970; may be set by anybody to anything. */
  readonly wallMs: number;
}

export interface Remembered {
  readonly node: string;
  readonly at: Moment;
  readonly memory: Memory;
}

/** Maintenance is a length of time from `at` on. */
export function memoryText({ node, at, memory }: Remembered): string {
  const { maintenance } = memory;
  const text: MemoryText = {
    version: 1,
    node,
    at,
    memory: {
      ...memory,
      maintenance:
        maintenance === undefined ? null : { ...maintenance, left: maintenance.left ?? null },
    },
  };
  return `${JSON.stringify(text)}\n`;
}

/**
 * @param now - what has passed since the text was written has passed of maintenance too
 * @returns undefined: it is not of this version, or was not written whole
 */
export function memoryFrom(text: string, now: Moment): Remembered | undefined {
  const value = parseJson(text);
  if (!isMemoryText(value)) return undefined;
  const { groups, resting, maintenance, peers } = value.memory;
  const passed = passedSince(value.at, now);
  const memory: Memory = {
    groups: groups.map((each) => ({ ...each, group: groupName(each.group) })),
    resting: resting.map(groupName),
    maintenance:
      maintenance === null
        ? undefined
        : { ...maintenance, by: nodeName(maintenance.by), left: left(maintenance.left, passed) },
    peers: peers.map((each) => ({ ...each, node: nodeName(each.node) })),
  };
  return { node: value.node, at: value.at, memory };
}

function left(length: number | null, passed: number): Left {
  return length === null ? undefined : millis(Math.max(0, length - passed));
}

type Left = NonNullable<Memory["maintenance"]>["left"];

/** Across a reboot the wall clock is all there is; what it cannot mean is not believed. */
function passedSince(then: Moment, now: Moment): number {
  const isSameKernel = then.kernel === now.kernel && now.clockMs >= then.clockMs;
  return Math.max(0, isSameKernel ? now.clockMs - then.clockMs : now.wallMs - then.wallMs);
}

interface MemoryText {
  readonly version: 1;
  readonly node: string;
  readonly at: Moment;
  readonly memory: {
    readonly groups: readonly GroupText[];
    readonly resting: readonly string[];
    readonly maintenance: MaintenanceText | null;
    readonly peers: readonly PeerText[];
  };
}

interface GroupText {
  readonly group: string;
  readonly term: number;
  readonly pinned: boolean;
}

interface MaintenanceText {
  readonly on: boolean;
  readonly version: number;
  readonly by: string;
  readonly left: number | null;
  readonly reason: string;
}

interface PeerText {
  readonly node: string;
  readonly boot: string;
  readonly generation: number;
  readonly sequence: number;
  readonly isGone: boolean;
}

const isCount: Is<number> = (value): value is number =>
  Number.isSafeInteger(value) && isNumber(value) && value >= 0;

/** More than that no peer takes, and nobody's word could be later: see wire/lists.ts, wire/optional.ts. */
const WIRE_MAX = 2 ** 48;

const isWireCount: Is<number> = (value): value is number => isCount(value) && value <= WIRE_MAX;

const isLength: Is<number> = (value): value is number =>
  isNumber(value) && Number.isFinite(value) && value >= 0;

const isGroup = record<GroupText>({ group: isString, term: isWireCount, pinned: isBoolean });

const isMaintenance = record<MaintenanceText>({
  on: isBoolean,
  version: isWireCount,
  by: isString,
  left: nullable(isLength),
  reason: isString,
});

const isPeer = record<PeerText>({
  node: isString,
  boot: isString,
  generation: isCount,
  sequence: isCount,
  isGone: isBoolean,
});

const isMemoryText = record<MemoryText>({
  version: oneOf(1),
  node: isString,
  at: record<Moment>({ kernel: isString, clockMs: isLength, wallMs: isNumber }),
  memory: record<MemoryText["memory"]>({
    groups: list(isGroup),
    resting: list(isString),
    maintenance: nullable(isMaintenance),
    peers: list(isPeer),
  }),
});
