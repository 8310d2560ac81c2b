/**
 * Brings every group one move nearer to where it belongs.
 *
 * Asks the same questions at every turn, whatever has happened: who claims it, where does it
 * belong, how far are we. No flag says that a takeover is due.
 */
import type { Instant } from "../std/time.ts";
import { after, millis, seconds } from "../std/time.ts";
import { hearsUs, isAgreed, knowsUs } from "./agreement.ts";
import { announceNow } from "./announce.ts";
import { isJustPlugged, trustCarrier, trustDue } from "./carrier.ts";
import { isUnused } from "./conflict.ts";
import { fenceSentence, isClearOfDead, suspectsOf } from "./fence.ts";
import type { Group } from "./group.ts";
import { addressesOf, doubtOf, isClaimed, obstacleOf } from "./group.ts";
import { handoverOf, mayGiveUp } from "./handover.ts";
import { mayAnswer } from "./lease.ts";
import { isMaintained, sparesDead } from "./maintenance.ts";
import { livingOriginal } from "./original.ts";
import type { Peer } from "./peer.ts";
import { claimOf, isAlive, stanceOf } from "./peer.ts";
import type { Candidate } from "./placement.ts";
import { candidatesOf, homeOf, mustLetGo, placeElsewhere, placeOf } from "./placement.ts";
import { rivalryOver } from "./rival.ts";
import type { State } from "./state.ts";
import type { GiveUpOrder, TakeOrder } from "./transition.ts";
import { giveUp, stopAgain, take } from "./transition.ts";
import type { Claimant, Turn } from "./turn.ts";
import { isDue, markChanged, setLocal, tell } from "./turn.ts";
import type { GroupName, NodeName, TakeReason } from "./types.ts";
import { usurperOf } from "./usurper.ts";
import { hasVote } from "./witness.ts";

export function settleGroups(turn: Turn): void {
  turn.claimants = claimantsOf(turn.state);
  for (const group of turn.state.groups.values()) {
    expireWords(turn, group);
    settleRivalry(turn, group);
    settle(turn, group);
    tellIfUnserved(turn, group);
  }
}

function settle(turn: Turn, group: Group): void {
  // An address is just being put back or cleared away: what it will be is not known yet.
  if (group.mending !== undefined) return;
  const { local } = group;
  switch (local.at) {
    case "stopped":
      return considerTaking(turn, group);
    case "starting": {
      const order = local.abort === undefined ? reasonToGiveUp(turn, group) : undefined;
      if (order !== undefined && mayGiveUp(turn, group, order)) giveUp(turn, group, order);
      return;
    }
    case "held": {
      unpin(turn, group);
      const order = reasonToGiveUp(turn, group);
      if (order !== undefined && mayGiveUp(turn, group, order)) giveUp(turn, group, order);
      return;
    }
    case "stopping":
      return;
    case "stuck":
      if (isDue(local.retryAt, turn)) stopAgain(turn, group);
      return;
    case "refused":
      if (isDue(local.retryAt, turn) && placeElsewhere(turn.state, group) === undefined) {
        setLocal(turn, group, { at: "stopped" });
        considerTaking(turn, group);
      }
      return;
  }
}

/** Words of this node about a group that have had their time. */
function expireWords(turn: Turn, group: Group): void {
  const { wants, yields } = group;
  const isStuck = claimantOf(turn, group)?.at === "stuck";
  if (wants !== undefined && (isStuck || isDue(wants.until, turn))) expireWish(turn, group);
  endRest(turn, group);
  trustCarrier(turn, group);
  if (yields === undefined) return;
  const taker = turn.state.peers.get(yields.to);
  const claim = taker === undefined ? undefined : claimOf(taker, group.config.name);
  const isTaken = claim?.at === "held";
  if (!isTaken && !isDue(yields.until, turn)) return;
  if (claim?.at === "starting") {
    // It has begun: what takes time now is the start of its resources there.
    group.yields = { ...yields, until: after(turn.state.now, seconds(1)) };
    return;
  }
  if (!isTaken) {
    group.refusal = `${yields.to} did not take it`;
    tell(turn, { code: "move-failed", group: group.config.name, reason: group.refusal });
  }
  group.yields = undefined;
  markChanged(turn, group);
}

/** The operator has said something else since, at the node that it was moved to. */
function endRest(turn: Turn, group: Group): void {
  if (group.resting === undefined) return;
  const { peers, config } = turn.state;
  const isGiven = [...peers.values()].some((peer) => {
    const stance = isAlive(peer) ? stanceOf(peer, group.config.name) : undefined;
    return stance?.at === "yields" && stance.to === config.self;
  });
  if (!isGiven) return;
  group.resting = undefined;
  markChanged(turn, group);
}

function expireWish(turn: Turn, group: Group): void {
  const holder = claimantOf(turn, group);
  if (holder !== undefined && holder.at === "stopping") {
    // On its way: what takes time now is the end of its resources there.
    group.wants = { until: after(turn.state.now, seconds(1)) };
    return;
  }
  group.wants = undefined;
  group.refusal = holder === undefined ? unfenced(turn, group) : refusalOf(holder);
  markChanged(turn, group);
  tell(turn, { code: "move-failed", group: group.config.name, reason: group.refusal });
}

/** Why nobody holds it, and it was not taken all the same. */
function unfenced({ state }: Turn, group: Group): string {
  const mac = group.usage.heldOff?.mac;
  if (mac !== undefined) {
    const peer = [...state.peers.values()].find(({ macs }) => macs.includes(mac))?.name;
    const who = peer === undefined ? mac : `${peer}, which is not heard,`;
    return `${who} answers for it; if you are sure that it is off, write understudy confirm NODE`;
  }
  const [suspect] = suspectsOf(state, group);
  const sentence = suspect === undefined ? undefined : fenceSentence(state, suspect);
  return sentence ?? "it could not be agreed on";
}

function refusalOf(holder: Claimant): string {
  return holder.at === "stuck"
    ? `${holder.node} cannot give it up: a resource does not stop there`
    : `${holder.node} keeps it`;
}

/** The living peer that claims the group. */
function claimantOf(turn: Turn, group: Group): Claimant | undefined {
  return turn.claimants.get(group.config.name);
}

/** Once in a turn: of every group the first one. */
function claimantsOf({ peers }: State): Turn["claimants"] {
  const claimants = new Map<GroupName, Claimant>();
  for (const peer of peers.values()) {
    if (!isAlive(peer)) continue;
    for (const { group, at } of peer.claims) {
      if (!claimants.has(group)) claimants.set(group, { node: peer.name, at });
    }
  }
  return claimants;
}

function considerTaking(turn: Turn, group: Group): void {
  const { state } = turn;
  if (claimantOf(turn, group) !== undefined) group.usage.heldOff = undefined;
  if (group.next !== undefined || claimantOf(turn, group) !== undefined) return;
  // A large cluster starts sooner if nobody thinks of places before all are known.
  if (state.away !== undefined || isAnyUnknown(state)) return;
  const candidates = candidatesOf(state, group);
  if (placeOf(candidates) !== state.config.self) return;
  turn.wantsToTake = true;
  if (!isAgreed(state, group)) return;
  if (mustLetOthersSpeak(turn, group)) return;
  const order = takeOrder(turn, group, candidates);
  if (sparesDead(state) && !isAskedFor(order.reason) && !group.wasOurs) return;
  if (isJustPlugged(state) && !isAskedFor(order.reason)) return;
  if (!isClearOfDead(turn, group) || !hasVote(state)) return;
  if (!mayAnswer(state) || !isUnused(turn, group)) return;
  take(turn, group, order);
}

function isAnyUnknown({ peers }: State): boolean {
  for (const { liveness } of peers.values()) if (liveness === "unknown") return true;
  return false;
}

/** Whether it was given to this node, or the operator has stopped its holder: also in maintenance. */
function isAskedFor(reason: TakeReason): boolean {
  return ["takeover", "standby", "peer-left", "failback"].includes(reason);
}

/** What all have agreed on means the same to all only if their files are the same. */
const KEEPALIVES_TO_WAIT = 3;

/**
 * Nodes with other files may each find that the group is theirs. Of these the one with the lowest
 * name takes it at once; another one only when nobody has spoken for a while.
 */
function mustLetOthersSpeak(turn: Turn, group: Group): boolean {
  const { peers, config, now } = turn.state;
  const others = [...peers.values()].filter(
    (peer) => isAlive(peer) && peer.original === undefined && peer.digest !== config.digest,
  );
  if (others.every(({ name }) => config.self < name)) return false;
  const patience = millis(KEEPALIVES_TO_WAIT * config.timing.keepalive);
  return now < after(group.unservedSince ?? now, patience);
}

function takeOrder(turn: Turn, group: Group, candidates: readonly Candidate[]): TakeOrder {
  const { seen } = group;
  const reason = takeReason(turn, group, candidates);
  const isHome = homeOf(group.config) === turn.state.config.self;
  const giver = candidates.find(({ node }) => node === seen?.holder);
  return {
    reason,
    from: seen?.holder,
    cause: reason === "peer-refused" ? giver?.obstacle : undefined,
    lostAt: seen?.lastAt ?? group.unservedSince ?? turn.state.now,
    pinned: !isHome && (reason === "takeover" || reason === "standby"),
  };
}

function takeReason(turn: Turn, group: Group, candidates: readonly Candidate[]): TakeReason {
  const { state } = turn;
  if (group.wants !== undefined) return "takeover";
  const { seen } = group;
  const from = seen === undefined ? undefined : state.peers.get(seen.holder);
  if (seen === undefined || from === undefined) return "start";
  if (from.liveness === "dead") return "peer-dead";
  if (from.liveness === "left" || from.phase === "leaving") return "peer-left";
  const stance = stanceOf(from, group.config.name);
  if (stance?.at === "refuses") return "peer-refused";
  if (stance?.at !== "yields") return "start";
  const isHome = candidates[0]?.node === state.config.self;
  return isHome && state.config.autoFailback && !seen.pinned ? "failback" : "standby";
}

/** Why a group that is held, or being taken, is not to stay. */
function reasonToGiveUp(turn: Turn, group: Group): GiveUpOrder | undefined {
  const { state } = turn;
  if (state.leaving !== undefined) return { why: "leaving", to: undefined };
  if (group.next !== undefined) return { why: "unconfigured", to: undefined };
  const rivalry = rivalryOver(state, group);
  if (rivalry !== undefined && rivalry.winner !== state.config.self) {
    return { why: "conflict", to: rivalry.winner };
  }
  const usurper = usurperOf(turn, group);
  if (usurper !== undefined) return { why: "conflict", to: usurper };
  if (isMaintained(state)) return handoverOf(state, group) ?? operatorsWord(turn, group);
  if (mustLetGo(state, group)) return { why: "ineligible", to: canStayFor(state, group) };
  return (
    handoverOf(state, group) ??
    operatorsWord(turn, group) ??
    toThePlugged(state, group) ??
    failback(state, group)
  );
}

/**
 * Nobody can reach here what has no carrier: it goes to a node that can take it now, and has said so
 * knowing of this. If a switch has failed, that one has lost its carrier too, and nothing moves.
 */
function toThePlugged(state: State, group: Group): GiveUpOrder | undefined {
  if (doubtOf(group) === undefined) return undefined;
  const able = candidatesOf(state, group).find(({ node, obstacle }) => {
    const peer = state.peers.get(node);
    if (peer === undefined || obstacle !== undefined) return false;
    const knows = peer.original !== undefined || knowsUs(peer, state, group.saidSince);
    // One that is silent itself answers for nothing new either.
    return knows && peer.lease !== 0 && isReceptive(state, group, peer);
  });
  return able && { why: "unplugged", to: able.node };
}

/** Whether a peer that can hold the group is there to take it at once. */
function isReceptive(state: State, group: Group, peer: Peer): boolean {
  if (peer.liveness !== "up" || peer.phase !== "active" || peer.isMaintained) return false;
  return hearsUs(peer, state) && claimOf(peer, group.config.name) === undefined;
}

/** The original that a group may wait for here, though it would be better there. */
function canStayFor(state: State, group: Group): NodeName | undefined {
  return obstacleOf(group) === undefined ? livingOriginal(state)?.peer.name : undefined;
}

function operatorsWord(turn: Turn, group: Group): GiveUpOrder | undefined {
  const { state } = turn;
  const { self } = state.config;
  const wanting = candidatesOf(state, group).find(
    ({ node, obstacle, stance }) =>
      node !== self && obstacle === undefined && stance?.at === "wants",
  );
  if (wanting !== undefined) return { why: "takeover", to: wanting.node };
  if (!group.standby) return undefined;
  const to = placeElsewhere(state, group);
  if (to !== undefined) return { why: "standby", to };
  group.standby = false;
  group.refusal = "no other node can take it";
  tell(turn, { code: "move-failed", group: group.config.name, reason: group.refusal });
  return undefined;
}

/** A group goes home when its home is back, whole, and hears us. */
function failback(state: State, group: Group): GiveUpOrder | undefined {
  const { local } = group;
  const home = homeOf(group.config);
  if (!state.config.autoFailback || home === undefined || home === state.config.self) {
    return undefined;
  }
  if (local.at !== "held" || local.taking.pinned) return undefined;
  const peer = state.peers.get(home);
  if (peer === undefined || !isReceptive(state, group, peer)) return undefined;
  if (!isAsConnected(state, peer)) return undefined;
  const able = candidatesOf(state, group).some(
    ({ node, obstacle, stance }) =>
      node === home && obstacle === undefined && stance?.at !== "yields",
  );
  return able ? { why: "failback", to: home } : undefined;
}

/** A home that has just begun does not know yet which ping nodes it reaches. */
function isAsConnected({ reach }: Turn["state"], peer: Peer): boolean {
  if (reach === undefined) return true;
  return peer.reach === undefined ? peer.original !== undefined : peer.reach >= reach;
}

/** The operator's word holds until his next one, but an original that was away knows nothing of it. */
function unpin(turn: Turn, group: Group): void {
  const { local } = group;
  if (local.at !== "held" || !local.taking.pinned) return;
  const home = homeOf(group.config);
  const peer = home === undefined ? undefined : turn.state.peers.get(home);
  if (peer?.original === undefined) return;
  if (isAlive(peer) && peer.aliveSince <= local.since) return;
  setLocal(turn, group, { ...local, taking: { ...local.taking, pinned: false } });
}

function settleRivalry(turn: Turn, group: Group): void {
  const { state } = turn;
  const rivalry = rivalryOver(state, group);
  const name = group.config.name;
  // Of two that claim it one may be silent, and says so: then nobody but the other answers.
  const isQuiet = state.lease.lapsed !== undefined || isLapsed(state, rivalry?.peer);
  if (rivalry !== undefined && rivalry.peer !== group.rival && !isQuiet) {
    group.rival = rivalry.peer;
    const { peer, winner } = rivalry;
    tell(turn, { code: "split-brain", group: name, peer, winner });
  }
  if (rivalry !== undefined || group.rival === undefined) return;
  if (group.local.at === "held") {
    if (isStillAt(state, group.rival, group)) return;
    // Whoever asked meanwhile may have been told the other's hardware address.
    announceNow(
      turn,
      group,
      addressesOf(group.config).map(({ ip }) => ip),
    );
    tell(turn, { code: "split-brain-over", group: name, holder: state.config.self });
    group.rival = undefined;
  } else if (group.local.at === "stopped" || group.local.at === "refused") {
    tell(turn, { code: "split-brain-over", group: name, holder: group.rival });
    group.rival = undefined;
  }
}

function isLapsed({ peers }: State, name: NodeName | undefined): boolean {
  return name !== undefined && peers.get(name)?.lease === 0;
}

/** An original answers until its scripts have ended: one of our kind lets go of its addresses first. */
function isStillAt({ peers }: State, rival: NodeName, group: Group): boolean {
  const peer = peers.get(rival);
  return peer?.original !== undefined && claimOf(peer, group.config.name) !== undefined;
}

function tellIfUnserved(turn: Turn, group: Group): void {
  const { state } = turn;
  const isServed = isClaimed(group) || claimantOf(turn, group) !== undefined;
  group.unservedSince = isServed ? undefined : (group.unservedSince ?? state.now);
  if (isServed || !state.active || placeOf(candidatesOf(state, group)) !== undefined) {
    group.toldUnserved = false;
  } else if (!group.toldUnserved && state.leaving === undefined) {
    group.toldUnserved = true;
    tell(turn, { code: "group-unserved", group: group.config.name });
  }
}

/** When the next word or retry of a group is due. */
export function groupDue(group: Group, now: Instant): readonly (Instant | undefined)[] {
  const { local } = group;
  // A retry that is due and not made waits for something else to happen, not for time.
  const retryAt = local.at === "refused" && local.retryAt > now ? local.retryAt : undefined;
  return [
    group.wants?.until,
    group.yields?.until,
    trustDue(group),
    local.at === "stuck" && group.mending === undefined ? local.retryAt : retryAt,
  ];
}
