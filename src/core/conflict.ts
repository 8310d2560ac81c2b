/**
 * Does anybody else answer for what is to be taken? The network knows more than heartbeats do.
 *
 * A peer that is silent and has a lease falls silent for its clients too, a margin before it is
 * called dead. In this margin the network is asked for its addresses (RFC 5227 §2.1.1, and neighbour
 * discovery). Whoever answers then has a daemon that renews its lease: it lives, only the
 * heartbeats do not come through, and nothing is taken from it.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, elapsed, instant, millis } from "../std/time.ts";
import type { Group } from "./group.ts";
import { addressesOf, isClaimed } from "./group.ts";
import type { Input } from "./input.ts";
import type { Peer } from "./peer.ts";
import { claimOf, isAlive } from "./peer.ts";
import { leaseOf, marginOf } from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, tell } from "./turn.ts";
import type { NodeName } from "./types.ts";

/** Not more often than this is the network asked for long. */
const PROBE_EVERY: Millis = millis(100);

export function recordSighting(turn: Turn, input: Extract<Input, { type: "sighting" }>): void {
  const { state } = turn;
  const group = state.groups.get(input.group);
  if (group === undefined) return;
  const sign = { mac: input.mac, at: state.now };
  group.usage.sighted = sign;
  if (mayBePeers(state, group, input.mac)) group.usage.answered = sign;
}

/**
 * Whether a hardware address may be one of a peer that is not heard. Whose addresses are known is not
 * taken for somebody else: or any host of the network could keep a dead node's addresses from being
 * taken over, and an address that a stranger uses would never be served.
 */
function mayBePeers({ peers }: State, { config }: Group, mac: string): boolean {
  return [...peers.values()].some(
    ({ name, macs }) => config.nodes.includes(name) && (macs.length === 0 || macs.includes(mac)),
  );
}

/** How long an answer may take. Who knows of no holder has more time than who has seen one die. */
function patience(state: State, { seen }: Group): Millis {
  return millis(marginOf(state) / (seen === undefined ? 2 : 8));
}

/**
 * For how long nobody may have answered. Nodes that do not hear each other may find at the same
 * moment that they are to take: the later one in the files asks once more after the earlier one has
 * taken.
 */
function silenceFor(state: State, group: Group): Millis {
  // Who was silent for a while does not know what others have done: it asks longer.
  if (state.lease.lapsed !== undefined) return marginOf(state);
  const rank = Math.max(0, group.config.nodes.indexOf(state.config.self));
  return millis(patience(state, group) * (1 + 2 * rank));
}

/** Until when what a silent peer last renewed may let it answer. */
function leaseEnd({ peers }: State, { config }: Group): Instant {
  let end = instant(0);
  for (const { name, liveness, heard, lease } of peers.values()) {
    if (liveness !== "dead" || lease === undefined || !config.nodes.includes(name)) continue;
    const at = after(heard, lease);
    if (at > end) end = at;
  }
  return end;
}

/**
 * Whether nobody answers for the addresses of a group that is to be taken now. Asks the network if
 * that is not known yet.
 */
export function isUnused(turn: Turn, group: Group): boolean {
  const { state } = turn;
  const { usage } = group;
  if (!isDoubtful(state, group)) {
    group.usage.heldOff = undefined;
    return true;
  }
  askAgain(turn, group);
  const { probing, answered } = usage;
  if (probing?.since === undefined) return false;
  const free = usage.heldOff === undefined ? probing.since : freeAt(state, group);
  if (answered !== undefined && answered.at >= free && usage.heldOff === undefined) {
    if (state.now < after(leaseEnd(state, group), patience(state, group))) {
      // It answers by a lease that has not run out yet: from the next question on nobody may.
      usage.probing = { since: undefined, last: probing.last };
      return false;
    }
    usage.heldOff = { since: state.now, mac: answered.mac };
    tell(turn, { code: "takeover-held-off", group: group.config.name, mac: answered.mac });
    return false;
  }
  if (usage.heldOff !== undefined) {
    // What was asked last must have had the time to be answered.
    const asked = after(usage.probing?.last ?? state.now, patience(state, group));
    if (state.now < free || state.now < asked) return false;
    usage.heldOff = undefined;
    return true;
  }
  return state.now >= after(probing.since, silenceFor(state, group));
}

/**
 * The peer that is not heard and uses what is held here: both took it while they could not hear each
 * other, and the network shows it. The earlier one in the files keeps it.
 */
export function usurperOf(state: State, group: Group): NodeName | undefined {
  const { usage, config } = group;
  const { sighted } = usage;
  if (leaseOf(state) === undefined || sighted?.at !== state.now) return undefined;
  const rank = (node: NodeName): number => config.nodes.indexOf(node);
  return [...state.peers.values()].find(
    ({ name, liveness, lease, macs }) =>
      liveness === "dead" &&
      lease !== undefined &&
      macs.includes(sighted.mac) &&
      rank(name) >= 0 &&
      rank(name) < rank(state.config.self),
  )?.name;
}

/** Who was seen to answer is believed to do so for deadtime, and until three questions were in vain. */
function freeAt(state: State, { usage }: Group): Instant {
  const { deadtime } = state.config.timing;
  const three = 3.5 * longInterval(state);
  return after(usage.answered?.at ?? state.now, millis(Math.max(deadtime, three)));
}

/** Whether somebody who is not heard may have the group, and would be seen if he had it. */
function isDoubtful(state: State, group: Group): boolean {
  if (leaseOf(state) === undefined || addressesOf(group.config).length === 0) return false;
  // A device has made sure of them.
  if (state.config.fencing !== undefined) return false;
  return [...state.peers.values()].some(
    (peer) => group.config.nodes.includes(peer.name) && isDoubtfulPeer(peer),
  );
}

function isDoubtfulPeer(peer: Peer): boolean {
  if (peer.liveness === "unknown") return true;
  if (peer.liveness !== "dead" || peer.original !== undefined) return false;
  // Without a lease it answers also when its daemon is dead, until somebody removes its addresses.
  return !peer.everHeard || peer.lease !== undefined;
}

/** Asks at once if nothing was asked lately, and again while an answer comes. */
function askAgain(turn: Turn, group: Group): void {
  const { state } = turn;
  const { probing, heldOff } = group.usage;
  const interval = heldOff === undefined ? patience(state, group) : longInterval(state);
  if (probing !== undefined && state.now < after(probing.last, interval)) return;
  // What was asked long ago says nothing of now.
  const isStale =
    probing === undefined || elapsed(probing.last, state.now) > 4 * interval + PROBE_EVERY;
  const since = isStale ? state.now : (probing.since ?? state.now);
  // Nor does it count as silence that nobody was asked.
  if (isStale && heldOff !== undefined) group.usage.answered = { mac: heldOff.mac, at: state.now };
  group.usage.probing = { since, last: state.now };
  act(turn, { type: "probe", ips: addressesOf(group.config).map(({ ip }) => ip) });
}

function longInterval({ config }: State): Millis {
  const { keepalive } = config.timing;
  return keepalive > PROBE_EVERY ? keepalive : PROBE_EVERY;
}

/** Asks for what a peer holds in the last moments before it is called dead. */
export function probeDying(turn: Turn): void {
  const { state } = turn;
  if (leaseOf(state) === undefined || state.config.fencing !== undefined) return;
  for (const peer of state.peers.values()) {
    const at = lastMoments(state, peer);
    if (at === undefined || state.now < at) continue;
    for (const group of state.groups.values()) {
      if (claimOf(peer, group.config.name) === undefined || isClaimed(group)) continue;
      if (!group.config.nodes.includes(state.config.self)) continue;
      askAgain(turn, group);
    }
  }
}

/** From when on a peer that lives no more is silent for its clients, and is not called dead yet. */
function lastMoments(state: State, peer: Peer): Instant | undefined {
  if (!isAlive(peer) || peer.original !== undefined || peer.lease === undefined) return undefined;
  if (peer.claims.length === 0) return undefined;
  const dead = after(peer.judgedFrom, peer.deadtime);
  // The first half of the margin is for clocks and timers.
  return instant(dead - marginOf(state) / 2);
}

/** When the network is to be asked, or an answer is late, if nothing happens. */
export function conflictDue(state: State): readonly (Instant | undefined)[] {
  if (leaseOf(state) === undefined) return [];
  const { now } = state;
  const dying = [...state.peers.values()].map((peer) => lastMoments(state, peer));
  const probes = [...state.groups.values()].flatMap((group) => {
    const { probing, heldOff } = group.usage;
    if (probing === undefined || isClaimed(group)) return [];
    if (heldOff === undefined) {
      const { since, last } = probing;
      return [
        after(last, patience(state, group)),
        since === undefined ? undefined : after(since, silenceFor(state, group)),
      ];
    }
    return [
      after(probing.last, patience(state, group)),
      after(probing.last, longInterval(state)),
      freeAt(state, group),
    ];
  });
  return [...dying, ...probes].filter((at) => at !== undefined && at > now);
}
