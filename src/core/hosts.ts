/**
 * What the kernel of this node has, against what it must have.
 *
 * Level-triggered: whoever removes an address of a held group, it comes back; whatever of ours is
 * left of a group that is not held, it goes. Addresses that others added are left alone and told.
 */
import { addedIps, announceNow } from "./announce.ts";
import { noteCarrier } from "./carrier.ts";
import type { AddressResource, Group } from "./group.ts";
import { addressesOf, doubtOf, isClaimed, noteAddresses, obstacleOf } from "./group.ts";
import type { AddressFact } from "./input.ts";
import type { JobOutcome } from "./job.ts";
import { claimOf } from "./peer.ts";
import type { State } from "./state.ts";
import { giveUp } from "./transition.ts";
import type { Turn } from "./turn.ts";
import { markChanged, run, tell } from "./turn.ts";

export function recordHost(turn: Turn, facts: readonly AddressFact[]): void {
  for (const group of turn.state.groups.values()) {
    const doubt = doubtOf(group);
    const before = obstacleOf(group) ?? doubt;
    for (const fact of facts) if (fact.group === group.config.name) recordFact(turn, group, fact);
    noteCarrier(turn, group, doubt);
    const after = obstacleOf(group) ?? doubtOf(group);
    if (before === after) continue;
    markChanged(turn, group);
    const name = group.config.name;
    if (after !== undefined) tell(turn, { code: "group-obstructed", group: name, reason: after });
    else tell(turn, { code: "group-eligible", group: name });
  }
}

function recordFact(turn: Turn, group: Group, fact: AddressFact): void {
  const known = group.facts.get(fact.resource);
  const before = known?.present;
  group.facts.set(fact.resource, fact);
  announceMac(turn, group, known, fact);
  if (fact.present !== "foreign" || before === "foreign" || isClaimed(group)) return;
  tell(turn, { code: "address-foreign", group: group.config.name, resource: fact.resource });
}

/** The network has learnt the address that the interface had before. */
function announceMac(
  turn: Turn,
  group: Group,
  before: AddressFact | undefined,
  { mac }: AddressFact,
): void {
  if (group.local.at !== "held" || before?.mac === undefined || mac === undefined) return;
  if (before.mac !== mac) announceNow(turn, group, addedIps(group, group.config.resources.length));
}

/** Puts back what is missing, and clears away what is left. */
export function mendAddresses(turn: Turn): void {
  for (const group of turn.state.groups.values()) {
    if (group.mending !== undefined) continue;
    if (group.local.at === "held") putBack(turn, group);
    else if (!isClaimed(group) || isTaken(turn.state, group)) clearAway(turn, group);
  }
}

/** Whether another node has what is being given up here: its addresses do not wait for scripts. */
function isTaken({ peers }: State, group: Group): boolean {
  const { local } = group;
  if (local.at === "starting" && local.abort === undefined) return false;
  return [...peers.values()].some(
    (peer) => peer.original === undefined && claimOf(peer, group.config.name) !== undefined,
  );
}

function putBack(turn: Turn, group: Group): void {
  const missing = addressesThatAre(group, "absent");
  // What the kernel took away with the lease comes back with the next one.
  const { lease, now } = turn.state;
  if (lease.lapsed !== undefined || (lease.until !== undefined && now >= lease.until)) return;
  if (missing.length === 0 || obstacleOf(group) !== undefined) return;
  group.mending = run(turn, group, { type: "addAddresses", ips: missing.map(({ ip }) => ip) });
  for (const { name } of missing) {
    tell(turn, { code: "address-restored", group: group.config.name, resource: name });
  }
}

function clearAway(turn: Turn, group: Group): void {
  const left = addressesThatAre(group, "ours");
  if (left.length === 0) return;
  group.mending = run(turn, group, { type: "removeAddresses", ips: left.map(({ ip }) => ip) });
  for (const { name } of left) {
    tell(turn, { code: "address-leftover", group: group.config.name, resource: name });
  }
}

function addressesThatAre(group: Group, present: AddressFact["present"]): AddressResource[] {
  return addressesOf(group.config).filter(({ name }) => group.facts.get(name)?.present === present);
}

/** What follows from the end of a job of {@link mendAddresses}. */
export function mended(turn: Turn, group: Group, outcome: JobOutcome): void {
  group.mending = undefined;
  const succeeded = outcome.type === "succeeded";
  if (group.local.at !== "held") {
    // What cannot be removed is not ours to remove: it shows in the status, and is not tried again
    // until the kernel reports a change.
    noteAddresses(group, addressesThatAre(group, "ours"), succeeded ? "absent" : "foreign");
  } else if (succeeded) {
    noteAddresses(group, addressesThatAre(group, "absent"), "ours");
    announceNow(turn, group, addedIps(group, group.config.resources.length));
  } else {
    giveUp(turn, group, { why: "ineligible", to: undefined });
  }
}
