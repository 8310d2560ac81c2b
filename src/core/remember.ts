/**
 * What the next life of this node must know, and what it does with that: see `Memory`.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, seconds } from "../std/time.ts";
import type { Group } from "./group.ts";
import { addressesOf, isClaimed, ownClaim } from "./group.ts";
import { maintenanceOf } from "./maintenance.ts";
import type { State } from "./state.ts";
import { cleanUp, take } from "./transition.ts";
import type { Turn } from "./turn.ts";
import { markChanged } from "./turn.ts";
import type { GroupName, Memory, NodeName } from "./types.ts";

/** How old the newest heartbeat of a peer may be that was saved: as much could be replayed. */
const SAVE_EVERY: Millis = seconds(10);

/** Says what is to be saved, if it is news or the last was said a while ago. */
export function remember(turn: Turn): void {
  const { state } = turn;
  if (state.exited || (state.now < state.nextRemember && isSame(state))) return;
  rememberNow(turn);
}

/** Says what is to be saved. */
export function rememberNow(turn: Turn): void {
  const { state } = turn;
  state.nextRemember = after(state.now, SAVE_EVERY);
  const memory = memoryOf(state);
  state.remembered = memory;
  turn.tells.push({ type: "remember", memory });
}

export function rememberDue({ nextRemember }: State): Instant {
  return nextRemember;
}

function memoryOf(state: State): Memory {
  const groups = [...state.groups.values()];
  return {
    groups: groups.flatMap((group) => {
      const claim = ownClaim(group, state.now);
      return claim === undefined || !isKept(group)
        ? []
        : [{ group: claim.group, term: claim.term, pinned: claim.pinned }];
    }),
    resting: groups.flatMap(({ config, resting }) => (resting === undefined ? [] : [config.name])),
    maintenance: maintenanceOf(state),
    peers: [...state.peers.values()]
      .filter(({ boot }) => boot !== "")
      .map(({ name, boot, generation, sequence, liveness }) => ({
        node: name,
        boot,
        generation,
        sequence,
        isGone: liveness === "dead" || liveness === "left",
      })),
  };
}

/** What is being given up is not taken up again by the next life. */
function isKept({ local }: Group): boolean {
  return local.at === "held" || (local.at === "starting" && local.abort === undefined);
}

/** Compares without building anything: most turns change nothing. */
function isSame(state: State): boolean {
  const before = state.remembered;
  if (before === undefined) return false;
  const { word } = state.upkeep;
  const { maintenance } = before;
  if (word?.version !== maintenance?.version || word?.by !== maintenance?.by) return false;
  let kept = 0;
  let resting = 0;
  for (const group of state.groups.values()) {
    const name = group.config.name;
    if (group.resting !== undefined) {
      resting += 1;
      if (!before.resting.includes(name)) return false;
    }
    if (!isKept(group) || !isClaimed(group)) continue;
    kept += 1;
    if (before.groups.find((each) => each.group === name)?.term !== termOf(group)) return false;
  }
  if (kept !== before.groups.length || resting !== before.resting.length) return false;
  return arePeersSame(state, before);
}

function arePeersSame({ peers }: State, before: Memory): boolean {
  let known = 0;
  for (const { name, boot, liveness } of peers.values()) {
    if (boot === "") continue;
    // In the order in which it was written.
    const mark = before.peers[known];
    known += 1;
    if (mark?.node !== name || mark.boot !== boot) return false;
    if (mark.isGone !== (liveness === "dead" || liveness === "left")) return false;
  }
  return known === before.peers.length;
}

function termOf({ local }: Group): number | undefined {
  return "taking" in local ? local.taking.term : undefined;
}

/** What the life before has left that matters before anything is heard: with the first turn. */
export function recall(turn: Turn): void {
  const { state } = turn;
  const { memory } = state;
  if (memory === undefined) return;
  for (const mark of memory.peers) {
    const peer = state.peers.get(mark.node);
    if (peer === undefined) continue;
    const { boot, generation, sequence } = mark;
    Object.assign(peer, { boot, generation, sequence });
    peer.wasGone = mark.isGone;
  }
  for (const name of memory.resting) {
    const group = state.groups.get(name);
    if (group === undefined) continue;
    group.resting = otherNode(state, group);
    markChanged(turn, group);
  }
  for (const { group: name, term } of memory.groups) {
    const group = state.groups.get(name);
    // Of two claims the higher term wins: it must not be used a second time.
    if (group === undefined) continue;
    group.wasOurs = true;
    if (group.term < term) group.term = term;
  }
}

/** Takes up what was held, as soon as it is known what the kernel has. */
export function resume(turn: Turn): void {
  const { state } = turn;
  const { memory } = state;
  if (memory === undefined || [...state.groups.values()].every(({ facts }) => facts.size === 0)) {
    return;
  }
  state.memory = undefined;
  for (const { group: name, term, pinned } of memory.groups) takeUp(turn, name, { term, pinned });
}

function otherNode({ config }: State, { config: { nodes } }: Group): NodeName | undefined {
  return nodes.find((node) => node !== config.self);
}

/**
 * The kernel has kept the lease, so nobody has taken it meanwhile, and nobody will. What the kernel
 * does not have was given up, and the memory is older than that.
 */
function takeUp(
  turn: Turn,
  name: GroupName,
  { term, pinned }: { readonly term: number; readonly pinned: boolean },
): void {
  const { state } = turn;
  const group = state.groups.get(name);
  const { until } = state.lease;
  if (group === undefined) return;
  const addresses = addressesOf(group.config);
  const isThere = addresses.every(({ name: each }) => group.facts.get(each)?.present === "ours");
  const isLeased = until !== undefined && until > state.now;
  if (!isLeased || addresses.length === 0 || !isThere) return cleanUp(turn, group, term);
  group.term = term - 1;
  take(turn, group, { reason: "restart", from: undefined, lostAt: state.now, pinned });
}
