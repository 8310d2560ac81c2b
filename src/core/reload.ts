/**
 * A new configuration, put in force without moving what it does not touch.
 *
 * A group whose line was changed is stopped as it was and started as it is, by the node that holds it:
 * to change under a held group what its parts are would leave the old parts running.
 */
import { after } from "../std/time.ts";
import { fenceSentence } from "./fence.ts";
import type { Group } from "./group.ts";
import { newGroup } from "./group.ts";
import { newLink } from "./link.ts";
import { isAlive, newPeer } from "./peer.ts";
import { newPing } from "./ping.ts";
import { newMedium } from "./state.ts";
import type { Turn } from "./turn.ts";
import { markChanged, tell } from "./turn.ts";
import type { CoreConfig, GroupConfig } from "./types.ts";

export function recordConfig(turn: Turn, config: CoreConfig): void {
  const { state } = turn;
  state.config = config;
  state.misconfigured = undefined;
  const joinsAt = after(state.now, config.timing.deadtime);
  for (const name of config.peers) {
    // It may live and hold what its line says: it gets the time to be heard.
    if (!state.peers.has(name)) state.peers.set(name, newPeer(name, config, joinsAt, state.now));
  }
  reconcile(state.media, config.media, newMedium);
  const answersBy = after(state.now, config.timing.deadping);
  const pings = config.pings.map(({ name }) => name);
  reconcile(state.pings, pings, (name) => newPing(name, answersBy, state.now));
  state.nextAsk = state.now;
  for (const peer of state.peers.values()) {
    for (const medium of peer.links.keys()) {
      if (!state.media.has(medium)) peer.links.delete(medium);
    }
    for (const medium of config.media) {
      if (!peer.links.has(medium)) peer.links.set(medium, newLink(medium));
    }
  }
  const wanted = new Map(config.groups.map((group) => [group.name, group]));
  for (const group of state.groups.values()) {
    change(turn, group, wanted.get(group.config.name));
  }
  for (const [name, group] of wanted) {
    if (!state.groups.has(name)) state.groups.set(name, newGroup(group, state.now));
  }
  // What was known of the peers' knowledge was of the old groups.
  for (const group of state.groups.values()) markChanged(turn, group);
  tell(turn, { code: "reloaded", groups: config.groups.length });
}

function reconcile<K, V>(map: Map<K, V>, wanted: readonly K[], make: (key: K) => V): void {
  for (const key of map.keys()) if (!wanted.includes(key)) map.delete(key);
  for (const key of wanted) if (!map.has(key)) map.set(key, make(key));
}

function change(turn: Turn, group: Group, config: GroupConfig | undefined): void {
  const isSame =
    config !== undefined &&
    JSON.stringify(config.resources) === JSON.stringify(group.config.resources);
  if (isSame) {
    group.config = config;
    group.next = undefined;
  } else {
    group.next = { config };
  }
  markChanged(turn, group);
}

/** Lets the groups that were given up for it become what the new files say. */
export function finishReload(turn: Turn): void {
  const { state } = turn;
  const isSmaller = state.config.peers.length < state.peers.size;
  for (const [name, peer] of isSmaller ? state.peers : []) {
    if (state.config.peers.includes(name)) continue;
    // A node that was taken out of the files and lives, or is not fenced, may hold what it held.
    if (isAlive(peer) || fenceSentence(state, name) !== undefined) continue;
    state.peers.delete(name);
    state.fences.delete(name);
  }
  for (const [name, group] of state.groups) {
    const isIdle = group.local.at === "stopped" || group.local.at === "refused";
    if (group.next === undefined || !isIdle || group.mending !== undefined) continue;
    const { config } = group.next;
    state.groups.delete(name);
    if (config === undefined) continue;
    const fresh = newGroup(config, state.now);
    fresh.term = group.term;
    fresh.resting = group.resting;
    state.groups.set(name, fresh);
    markChanged(turn, fresh);
  }
}
