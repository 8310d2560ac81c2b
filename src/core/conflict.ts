/**
 * Does anybody else answer for what is to be taken? The network knows more than heartbeats do.
 *
 * A peer that is silent and has a lease falls silent for its clients too, a margin before it is
 * called dead. In this margin the network is asked for its addresses (RFC 5227 §2.1.1, and neighbour
 * discovery). Whoever answers then has a daemon that renews its lease: it lives, only the
 * heartbeats do not come through, and nothing is taken from it.
 *
 * A lease is of a node, so one inquiry about a silent peer is for all that it claimed; what no silent
 * peer has claimed, but one may have, is asked for group by group.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, elapsed, instant, millis } from "../std/time.ts";
import type { Group } from "./group.ts";
import { addressesOf } from "./group.ts";
import type { Input } from "./input.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import { mayAskAt, probe, sampleOf } from "./probe.ts";
import { leaseOf, marginOf } from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { tell } from "./turn.ts";
import type { NodeName, VirtualIp } from "./types.ts";
import { patienceOf, unreachableFrom } from "./unreachable.ts";
import type { Inquiry, Sign } from "./usage.ts";

export function recordSighting(turn: Turn, input: Extract<Input, { type: "sighting" }>): void {
  const { state } = turn;
  const group = state.groups.get(input.group);
  if (group === undefined) return;
  const sign: Sign = { mac: input.mac, at: state.now };
  const { usage, config } = group;
  usage.sighted = sign;
  for (const peer of state.peers.values()) {
    if (!config.nodes.includes(peer.name) || !mayBeOf(peer, input.mac)) continue;
    usage.inquiry.answered = sign;
    if (!claimed(peer, group) && !peer.macs.includes(input.mac)) continue;
    peer.inquiry.answered = sign;
    // It was asked, and answers: there was nothing in what its kernel said of its daemon.
    if (peer.unreachable !== undefined && peer.inquiry.probing?.since !== undefined) {
      peer.unreachable.isRefuted = true;
    }
  }
}

/**
 * Whether a hardware address may be a peer's. Whose addresses are known is not taken for somebody
 * else: or any host of the network could keep a dead node's addresses from being taken over, and an
 * address that a stranger uses would never be served.
 */
function mayBeOf({ macs }: Peer, mac: string): boolean {
  return macs.length === 0 || macs.includes(mac);
}

/** By its last words, also when it is dead. */
function claimed({ claims }: Peer, { config }: Group): boolean {
  return claims.some(({ group }) => group === config.name);
}

/** What is asked, of whom it is, and for how long nobody may have answered. */
interface Question {
  readonly inquiry: Inquiry;
  /** The last sign of an answer to this, or to another question about the same node. */
  readonly answered: Sign | undefined;
  readonly ips: readonly VirtualIp[];
  /** How long an answer may take. */
  readonly patience: Millis;
  readonly silence: Millis;
  /** How often it is asked meanwhile. */
  readonly interval: Millis;
  /** Until when an answer proves nothing: a lease may still be running out. */
  readonly leaseEnd: Instant;
}

function questionAbout(state: State, group: Group): Question {
  const doubtful = [...state.peers.values()].filter(
    (peer) => isDoubtfulPeer(peer) && group.config.nodes.includes(peer.name),
  );
  const [holder] = doubtful;
  // Of two that are silent the one may have taken it from the other.
  if (holder !== undefined && doubtful.length === 1 && claimed(holder, group)) {
    return questionOf(state, holder, group);
  }
  // Who knows of no holder has more time than who has seen one die.
  const patience = millis(marginOf(state) / (group.seen === undefined ? 2 : 4));
  return {
    inquiry: group.usage.inquiry,
    answered: latest([
      group.usage.inquiry.answered,
      ...doubtful.filter((peer) => claimed(peer, group)).map(({ inquiry }) => inquiry.answered),
    ]),
    ips: sampleOf([group]),
    patience,
    ...spellOf(patience, silenceFor(state, group.config.nodes, patience)),
    leaseEnd: instant(0),
  };
}

function latest(signs: readonly (Sign | undefined)[]): Sign | undefined {
  let last: Sign | undefined;
  for (const sign of signs) if (sign !== undefined && (last?.at ?? sign.at) <= sign.at) last = sign;
  return last;
}

function questionOf(state: State, peer: Peer, group: Group): Question {
  const groups = [...state.groups.values()].filter(
    (each) => claimed(peer, each) && addressesOf(each.config).length > 0,
  );
  const patience = patienceOf(state);
  const { nodes } = group.config;
  // Whose daemon is gone takes nothing at the same moment.
  const isGone = peer.unreachable?.isRefuted === false;
  const rivals = isGone ? nodes.filter((node) => node !== peer.name) : nodes;
  const spell = spellOf(patience, silenceFor(state, rivals, patience));
  return {
    inquiry: peer.inquiry,
    answered: peer.inquiry.answered,
    ips: sampleOf(groups),
    patience,
    ...spell,
    ...(isGone ? { interval: patience } : {}),
    leaseEnd: peer.lease === undefined ? instant(0) : after(peer.heard, peer.lease),
  };
}

function spellOf(patience: Millis, silence: Millis): Pick<Question, "silence" | "interval"> {
  const half = millis(silence / 2);
  return { silence, interval: half > patience ? half : patience };
}

/**
 * Nodes that do not hear each other may find at the same moment that they are to take: the later one
 * in the files asks once more after the earlier one has taken.
 */
function silenceFor(state: State, nodes: readonly NodeName[], patience: Millis): Millis {
  // Who was silent for a while does not know what others have done: it asks longer.
  if (state.lease.lapsed !== undefined) return marginOf(state);
  const rank = Math.max(0, nodes.indexOf(state.config.self));
  return millis(patience * (1 + 2 * rank));
}

/**
 * Whether nobody answers for the addresses of a group that is to be taken now. Asks the network if
 * that is not known yet.
 */
export function isUnused(turn: Turn, group: Group): boolean {
  const { state } = turn;
  const { usage } = group;
  if (!isDoubtful(state, group)) {
    usage.heldOff = undefined;
    return true;
  }
  const question = questionAbout(state, group);
  const isFree = isSilent(state, question);
  if (!isFree) ask(turn, question);
  const { heldOff } = question.inquiry;
  if (heldOff === undefined) usage.heldOff = undefined;
  else if (usage.heldOff === undefined) {
    usage.heldOff = { since: state.now, mac: heldOff.mac };
    tell(turn, { code: "takeover-held-off", group: group.config.name, mac: heldOff.mac });
  }
  return isFree;
}

/** Whether nobody has answered for long enough. */
function isSilent(state: State, question: Question): boolean {
  const { inquiry, answered, patience, silence, leaseEnd } = question;
  const { now } = state;
  const { probing } = inquiry;
  if (probing?.since === undefined || isStale(state, question)) return false;
  if (inquiry.heldOff !== undefined) {
    // What was asked last must have had the time to be answered, and not have been asked long ago: who
    // did not run did not ask.
    if (now < freeAt(state, answered) || now < after(probing.last, patience)) return false;
    if (elapsed(probing.last, now) > 2 * intervalOf(state, question)) return false;
    inquiry.heldOff = undefined;
    return true;
  }
  const ended = after(leaseEnd, millis(marginOf(state) / 2));
  const isKnown = leaseEnd > 0 && (answered?.at ?? 0) >= ended;
  // Who was seen to live was so whatever this series of questions has brought: one may be lost.
  if (answered !== undefined && isKnown && now < freeAt(state, answered)) {
    inquiry.heldOff = answered;
    return false;
  }
  if (answered !== undefined && answered.at >= probing.since) {
    if (now >= after(leaseEnd, patience)) inquiry.heldOff = answered;
    // It answers by a lease that has not run out yet: from the next question on nobody may.
    else inquiry.probing = { since: undefined, last: probing.last };
    return false;
  }
  return now >= after(probing.since, silence);
}

/** Who was seen to answer is believed to do so for deadtime, and until three questions were in vain. */
function freeAt(state: State, answered: Sign | undefined): Instant {
  const { deadtime } = state.config.timing;
  const three = 3.5 * longInterval(state);
  return after(answered?.at ?? state.now, millis(Math.max(deadtime, three)));
}

/** Whether somebody who is not heard may have the group, and would be seen if he had it. */
function isDoubtful(state: State, group: Group): boolean {
  const { config, witness, now } = state;
  if (leaseOf(state) === undefined || addressesOf(group.config).length === 0) return false;
  // A device has made sure of them, or the witness has.
  if (config.fencing !== undefined) return false;
  if (config.hasWitness === true && witness.until !== undefined && now < witness.until)
    return false;
  return [...state.peers.values()].some(
    (peer) => isDoubtfulPeer(peer) && group.config.nodes.includes(peer.name),
  );
}

function isDoubtfulPeer(peer: Peer): boolean {
  if (peer.isOff) return false;
  if (peer.liveness === "unknown") return true;
  if (peer.liveness !== "dead" || peer.original !== undefined) return false;
  // Without a lease it answers also when its daemon is dead, until somebody removes its addresses.
  return !peer.everHeard || peer.lease !== undefined;
}

/** How often it is asked for long. */
const LONG_INTERVAL: Millis = millis(333);

function longInterval({ config }: State): Millis {
  const { keepalive } = config.timing;
  return keepalive > LONG_INTERVAL ? keepalive : LONG_INTERVAL;
}

function intervalOf(state: State, { inquiry, interval }: Question): Millis {
  const isAnswered = inquiry.probing !== undefined && inquiry.probing.since === undefined;
  if (inquiry.heldOff !== undefined || isAnswered) return longInterval(state);
  return interval;
}

/** What was asked long ago says nothing of now. */
function isStale(state: State, question: Question): boolean {
  const { probing } = question.inquiry;
  if (probing === undefined) return true;
  return elapsed(probing.last, state.now) > 4 * intervalOf(state, question) + LONG_INTERVAL;
}

/** Asks at once if nothing was asked lately, and again while an answer comes. */
function ask(turn: Turn, question: Question): void {
  const { state } = turn;
  const { inquiry, ips } = question;
  const { probing, heldOff } = inquiry;
  const interval = intervalOf(state, question);
  if (ips.length === 0) return;
  if (probing !== undefined && state.now < after(probing.last, interval)) return;
  if (!probe(turn, ips)) return;
  const isAnew = isStale(state, question);
  const since = isAnew ? state.now : (probing?.since ?? state.now);
  // Nor does it count as silence that nobody was asked.
  if (isAnew && heldOff !== undefined) inquiry.answered = { mac: heldOff.mac, at: state.now };
  inquiry.probing = { since, last: state.now };
}

/** Asks for what a peer holds in the last moments before it is called dead. */
export function probeDying(turn: Turn): void {
  const { state } = turn;
  if (leaseOf(state) === undefined || state.config.fencing !== undefined) return;
  for (const peer of state.peers.values()) {
    const at = lastMoments(state, peer);
    if (at === undefined) continue;
    const group = [...state.groups.values()].find((each) => claimed(peer, each));
    if (state.now < at) Object.assign(peer.inquiry, { heldOff: undefined, probing: undefined });
    else if (group?.config.nodes.includes(state.config.self) === true) {
      ask(turn, questionOf(state, peer, group));
    }
  }
}

/** From when on a peer that lives no more is silent for its clients, and is not called dead yet. */
function lastMoments(state: State, peer: Peer): Instant | undefined {
  if (!isAlive(peer) || peer.original !== undefined || peer.lease === undefined) return undefined;
  if (peer.claims.length === 0) return undefined;
  const dead = after(peer.judgedFrom, peer.deadtime);
  // The first half of the margin is for clocks and timers.
  const usual = instant(dead - marginOf(state) / 2);
  const early = unreachableFrom(state, peer);
  return early !== undefined && early < usual ? early : usual;
}

/** Of one that is not given the rest of deadtime no question is left to what else may happen. */
function askedAgain(state: State, peer: Peer): Instant | undefined {
  const { probing } = peer.inquiry;
  if (probing === undefined || unreachableFrom(state, peer) === undefined) return undefined;
  return isAlive(peer) ? after(probing.last, patienceOf(state)) : undefined;
}

/** When the network is to be asked, or an answer is late, if nothing happens. */
export function conflictDue(state: State): readonly (Instant | undefined)[] {
  if (leaseOf(state) === undefined) return [];
  const { now } = state;
  const dying = [...state.peers.values()].flatMap((peer) => [
    lastMoments(state, peer),
    askedAgain(state, peer),
  ]);
  const isAnyAsked = [...state.peers.values()].some(({ inquiry }) => inquiry.probing !== undefined);
  const asked = [...state.groups.values()].flatMap((group) => {
    if (!isAnyAsked && group.usage.inquiry.probing === undefined) return [];
    if (!isDoubtful(state, group)) return [];
    const question = questionAbout(state, group);
    const { inquiry, patience, silence } = question;
    const { probing, heldOff } = inquiry;
    if (probing === undefined) return [];
    return [
      after(probing.last, patience),
      after(probing.last, intervalOf(state, question)),
      probing.since === undefined ? undefined : after(probing.since, silence),
      heldOff === undefined ? undefined : freeAt(state, question.answered),
    ];
  });
  return [...dying, ...asked, mayAskAt(state)].filter((at) => at !== undefined && at > now);
}
