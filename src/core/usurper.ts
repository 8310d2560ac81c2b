/**
 * A peer that is not heard seems to hold what is held here: both took it while they could not hear
 * each other. One frame proves nothing, anybody can send it; so the network is asked, and whoever
 * stands earlier in the files keeps the group if two of three questions are answered with the
 * hardware address of that peer.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, millis } from "../std/time.ts";
import type { Group } from "./group.ts";
import type { Peer } from "./peer.ts";
import { probe, sampleOf } from "./probe.ts";
import { leaseOf } from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import type { NodeName } from "./types.ts";

const QUESTIONS = 3;
const NEEDED = 2;
const EVERY: Millis = millis(400);
/** An answer comes at once: later ones were not asked for. */
const ANSWER_WITHIN: Millis = millis(50);

/** The peer that this node has to give way to, once that is certain. Asks what that needs. */
export function usurperOf(turn: Turn, group: Group): NodeName | undefined {
  const { state } = turn;
  const { usage } = group;
  if (leaseOf(state) === undefined || group.local.at !== "held") return undefined;
  const peer = suspectOf(state, group);
  if (peer === undefined) {
    usage.challenge = undefined;
    return undefined;
  }
  count(state, group);
  const { challenge } = usage;
  if (challenge !== undefined && challenge.hits >= NEEDED) {
    usage.challenge = undefined;
    // Given way to once, it is only announced against: or whoever can forge a frame could go on.
    usage.gaveWayTo = lifeOf(peer);
    return peer.name;
  }
  askOn(turn, group);
  return undefined;
}

/** A silent peer, earlier in the files, by whose hardware address what is held here was used. */
function suspectOf(state: State, group: Group): Peer | undefined {
  const { usage, config } = group;
  const mac = usage.challenge?.mac ?? freshSign(state, group);
  if (mac === undefined) return undefined;
  const rank = (node: NodeName): number => config.nodes.indexOf(node);
  return [...state.peers.values()].find(
    (peer) =>
      peer.liveness === "dead" &&
      !peer.isOff &&
      peer.lease !== undefined &&
      peer.macs.includes(mac) &&
      rank(peer.name) >= 0 &&
      rank(peer.name) < rank(state.config.self) &&
      usage.gaveWayTo !== lifeOf(peer),
  );
}

function freshSign({ now }: State, { usage }: Group): string | undefined {
  return usage.sighted?.at === now ? usage.sighted.mac : undefined;
}

function lifeOf({ name, boot, aliveSince }: Peer): string {
  return `${name} ${boot} ${aliveSince}`;
}

function count(state: State, group: Group): void {
  const { usage } = group;
  const { challenge } = usage;
  if (challenge === undefined || challenge.isHit || freshSign(state, group) !== challenge.mac)
    return;
  if (state.now > after(challenge.lastAt, ANSWER_WITHIN)) return;
  usage.challenge = { ...challenge, isHit: true, hits: challenge.hits + 1 };
}

function askOn(turn: Turn, group: Group): void {
  const { state } = turn;
  const { usage } = group;
  const mac = usage.challenge?.mac ?? freshSign(state, group);
  if (mac === undefined) return;
  const { asked, hits, lastAt } = usage.challenge ?? { asked: 0, hits: 0, lastAt: undefined };
  if (lastAt !== undefined && state.now < after(lastAt, EVERY)) return;
  if (asked === QUESTIONS) {
    usage.challenge = undefined;
    return;
  }
  if (!probe(turn, sampleOf([group]))) return;
  usage.challenge = { mac, asked: asked + 1, hits, lastAt: state.now, isHit: false };
}

export function usurperDue({ groups, now }: State): readonly (Instant | undefined)[] {
  return [...groups.values()].map(({ usage: { challenge }, local }) => {
    if (challenge === undefined || local.at !== "held") return undefined;
    const at = after(challenge.lastAt, EVERY);
    return at > now ? at : undefined;
  });
}
