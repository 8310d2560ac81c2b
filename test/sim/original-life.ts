/**
 * The life of a virtual heartbeat 3.0.6: what it knows, and how it says something.
 *
 * It is modelled on what the original was seen to do, its faults included, and shares nothing with
 * the core but the codec: what the two understand of each other is what is tested. original.ts is
 * its door.
 */
import type { CoreConfig, NodeName, OriginalMessage, Saying, Side } from "../../src/core/index.ts";
import { nodeName } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import { millis } from "../../src/std/time.ts";
import { encodeOriginal } from "../../src/wire/index.ts";
import { key, stampOf } from "./datagrams.ts";
import type { Faults } from "./faults.ts";
import type { Kernel } from "./kernel.ts";
import { wordsOf } from "./original-words.ts";
import type { Rng } from "./rng.ts";
import { between } from "./rng.ts";

/** What the machine that it runs on does for it. */
export interface Machine {
  readonly rng: Rng;
  readonly kernel: Kernel;
  now(): Instant;
  faults(): Faults;
  /** Runs later, unless the life has ended by then; while the machine is paused it waits. */
  later(delay: number, run: () => void): void;
  transmit(bytes: Uint8Array, isStatus: boolean): void;
  write(what: string): void;
  /** The process replaces itself by another of the next generation. */
  restart(held: readonly Side[]): void;
  /** `reboot -nf`, the answer to what does not stop. */
  reboot(): void;
  exit(): void;
}

/** What the original is told about itself beside ha.cf. */
export interface Knobs {
  /** How often it looks into its sockets, in milliseconds: 500, as observed. */
  readonly poll: number;
  /** What it starts always starts: it would never tell of what does not. */
  readonly hasSoundScripts: boolean;
}

/** As it was seen to be on Debian 12. */
export const observed: Knobs = { poll: 500, hasSoundScripts: false };

/** `rstate` of the reference. */
export type Stage = "init" | "starting" | "bothstarting" | "received" | "stable" | "shutdown";

export type Standby =
  | { readonly at: "not" }
  | {
      readonly at: "me" | "other" | "done";
      /** What changes hands, from the point of view of the node that gives up. */
      readonly sides: readonly Side[];
      readonly isGiver: boolean;
      readonly until: Instant;
    };

export interface Life {
  readonly config: CoreConfig;
  readonly machine: Machine;
  readonly knobs: Knobs;
  readonly generation: number;
  sequence: number;
  /** What was said, by its number, and when it was repeated last. */
  readonly said: Map<number, { readonly bytes: Uint8Array; repeatedAt: number }>;
  /** The digit of the numbers that it acknowledges. */
  readonly digit: number;
  /** Everything up to this was acknowledged by the other node. */
  acked: number;
  readonly inbox: Uint8Array[];
  status: "init" | "up" | "active";
  readonly startedAt: Instant;
  /** When its own status came round last. */
  heardItself: Instant;
  knowsNodes: boolean;
  asksAt: Instant;
  readonly peer: Other;
  stage: Stage;
  held: readonly Side[];
  otherHeld: readonly Side[];
  otherStable: boolean;
  standby: Standby;
  needsFailback: boolean;
  takeover: boolean;
  acquiresAt: Instant | undefined;
  retriesAt: Instant | undefined;
  /** Scripts that run, or wait for those before them. */
  children: number;
  readonly queue: (() => void)[];
  isStopping: boolean;
  isRestarting: boolean;
  /** Between two lives: it neither hears nor speaks. */
  isAsleep: boolean;
  react: (life: Life, message: OriginalMessage) => void;
}

/** What it knows of the other node. */
export interface Other {
  status: "init" | "up" | "active" | "dead";
  /** Of its latest status. */
  heardAt: Instant | undefined;
  deadtime: number;
  acknowledges: boolean;
  hasReported: boolean;
  generation: number;
  last: number;
  readonly missing: Set<number>;
}

export const bothSides: readonly Side[] = ["local", "foreign"];
const HISTORY = 500;

export interface Beginning {
  readonly config: CoreConfig;
  readonly machine: Machine;
  readonly knobs: Knobs;
  readonly generation: number;
  /** What a quick restart left running. */
  readonly held: readonly Side[];
}

export function newLife({ held, ...rest }: Beginning, react: Life["react"]): Life {
  const now = rest.machine.now();
  return {
    ...rest,
    react,
    sequence: 0,
    said: new Map(),
    digit: between(rest.machine.rng, 0, 9),
    acked: 0,
    inbox: [],
    status: "init",
    startedAt: now,
    heardItself: now,
    knowsNodes: false,
    asksAt: now,
    peer: {
      status: "init",
      heardAt: undefined,
      deadtime: rest.config.timing.deadtime,
      acknowledges: true,
      hasReported: false,
      generation: 0,
      last: 0,
      missing: new Set(),
    },
    stage: "init",
    held,
    otherHeld: [],
    otherStable: false,
    standby: { at: "not" },
    needsFailback: false,
    takeover: false,
    acquiresAt: undefined,
    retriesAt: undefined,
    children: 0,
    queue: [],
    isStopping: false,
    isRestarting: false,
    isAsleep: false,
  };
}

/**
 * Says something that has its place in the order. It hears itself first, so what follows from that
 * is on the wire before it: n+1 before n.
 */
export function say(life: Life, saying: Saying, dest?: NodeName): void {
  life.sequence += 1;
  const message = messageOf(life, saying, { dest, sequence: life.sequence });
  const bytes = encodeOriginal(message, stampOf(life.config.self, life.machine.now()), key);
  life.said.set(life.sequence, { bytes, repeatedAt: -Infinity });
  life.said.delete(life.sequence - HISTORY);
  life.react(life, message);
  if (saying.type !== "status") life.machine.write(`says ${wordsOf(saying)}`);
  life.machine.transmit(bytes, saying.type === "status");
}

/** Says something that is outside of the order, and does not hear it itself. */
export function sayAside(life: Life, saying: Saying, dest: NodeName): void {
  const message = messageOf(life, saying, { dest, sequence: undefined });
  life.machine.transmit(
    encodeOriginal(message, stampOf(life.config.self, life.machine.now()), key),
    false,
  );
}

function messageOf(
  life: Life,
  saying: Saying,
  {
    dest,
    sequence,
  }: { readonly dest: NodeName | undefined; readonly sequence: number | undefined },
): OriginalMessage {
  const from = life.config.self;
  return { from, dest, generation: life.generation, sequence, saying };
}

export function sayStatus(life: Life, extra = 0): void {
  const { timing } = life.config;
  const isYoung = life.machine.now() - life.startedAt < 5000;
  const deadtime = millis(timing.deadtime + (extra > 0 ? extra : isYoung ? 2000 : 0));
  say(life, {
    type: "status",
    status: life.status,
    deadtime,
    acknowledges: true,
  });
}

export function peerOf(life: Life): NodeName {
  return life.config.peers[0] ?? nodeName("");
}
