/**
 * A machine of the simulated world, with our daemon on it or with a virtual original.
 */
import type { CoreConfig, Input, JobId, NodeName, State, Task } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import { instant } from "../../src/std/time.ts";
import type { Kernel } from "./kernel.ts";
import { newKernel } from "./kernel.ts";
import type { Knobs, Life } from "./original-life.ts";

/** With knobs, the node runs a virtual original. */
export type SimConfig = CoreConfig & { readonly original?: Knobs | undefined };

export interface SimNode {
  readonly name: NodeName;
  readonly config: SimConfig;
  /** The daemon's memory; lost when it dies. */
  state: State | undefined;
  /** The same of an original, where one runs. */
  original: Life | undefined;
  /** How many lives of originals there were. */
  lives: number;
  /** What our daemon said, by its number in its generation: it may have to be said again. */
  readonly said: Map<number, Uint8Array>;
  generation: number;
  bootedAt: Instant;
  pausedUntil: Instant;
  /** What came in and was not looked at yet. */
  readonly inbox: Input[];
  turnDue: boolean;
  kernel: Kernel;
  /** Jobs that wait to be cancelled: they hang. */
  readonly hanging: Map<JobId, Task>;
}

export function newNode(config: SimConfig): SimNode {
  return {
    name: config.self,
    config,
    state: undefined,
    original: undefined,
    lives: 0,
    said: new Map(),
    generation: 0,
    bootedAt: instant(0),
    pausedUntil: instant(0),
    inbox: [],
    turnDue: false,
    kernel: newKernel(),
    hanging: new Map(),
  };
}

/** Whether a daemon runs there, of whichever kind. */
export function isUp(node: SimNode): boolean {
  return node.state !== undefined || node.original !== undefined;
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
