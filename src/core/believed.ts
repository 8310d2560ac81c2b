/**
 * Does the network believe who holds an address? A node that could hold a group asks the network for
 * it now and then, and says so if nobody answers, or somebody else than the holder. The holder
 * announces its addresses until that is over.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, millis, seconds } from "../std/time.ts";
import type { Group } from "./group.ts";
import { addressesOf, doubtOf } from "./group.ts";
import type { Peer } from "./peer.ts";
import { claimOf } from "./peer.ts";
import { mayAskAtLeisureAt, probeAtLeisure, sampleOf } from "./probe.ts";
import { rivalryOver } from "./rival.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, isDue, tell } from "./turn.ts";
import type { GroupName } from "./types.ts";
import type { Check } from "./usage.ts";

const CHECK_EVERY: Millis = seconds(60);
/** After a takeover the caches of others need a moment, and so they do after a wrong answer. */
const CHECK_AGAIN: Millis = seconds(1);
const ANSWER_WITHIN: Millis = millis(200);
/** A frame may be lost, and its repeat too. */
const MISSES = 3;

/** Asks, and judges what came. */
export function checkBelief(turn: Turn): void {
  const { state } = turn;
  for (const group of state.groups.values()) {
    const holder = holderOf(state, group);
    const of = holder === undefined ? undefined : questionOf(group, holder);
    if (holder === undefined || of === undefined) {
      group.check = undefined;
      continue;
    }
    if (group.check?.of !== of) {
      const nextAt = after(state.now, CHECK_AGAIN);
      group.check = { of, askedAt: undefined, nextAt, misses: 0 };
    }
    ask(turn, group, group.check, holder);
  }
}

/** The living peer that holds it whole, if it says by what hardware addresses it is reached. */
function holderOf(state: State, group: Group): Peer | undefined {
  if (group.local.at !== "stopped" || !group.config.nodes.includes(state.config.self)) {
    return undefined;
  }
  if (addressesOf(group.config).length === 0 || state.leaving !== undefined) return undefined;
  // What is asked without carrier is not asked.
  if (doubtOf(group) !== undefined) return undefined;
  return [...state.peers.values()].find(
    (peer) => peer.macs.length > 0 && claimOf(peer, group.config.name)?.at === "held",
  );
}

function questionOf(group: Group, peer: Peer): string {
  return `${peer.name} ${claimOf(peer, group.config.name)?.term}`;
}

function ask(turn: Turn, group: Group, check: Check, holder: Peer): void {
  const { now } = turn.state;
  const { askedAt } = check;
  if (askedAt !== undefined) {
    const { sighted } = group.usage;
    const seen = sighted !== undefined && sighted.at >= askedAt ? sighted.mac : undefined;
    if (seen === undefined && now < after(askedAt, ANSWER_WITHIN)) return;
    const isRight = seen !== undefined && holder.macs.includes(seen);
    const misses = isRight ? 0 : Math.min(check.misses + 1, MISSES);
    const nextAt = after(now, isRight ? CHECK_EVERY : CHECK_AGAIN);
    group.check = { ...check, askedAt: undefined, nextAt, misses };
  } else if (isDue(check.nextAt, turn)) {
    if (probeAtLeisure(turn, sampleOf([group]))) group.check = { ...check, askedAt: now };
  }
}

/** What this node says of the groups of others. */
export function doubtsOf({ groups }: State): readonly GroupName[] {
  return [...groups.values()].flatMap(({ config, check }) =>
    check !== undefined && check.misses >= MISSES ? [config.name] : [],
  );
}

/** How often what is held is announced while a peer finds that the network does not believe it. */
const INSIST_EVERY: Millis = seconds(1);
const TELL_EVERY: Millis = seconds(60);

/** Announces what is held and not believed, or used by another machine. */
export function insist(turn: Turn): void {
  const { state } = turn;
  for (const group of state.groups.values()) {
    const { usage } = group;
    if (group.local.at !== "held" || state.lease.lapsed !== undefined) continue;
    const doubter = [...state.peers.values()].find((peer) => doubts(peer, group));
    if ((doubter === undefined) === (group.doubter !== undefined)) {
      group.doubter = doubter?.name;
      const name = group.config.name;
      if (doubter === undefined) tell(turn, { code: "address-believed", group: name });
      else tell(turn, { code: "address-doubted", group: name, peer: doubter.name });
    }
    const isUsed = usage.sighted?.at === state.now && rivalryOver(state, group) === undefined;
    if (isUsed) tellUse(turn, group);
    if (doubter === undefined && !isUsed) continue;
    if (group.insistedAt !== undefined && !isDue(after(group.insistedAt, INSIST_EVERY), turn)) {
      continue;
    }
    group.insistedAt = state.now;
    act(turn, { type: "announce", ips: addressesOf(group.config).map(({ ip }) => ip) });
  }
}

function doubts(peer: Peer, group: Group): boolean {
  return peer.liveness === "up" && peer.doubts.includes(group.config.name);
}

function tellUse(turn: Turn, group: Group): void {
  const { usage, config, local } = group;
  const { now } = turn.state;
  // What the last holder said a moment ago may still be on its way.
  if (local.at !== "held" || now < after(local.since, CHECK_AGAIN)) return;
  if (usage.toldAt !== undefined && !isDue(after(usage.toldAt, TELL_EVERY), turn)) return;
  usage.toldAt = now;
  const mac = usage.sighted?.mac ?? "";
  tell(turn, { code: "address-in-use", group: config.name, mac });
}

/** When something of this file may next have to be looked at, if nothing happens. */
export function beliefDue(state: State): readonly (Instant | undefined)[] {
  const { groups, lease, now } = state;
  return [...groups.values()].map(({ check, doubter, insistedAt, local }) => {
    if (check !== undefined) {
      if (check.askedAt !== undefined) return after(check.askedAt, ANSWER_WITHIN);
      return check.nextAt > now ? check.nextAt : mayAskAtLeisureAt(state);
    }
    const insists = local.at === "held" && doubter !== undefined && lease.lapsed === undefined;
    return insists && insistedAt !== undefined ? after(insistedAt, INSIST_EVERY) : undefined;
  });
}
