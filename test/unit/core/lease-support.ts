/**
 * alpha with a lease, at keepalive 1 s and deadtime 4 s, and what it does.
 */
import type {
  Effect,
  Input,
  Memory,
  Message,
  NodeName,
  NoticeCode,
  State,
} from "../../../src/core/index.ts";
import { createState, step } from "../../../src/core/index.ts";
import type { Millis } from "../../../src/std/time.ts";
import { instant, millis } from "../../../src/std/time.ts";
import type { Shape } from "../../sim/configs.ts";
import { clusterOf, eth0 } from "../../sim/configs.ts";
import { alpha, groupOf, heartbeat, held } from "./support.ts";

/** A margin of 400 ms: a lease ends at 3600 ms when a peer acknowledged what was said at 0. */
export const lease: Millis = millis(3600);

export interface LeaseShape extends Shape {
  readonly names?: readonly string[];
  readonly hasWitness?: boolean;
  readonly onIsolated?: "keep" | "release";
  readonly memory?: Memory;
  readonly leaseUntil?: number;
}

export function leased(shape: LeaseShape = {}): State {
  const { names = ["alpha", "beta"], hasWitness = false, onIsolated = "keep" } = shape;
  const config = clusterOf(names, shape).find(({ self }) => self === alpha)!;
  const { memory, leaseUntil } = shape;
  const boot = {
    boot: "00000000000000a1",
    generation: 1,
    memory,
    leaseUntil: leaseUntil === undefined ? undefined : instant(leaseUntil),
  };
  return createState({ ...config, lease, hasWitness, onIsolated }, boot, instant(0));
}

/** alpha holds the address, and has begun its lease at 0. */
export function holder(shape: LeaseShape = {}): State {
  const state = leased(shape);
  groupOf(state).local = held();
  state.lease.until = instant(3600);
  return state;
}

/** What a peer says at a moment, acknowledging all that alpha has said, unless it is changed. */
export function said(state: State, at: number, change: Partial<Message> = {}): Input {
  const { generation, sequence } = state;
  const message = heartbeat({
    sequence: at + 1,
    lease,
    hears: sequence === 0 ? [] : [{ node: alpha, generation, sequence }],
    ...change,
  });
  return { type: "message", medium: eth0, message };
}

export const unacknowledged: Partial<Message> = { hears: [] };

export function acts(state: State, inputs: readonly Input[], at: number): readonly Effect[] {
  return step(state, inputs, instant(at));
}

/** Lets time pass in steps of 100 ms; what beta says each time, if anything. */
export function pass(
  state: State,
  { from, to }: { readonly from: number; readonly to: number },
  what: (at: number) => readonly Input[] = () => [],
): Effect[] {
  const effects: Effect[] = [];
  for (let at = from; at <= to; at += 100) effects.push(...step(state, what(at), instant(at)));
  return effects;
}

export function told(effects: readonly Effect[]): NoticeCode[] {
  return effects.flatMap((effect) => (effect.type === "tell" ? [effect.notice.code] : []));
}

export function types(effects: readonly Effect[]): Effect["type"][] {
  return effects.map(({ type }) => type);
}

export function of(node: NodeName): Partial<Message> {
  return { from: node, boot: "00000000000000c1" };
}
