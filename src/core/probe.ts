/**
 * Asking the network, not more often than a switch that inspects ARP bears (15 frames a second on a
 * port): what may not be asked now is asked later, and what was not asked counts as nothing. With more
 * groups than that a switch must bear more anyway: their addresses are announced at once.
 */
import type { Instant } from "../std/time.ts";
import { after, elapsed, seconds } from "../std/time.ts";
import type { Group } from "./group.ts";
import { addressesOf } from "./group.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act } from "./turn.ts";
import type { VirtualIp } from "./types.ts";

const FRAMES = 8;
/** What can wait leaves the rest to what cannot. */
const SHARE_OF_CHECKS = 1 / 2;
const WITHIN = seconds(1);
/** The lease is of a node, not of an address: one or two of them speak for all. */
const SAMPLE = 2;

/** The addresses that speak for these groups. */
export function sampleOf(groups: readonly Group[]): readonly VirtualIp[] {
  const firsts = groups.flatMap(({ config }) => addressesOf(config).slice(0, 1));
  const all = groups.length > 1 ? firsts : groups.flatMap(({ config }) => addressesOf(config));
  return all.slice(0, SAMPLE).map(({ ip }) => ip);
}

/** Asks, if it may. @returns whether it did */
export function probe(turn: Turn, ips: readonly VirtualIp[]): boolean {
  return ask(turn, ips, limitOf(turn.state));
}

/** The same, for what nobody waits for. */
export function probeAtLeisure(turn: Turn, ips: readonly VirtualIp[]): boolean {
  return ask(turn, ips, FRAMES * SHARE_OF_CHECKS);
}

function limitOf({ groups }: State): number {
  return Math.max(FRAMES, groups.size);
}

function ask(turn: Turn, ips: readonly VirtualIp[], limit: number): boolean {
  const { state } = turn;
  const { asked, now } = state;
  while (asked[0] !== undefined && elapsed(asked[0], now) >= WITHIN) asked.shift();
  if (asked.length + ips.length > limit) return false;
  for (const _ of ips) asked.push(now);
  act(turn, { type: "probe", ips });
  return true;
}

/** When more may be asked; undefined: now. */
export function mayAskAt(state: State): Instant | undefined {
  return mayAskWithin(state, limitOf(state));
}

/** The same, for what nobody waits for. */
export function mayAskAtLeisureAt(state: State): Instant | undefined {
  return mayAskWithin(state, FRAMES * SHARE_OF_CHECKS);
}

function mayAskWithin({ asked }: State, limit: number): Instant | undefined {
  const [oldest] = asked;
  return oldest === undefined || asked.length + SAMPLE <= limit ? undefined : after(oldest, WITHIN);
}
