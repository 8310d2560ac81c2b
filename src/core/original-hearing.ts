/**
 * What a message of an original changes in what this node knows: who lives, in which life, and what
 * is new. What it says of groups is in handover-hearing.ts.
 */
import { unreachable } from "../std/assert.ts";
import { elapsed } from "../std/time.ts";
import { diedThere, recordReport, recordStep, recordWish } from "./handover-hearing.ts";
import { recordEqual, recordPingCount, recordWorse } from "./ipfail.ts";
import { recordGrant, recordRequest } from "./legacy.ts";
import { hearOnLink, newLink } from "./link.ts";
import type { OriginalMessage, Saying } from "./original-message.ts";
import { acknowledge, repeat, showsHearing, takeNumber } from "./original-order.ts";
import type { Original, OriginalPeer } from "./original.ts";
import { askAnew, forgetTalk, isPair, newOriginal, say } from "./original.ts";
import type { Peer } from "./peer.ts";
import { clampDeadtime, isAlive } from "./peer.ts";
import { restate } from "./sides.ts";
import { countRejected, tellClash } from "./tally.ts";
import type { Turn } from "./turn.ts";
import { tell } from "./turn.ts";
import type { MediumName } from "./types.ts";

export function recordOriginal(turn: Turn, medium: MediumName, message: OriginalMessage): void {
  const { state } = turn;
  if (message.from === state.config.self) {
    // On a broadcast medium this node hears itself, in this life or the one before.
    if (message.generation > state.generation) tellClash(turn, message.from, medium);
    return;
  }
  const peer = state.peers.get(message.from);
  if (peer === undefined) return countRejected(turn, { medium, reason: "foreign-node", count: 1 });
  const original = meet(turn, peer, message);
  if (message.generation < peer.generation) {
    return countRejected(turn, { medium, reason: "replayed", count: 1 });
  }
  // Until it has said a status there is nothing to understand it by.
  if (original === undefined || message.generation !== peer.generation) return;
  if (message.sequence !== undefined) {
    const { generation, sequence } = message;
    hearLink(turn, peer, medium, { generation, sequence });
    if (!takeNumber(peer, original, sequence, state.now)) return;
    acknowledge(turn, { peer, original }, sequence);
  }
  if (message.dest !== undefined && message.dest !== state.config.self) {
    return overhear(turn, { peer, original }, message);
  }
  if (message.dest !== undefined && showsHearing(original, message, state.sequence)) {
    original.heardUsAt = state.now;
  }
  if (isAlive(peer) || message.saying.type === "status") {
    record(turn, { peer, original }, message.saying, message.sequence ?? 0);
  }
}

/** What it says to itself: it takes a group without asking, because it has not seen us active. */
function overhear(turn: Turn, pair: OriginalPeer, { dest, saying }: OriginalMessage): void {
  if (saying.type !== "ip-request-resp" || dest !== pair.peer.name) return;
  if (turn.state.config.isLegacy) recordRequest(turn, pair, saying);
}

/**
 * Only a status tells of a new life (heartbeat.c: nothing else raises the generation), and only it
 * shows that a peer is an original at all.
 */
function meet(turn: Turn, peer: Peer, message: OriginalMessage): Original | undefined {
  const isNewLife = message.generation > peer.generation;
  if (message.saying.type !== "status" || (peer.original !== undefined && !isNewLife)) {
    return peer.original;
  }
  if (!isNewLife && peer.everHeard) return undefined;
  const { now } = turn.state;
  const before = isAlive(peer) ? peer.original : undefined;
  const original = before ?? newOriginal(now);
  forgetTalk(original, now);
  original.interrupted = undefined;
  original.hasLeft = false;
  peer.original = original;
  peer.boot = "";
  peer.phase = "init";
  peer.generation = message.generation;
  peer.sequence = 0;
  peer.acked = undefined;
  peer.hears = [];
  peer.digest = "";
  peer.reach = undefined;
  for (const link of peer.links.values()) link.sequence = 0;
  if (before !== undefined) tell(turn, { code: "peer-restarted", peer: peer.name });
  return original;
}

function hearLink(
  turn: Turn,
  peer: Peer,
  medium: MediumName,
  mark: { readonly generation: number; readonly sequence: number },
): void {
  if (!turn.state.media.has(medium)) return;
  const link = peer.links.get(medium) ?? newLink(medium);
  peer.links.set(medium, link);
  tell(turn, hearOnLink(link, peer.name, mark, turn.state.now));
}

function record(turn: Turn, pair: OriginalPeer, saying: Saying, sequence: number): void {
  const { original } = pair;
  switch (saying.type) {
    case "status":
      return recordStatus(turn, pair, saying);
    case "shutdone":
      return recordLastWord(turn, pair);
    case "reqnodes":
      return recordQuestion(turn, pair);
    case "repnodes":
      return recordAcquaintance(turn, pair);
    case "starting":
      return recordStarting(turn, pair);
    case "resource":
      return recordReport(turn, pair, saying, sequence);
    case "ask_resources":
      return recordStep(turn, pair, saying);
    case "hb_takeover":
      return recordWish(turn, pair, saying);
    case "NS_rexmit":
      return repeat(turn, pair, saying);
    case "NS_nak_rexmit":
      original.missing.delete(saying.sequence);
      return undefined;
    case "ip-request":
      return recordRequest(turn, pair, saying);
    case "ip-request-resp":
      return recordGrant(turn, pair, saying);
    case "num_ping_nodes":
      return recordPingCount(turn, pair, saying);
    case "you_are_dead":
      return recordWorse(turn, pair);
    case "abort_giveup":
      return recordEqual(turn, pair);
    case "stonith":
      // One that comes behind a later report is of the time before that.
      if (saying.node !== turn.state.config.self || sequence < original.reportedIn)
        return undefined;
      return diedThere(turn, pair);
    case "NS_ackmsg":
    case "unknown":
      return undefined;
    default:
      return unreachable(saying);
  }
}

/**
 * With `legacy`, it takes its groups without asking if it is answered before it has noticed that
 * somebody is active here; it notices twice a second, and asks again after a second.
 */
function recordQuestion(turn: Turn, { peer, original }: OriginalPeer): void {
  const { self, peers, isLegacy } = turn.state.config;
  const isFirst = !original.hasAsked;
  original.hasAsked = true;
  if (isFirst && isLegacy) return;
  say(turn, { type: "repnodes", nodes: [self, ...peers] }, peer.name);
}

/** It has heard this life of ours; what else of it was said before may have been lost. */
function recordAcquaintance(turn: Turn, { original }: OriginalPeer): void {
  const isFirst = !original.knowsUs;
  original.knowsUs = true;
  original.hasReplacedUs = false;
  if (isFirst && original.told !== undefined && original.handover.at === "none") {
    askAnew(turn, original);
  }
}

function recordLastWord(turn: Turn, pair: OriginalPeer): void {
  const { peer, original } = pair;
  original.hasLeft = true;
  peer.liveness = "left";
  original.holds = [];
  forgetTalk(original, turn.state.now);
  restate(turn, pair);
  tell(turn, { code: "peer-left", peer: peer.name });
}

function recordStarting(turn: Turn, { peer, original }: OriginalPeer): void {
  original.status = "active";
  peer.phase = "active";
  original.isStable = false;
  original.awaitsReport = true;
  if (!original.hasReported) original.askReportAt = turn.state.now;
}

function recordStatus(
  turn: Turn,
  pair: OriginalPeer,
  saying: Extract<Saying, { type: "status" }>,
): void {
  const { peer, original } = pair;
  const { now, config } = turn.state;
  if (original.hasLeft) return;
  const before = peer.liveness;
  const silent = elapsed(peer.heard, now);
  peer.heard = now;
  peer.judgedFrom = now;
  peer.liveness = "up";
  peer.deadtime = clampDeadtime(saying.deadtime ?? config.timing.deadtime);
  original.status = saying.status;
  original.acknowledges = saying.acknowledges;
  if (saying.status === "active" && peer.phase !== "leaving") peer.phase = "active";
  if (saying.status === "init" || saying.status === "up") peer.phase = saying.status;
  if (before !== "up" && before !== "late") {
    // What it said while it was not heard is no longer so.
    original.missing.clear();
    greet(turn, peer, before === "dead", silent);
  }
  restate(turn, pair);
}

function greet(turn: Turn, peer: Peer, wasDead: boolean, silent: ReturnType<typeof elapsed>): void {
  const { now } = turn.state;
  peer.aliveSince = now;
  turn.urgent = true;
  const code = isPair(turn.state) ? "peer-original" : "original-among-many";
  if (!peer.everHeard || !wasDead) tell(turn, { code: "peer-up", peer: peer.name });
  else tell(turn, { code: "peer-returned", peer: peer.name, silent });
  tell(turn, { code, peer: peer.name });
  peer.everHeard = true;
}
