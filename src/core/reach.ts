/**
 * Who is better connected: of two nodes that can hold a group, the one that reaches fewer ping nodes
 * lets it go. The original needs its plugin ipfail for that.
 *
 * Every node says how many it reaches, and finds out for itself whether it must stand back; what
 * comes of that is its stance, which all know before one of them acts on it (agreement.ts). A ping
 * node that dies is missed by both nodes, a little sooner by the one than by the other: only a
 * difference that lasts counts.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, millis } from "../std/time.ts";
import { hearsUs } from "./agreement.ts";
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import { askInterval, forgivePing, hearPing, judgePing, pingJudgementDue } from "./ping.ts";
import { fewerPings, obstacleOfPeer } from "./placement.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, isDue, markChanged, tell } from "./turn.ts";
import type { Timing } from "./types.ts";

export function recordPong(turn: Turn, name: string): void {
  const ping = turn.state.pings.get(name);
  if (ping !== undefined) tell(turn, hearPing(ping, turn.state.now));
}

/** Draws the conclusions from the silence of ping nodes, and from what peers say of theirs. */
export function judgeReach(turn: Turn): void {
  const { state } = turn;
  const { deadping } = state.config.timing;
  for (const ping of state.pings.values()) tell(turn, judgePing(ping, deadping, state.now));
  const reach = ownReach(state);
  if (reach !== state.reach) {
    state.reach = reach;
    state.changed = state.sequence + 1;
    turn.urgent = true;
  }
  for (const peer of state.peers.values()) judgeLead(state, peer);
  for (const group of state.groups.values()) standBack(turn, group);
}

/** How many answer. Undefined: none are configured, or it is not known of any life of this node. */
function ownReach(state: State): number | undefined {
  const pings = [...state.pings.values()];
  if (pings.length === 0) return undefined;
  // While one is not known yet, which is new in the files, what was said before stands.
  if (pings.some((ping) => ping.state === "unknown")) return state.reach;
  return pings.filter((ping) => ping.state === "up").length;
}

/**
 * How long a difference must last: twice as long as two nodes may take to find out the same, and
 * not less than with the original.
 */
function patience(timing: Timing): Millis {
  return millis(2 * Math.max(timing.keepalive, askInterval(timing)));
}

/** Lets a peer count as better connected, or no longer, when that has been so for a while. */
function judgeLead(state: State, peer: Peer): void {
  const { lead } = peer;
  if (!isComparable(state, peer)) {
    if (lead.counts || lead.since !== undefined) peer.lead = { counts: false, since: undefined };
    return;
  }
  const isAhead = (peer.reach ?? 0) > (state.reach ?? 0);
  if (isAhead === lead.counts) {
    lead.since = undefined;
    return;
  }
  lead.since ??= state.now;
  if (state.now < after(lead.since, patience(state.config.timing))) return;
  peer.lead = { counts: isAhead, since: undefined };
}

/**
 * Counts say something of each other only if they are counts of the same ping nodes; and what was
 * said by a peer that cannot be heard, or does not hear us, is no reason to give anything up.
 */
function isComparable(state: State, peer: Peer): boolean {
  if (state.reach === undefined || peer.reach === undefined || !isAlive(peer)) return false;
  if (state.now >= after(peer.heard, peer.deadtime)) return false;
  // An original says nothing of its files, nor of whom it hears.
  return (
    peer.original !== undefined || (peer.digest === state.config.digest && hearsUs(peer, state))
  );
}

/** Notes whether another node that can hold the group is better connected, and says so. */
function standBack(turn: Turn, group: Group): void {
  const before = group.behind;
  const behind = leaderFor(turn.state, group)?.name;
  if (behind === before) return;
  group.behind = behind;
  markChanged(turn, group);
  const name = group.config.name;
  if (behind === undefined) tell(turn, { code: "group-eligible", group: name });
  else if (before === undefined) {
    const reason = fewerPings(turn.state, behind);
    tell(turn, { code: "group-obstructed", group: name, reason });
  }
}

/** Of the better connected nodes that nothing else keeps from holding the group, the best. */
function leaderFor(state: State, group: Group): Peer | undefined {
  const leaders = [...state.peers.values()].filter(
    (peer) =>
      peer.lead.counts &&
      group.config.nodes.includes(peer.name) &&
      obstacleOfPeer(state, group, peer) === undefined,
  );
  return leaders.toSorted((a, b) => (b.reach ?? 0) - (a.reach ?? 0))[0];
}

/** Asks all ping nodes, if it is time to. */
export function askPings(turn: Turn): void {
  const { state } = turn;
  if (state.pings.size === 0 || state.exited || !isDue(state.nextAsk, turn)) return;
  act(turn, { type: "ask" });
  state.nextAsk = after(state.now, askInterval(state.config.timing));
}

/** This node did not run: what it did not hear meanwhile says nothing. */
export function forgiveReach({ pings, peers, config, now }: State): void {
  for (const ping of pings.values()) forgivePing(ping, config.timing.deadping, now);
  for (const { lead } of peers.values()) if (lead.since !== undefined) lead.since = now;
}

/** When something of this file may next have to be looked at, if nothing happens. */
export function reachDue(state: State): readonly (Instant | undefined)[] {
  if (state.pings.size === 0) return [];
  const { timing } = state.config;
  const leads = [...state.peers.values()].map(({ lead }) => lead.since);
  return [
    state.nextAsk,
    ...[...state.pings.values()].map((ping) => pingJudgementDue(ping, timing.deadping)),
    ...leads.map((since) => (since === undefined ? since : after(since, patience(timing)))),
  ];
}
