/**
 * A machine of the simulated world, with our daemon on it or with a virtual original.
 */
import type {
  CoreConfig,
  Input,
  JobId,
  LeaseKind,
  Memory,
  NodeName,
  State,
  Task,
} from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import { instant } from "../../src/std/time.ts";
import type { Clock } from "./clock.ts";
import { trueClock } from "./clock.ts";
import type { Kernel } from "./kernel.ts";
import { newKernel } from "./kernel.ts";
import type { Knobs, Life } from "./original-life.ts";

/** With knobs, the node runs a virtual original. */
export type SimConfig = CoreConfig & {
  readonly original?: Knobs | undefined;
  /** By what its kernel ends a lease, if the files ask for one: nftables if nothing is said. */
  readonly mechanism?: LeaseKind["mechanism"] | undefined;
};

export interface SimNode {
  readonly name: NodeName;
  /** Its files, as they are on its disk. */
  config: SimConfig;
  /** The hardware address of its interface. */
  readonly mac: string;
  clock: Clock;
  /** The daemon's memory; lost when it dies. */
  state: State | undefined;
  /** The same of an original, where one runs. */
  original: Life | undefined;
  /** How many lives of originals there were. */
  lives: number;
  /** What our daemon said, by its number in its generation: it may have to be said again. */
  readonly said: Map<number, Uint8Array>;
  generation: number;
  /** What the next life will find in the state directory. */
  saved: Memory | undefined;
  /** What is to be saved soon. */
  unsaved: Memory | undefined;
  /** Nothing can be saved. */
  isDiskFull: boolean;
  bootedAt: Instant;
  /** The machine has no power. */
  isOff: boolean;
  /** The daemon does not run until then. */
  pausedUntil: Instant;
  /** The machine as a whole does not, or did not until then. */
  suspendedUntil: Instant;
  /** What came in and was not looked at yet. */
  readonly inbox: Input[];
  /** What was decided and not done yet, because the daemon was stopped in the middle of it. */
  readonly todo: (() => void)[];
  turnDue: boolean;
  /** How many turns it took at its latest moment. */
  turns: number;
  turnedAt: Instant;
  kernel: Kernel;
  /** Jobs that wait to be cancelled: they hang. */
  readonly hanging: Map<JobId, Task>;
  /** Counts what it asked of the witness: an answer to an older question is void. */
  asked: number;
}

export function newNode(config: SimConfig, index: number): SimNode {
  return {
    name: config.self,
    config,
    mac: `02:00:00:00:00:${(index + 1).toString(16).padStart(2, "0")}`,
    clock: trueClock(),
    state: undefined,
    original: undefined,
    lives: 0,
    said: new Map(),
    generation: 0,
    saved: undefined,
    unsaved: undefined,
    isDiskFull: false,
    bootedAt: instant(0),
    isOff: false,
    pausedUntil: instant(0),
    suspendedUntil: instant(0),
    inbox: [],
    todo: [],
    turnDue: false,
    turns: 0,
    turnedAt: instant(-1),
    kernel: newKernel(),
    hanging: new Map(),
    asked: 0,
  };
}

/** Whether a daemon runs there, of whichever kind. */
export function isUp(node: SimNode): boolean {
  return node.state !== undefined || node.original !== undefined;
}

/** Whether the machine runs: a suspended one neither hears nor answers. */
export function isRunning(node: SimNode, now: Instant): boolean {
  return now >= node.suspendedUntil;
}

/** By what its kernel ends a lease; undefined: the files want none. */
export function mechanismOf({ config }: SimNode): LeaseKind["mechanism"] | undefined {
  return config.lease === undefined ? undefined : (config.mechanism ?? "nftables");
}

export function isLeasing(node: SimNode): boolean {
  const mechanism = mechanismOf(node);
  return mechanism !== undefined && mechanism !== "none";
}

export function keepSaid(node: SimNode, sequence: number | undefined, bytes: Uint8Array): void {
  if (sequence === undefined) return;
  // A new generation counts from 1.
  if (sequence === 1) node.said.clear();
  node.said.set(sequence, bytes);
  node.said.delete(sequence - 500);
}

export function describe(values: object): string {
  return Object.entries(values)
    .filter(([name, value]) => name !== "code" && name !== "type" && value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === "number" ? Math.round(value) : value}`)
    .join("");
}
