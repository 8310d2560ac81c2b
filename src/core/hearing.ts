/**
 * What a heartbeat changes in what this node knows, and what silence does.
 */
import type { Instant } from "../std/time.ts";
import { after, elapsed } from "../std/time.ts";
import { hearsUs } from "./agreement.ts";
import { answer, isSmall } from "./answers.ts";
import { noteClaims } from "./claims.ts";
import { isClaimed } from "./group.ts";
import type { RejectReason } from "./input.ts";
import type { LinkLimits } from "./link.ts";
import { hearOnLink, judgeLink, linkJudgementDue, newLink } from "./link.ts";
import { hearMaintenance } from "./maintenance.ts";
import { isNews } from "./news.ts";
import { beginAnew, forgetTalk } from "./original.ts";
import type { Peer } from "./peer.ts";
import { forgive, hear, isAlive, judge } from "./peer.ts";
import { forgiveReach } from "./reach.ts";
import { interruptionOf } from "./sides.ts";
import type { State } from "./state.ts";
import { countRejected, tellClash } from "./tally.ts";
import type { Turn } from "./turn.ts";
import { tell } from "./turn.ts";
import type { MediumName, Message } from "./types.ts";
import { deadAt } from "./unreachable.ts";

export function recordMessage(turn: Turn, medium: MediumName, message: Message): void {
  const { state } = turn;
  if (message.from === state.config.self) {
    // On a broadcast medium this node hears itself. Another boot is another machine.
    if (message.boot !== state.boot) tellClash(turn, message.from, medium);
    return;
  }
  const peer = state.peers.get(message.from);
  if (peer === undefined) return reject(turn, medium, "foreign-node");
  const hasNews = isNews(state, peer, message);
  const ack = ackIn(state, message);
  const proven = ack !== undefined && !isAlive(peer) && ack.sequence > peer.heardAfter;
  const before = peer.boot;
  const silent = elapsed(peer.heard, state.now);
  const heard = hear(peer, message, proven, state.now);
  if (heard.type === "old") {
    if (message.boot === peer.boot) hearLink(turn, peer, medium, message);
    else reject(turn, medium, "replayed");
    return;
  }
  if (hasNews) turn.hasNews = true;
  if (peer.boot !== before) forgetMarks(peer);
  hearLink(turn, peer, medium, message);
  peer.heardAfter = state.sequence;
  if (ack !== undefined && ack.sequence >= (peer.acked?.sequence ?? 0)) peer.acked = ack;
  const { keepalive } = state.config.timing;
  // Who was not heard for a while may not have heard us either.
  if (heard.changed || silent >= 2 * keepalive) answer(state);
  followHolder(turn, message);
  hearMaintenance(turn, message);
  tell(turn, heard.notice);
  noteClaims(turn, peer);
}

/**
 * Who holds something is answered as soon as it has spoken, so that its lease is not older than its
 * last heartbeat. Our own timer waits a little longer than a keepalive for that. Of two that both hold
 * something the one follows whose name comes later.
 */
function followHolder(turn: Turn, message: Message): void {
  const { state } = turn;
  const { config, now } = state;
  if (message.lease === undefined || message.claims.length === 0 || !isSmall(state)) return;
  const holds = [...state.groups.values()].some(isClaimed);
  if (holds && config.self < message.from) return;
  const { keepalive } = config.timing;
  const last = state.sent.at(-1);
  if (last === undefined || elapsed(last.at, now) >= keepalive / 2) answer(state);
  turn.follows = true;
  turn.hasNews = true;
}

function reject(turn: Turn, medium: MediumName, reason: RejectReason): void {
  countRejected(turn, { medium, reason, count: 1 });
  turn.hasNews = true;
}

/** Our heartbeat that the message was sent knowing, if we sent it less than deadtime ago. */
function ackIn(state: State, message: Message): Peer["acked"] {
  const hearing = message.hears.find(({ node }) => node === state.config.self);
  const oldest = state.sent[0];
  if (hearing === undefined || oldest === undefined) return undefined;
  if (hearing.generation !== state.generation) return undefined;
  // What was said to an original meanwhile has left gaps.
  const sent = state.sent.findLast(({ sequence }) => sequence === hearing.sequence);
  if (sent === undefined) return undefined;
  // A reload may have made it shorter meanwhile, and the peer may have heard so.
  const { deadtime } = state.config.timing;
  const until = after(sent.at, sent.deadtime < deadtime ? sent.deadtime : deadtime);
  if (state.now >= until) return undefined;
  return { sequence: sent.sequence, sentAt: sent.at, until };
}

/** What came on its links in another life is no measure of what is new. */
function forgetMarks(peer: Peer): void {
  for (const link of peer.links.values()) {
    link.generation = 0;
    link.sequence = 0;
  }
}

function hearLink(turn: Turn, peer: Peer, medium: MediumName, message: Message): void {
  if (!turn.state.media.has(medium)) return;
  const link = peer.links.get(medium) ?? newLink(medium);
  peer.links.set(medium, link);
  tell(turn, hearOnLink(link, peer.name, message, turn.state.now));
}

/** Draws the conclusions from silence. */
export function judgePeers(turn: Turn): void {
  const { state } = turn;
  if (isDeaf(state)) for (const peer of state.peers.values()) forgive(peer, state.now);
  for (const peer of state.peers.values()) {
    const notice = judge(peer, state.config.timing, state.now, deadAt(state, peer));
    tell(turn, notice);
    if (notice?.code === "peer-dead") buryOriginal(turn, peer);
    judgeLinks(turn, peer);
    tellDeafness(turn, peer);
    tellDifference(turn, peer);
  }
  if (state.active || [...state.peers.values()].some(({ liveness }) => liveness === "unknown")) {
    return;
  }
  state.active = true;
  // The phase travels with what is said of groups: peers wait for it before they give one back.
  state.changed = state.sequence + 1;
  turn.urgent = true;
  tell(turn, { code: "active" });
}

/**
 * An original that is heard again after it was called dead gives up everything if it finds that it
 * was cut off from the same life of ours; of a new one it thinks nothing.
 */
function buryOriginal(turn: Turn, { original }: Peer): void {
  if (original === undefined) return;
  const { handover } = original;
  if (handover.at !== "none") original.interrupted = interruptionOf(handover);
  forgetTalk(original, turn.state.now);
  original.holds = [];
  beginAnew(turn);
}

/** Without a medium that is open nothing can be heard, which says nothing about the peers. */
function isDeaf({ media }: State): boolean {
  return media.size > 0 && [...media.values()].every(({ canHear }) => !canHear);
}

function judgeLinks(turn: Turn, peer: Peer): void {
  const { state } = turn;
  const limits = linkLimits(state, peer);
  for (const link of peer.links.values()) {
    const news = judgeLink(link, peer.name, limits, state.now);
    // That the peer is late on every link is said of the peer.
    if (news?.code !== "link-late" || peer.liveness === "up") tell(turn, news);
  }
}

/** A peer that is away is late on no link. */
function linkLimits({ config }: State, { phase, deadtime }: Peer): LinkLimits {
  return { warntime: phase === "away" ? deadtime : config.timing.warntime, deadtime };
}

/** When a link of this peer may next have to be judged, if nothing comes. */
export function linksDue(state: State, peer: Peer): readonly (Instant | undefined)[] {
  const limits = linkLimits(state, peer);
  return [...peer.links.values()].map((link) => linkJudgementDue(link, limits));
}

/** Hears a peer, but is not heard by it for its deadtime: the link works one way only. */
function tellDeafness(turn: Turn, peer: Peer): void {
  const { state } = turn;
  if (!isAlive(peer)) peer.toldDeaf = false;
  // One that is late may not have said it yet, and one that is away says nothing.
  if (peer.liveness !== "up" || peer.phase === "away") return;
  // What it did not acknowledge while this node did not run, it was not asked.
  const since = [peer.acked?.sentAt ?? peer.aliveSince, peer.aliveSince, state.stalledAt];
  const { deadtime } = state.config.timing;
  const isOld = since.every((moment) => state.now >= after(moment, deadtime));
  const deaf = isOld && !hearsUs(peer, state);
  if (deaf === peer.toldDeaf) return;
  peer.toldDeaf = deaf;
  tell(turn, { code: deaf ? "peer-deaf" : "peer-hears-us", peer: peer.name });
}

function tellDifference(turn: Turn, peer: Peer): void {
  if (!isAlive(peer) || peer.original !== undefined) return;
  const differs = peer.digest !== turn.state.config.digest;
  if (differs === peer.toldDiffers) return;
  peer.toldDiffers = differs;
  tell(turn, { code: differs ? "peer-differs" : "peer-agrees", peer: peer.name });
}

/**
 * A node that did not run has heard nobody, which says nothing about them: after a stall (a
 * stopped VM, a suspended host, a blocked loop) every peer gets its whole deadtime again.
 */
export function forgiveStall(turn: Turn, before: State["now"]): void {
  const { state } = turn;
  const lost = elapsed(before, state.now);
  if (lost < state.config.timing.warntime) return;
  for (const peer of state.peers.values()) forgive(peer, state.now);
  forgiveReach(state);
  state.stalledAt = state.now;
  state.stalledFor = lost;
  tell(turn, { code: "stalled", lost });
}
