/**
 * A cable that is pulled, and one that is plugged in again.
 *
 *             no carrier                    back, another has it
 *   trusted ─────────────▶ unplugged ──────────────────────────────▶ back ────▶ able
 *     ▲ ▲                   refuses                                 refuses 2 s  yields
 *     │ │ back, nobody has it  │                                                   │
 *     │ └──────────────────────┘                                                   │
 *     └────────────────────────────────────────────────────────────────────────────┘ 30 s
 *
 * Whoever holds a group gives it up as soon as its carrier is gone, if another node can take it (see
 * `toThePlugged` in settle.ts). The way back is slow: a cable that is lost and found every second must
 * not move the group with it, and the port of a switch that has just come up may not forward yet.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, seconds } from "../std/time.ts";
import type { Group } from "./group.ts";
import { doubtOf, isClaimed } from "./group.ts";
import { claimOf, isAlive } from "./peer.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { isDue, markChanged } from "./turn.ts";
import type { NodeName } from "./types.ts";
import { forgetInquiry } from "./usage.ts";

/**
 * For so long a node whose carrier is back is not handed what another one holds without carrier: the
 * ports of a switch that was restarted come up one after the other, and then nothing is to move.
 */
const ABLE_AFTER: Millis = seconds(2);

/**
 * For so long nothing goes home to it: the port of a switch that looks for loops forwards nothing for
 * twice its forward delay of 15 s (IEEE 802.1D-2004 17.14).
 */
const TRUSTED_AFTER: Millis = seconds(30);

/** What follows from what the kernel says anew of the addresses of a group. */
export function noteCarrier(turn: Turn, group: Group, before: string | undefined): void {
  const doubt = doubtOf(group);
  if (doubt === before) return;
  const { state } = turn;
  // Whether it can be reached here is part of what this node says of it.
  markChanged(turn, group);
  group.plugged = undefined;
  if (doubt !== undefined) return;
  plugIn(state);
  const to = isClaimed(group) ? goesTo(group) : (holderOf(state, group) ?? group.yields?.to);
  if (to !== undefined) group.plugged = { at: state.now, to, isAble: false };
}

/** Who is to take what is being given up. */
function goesTo({ local }: Group): NodeName | undefined {
  if (local.at === "stopping" || local.at === "stuck") return local.giving.to;
  return local.at === "starting" ? local.abort?.to : undefined;
}

function holderOf({ peers }: State, { config }: Group): NodeName | undefined {
  return [...peers.values()].find((peer) => claimOf(peer, config.name) !== undefined)?.name;
}

/** What was asked without a cable was not asked, and who was not heard may be now. */
function plugIn(state: State): void {
  state.pluggedAt = state.now;
  for (const { inquiry } of state.peers.values()) forgetInquiry(inquiry);
  for (const { usage } of state.groups.values()) forgetInquiry(usage.inquiry);
}

/** Trusts a carrier that is back, step by step. */
export function trustCarrier(turn: Turn, group: Group): void {
  const { plugged } = group;
  if (plugged === undefined) return;
  if (isDue(after(plugged.at, TRUSTED_AFTER), turn)) group.plugged = undefined;
  else if (!plugged.isAble && isDue(after(plugged.at, ABLE_AFTER), turn)) {
    group.plugged = { ...plugged, isAble: true };
  } else return;
  markChanged(turn, group);
}

/** When {@link trustCarrier} has something to do. */
export function trustDue({ plugged }: Group): Instant | undefined {
  return plugged && after(plugged.at, plugged.isAble ? TRUSTED_AFTER : ABLE_AFTER);
}

/** A switch may take a while to forward, and so long a node hears and reaches nobody. */
export function isJustPlugged(state: State): boolean {
  const until = pluggedUntil(state);
  return until !== undefined && state.now < until && ![...state.peers.values()].every(isAlive);
}

/** Until when a node that has just got its cable back takes nothing from who is silent. */
export function pluggedUntil({ pluggedAt, config }: State): Instant | undefined {
  return pluggedAt === undefined ? undefined : after(pluggedAt, config.timing.deadtime);
}
