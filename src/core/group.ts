/**
 * A resource group on this node: how far it is in taking it or giving it up.
 *
 *              take                last step done
 *   stopped ─────────▶ starting ──────────────────▶ held
 *     ▲  ▲                │ a step failed, or         │ give up
 *     │  │                │ it is to go elsewhere     ▼
 *     │  └────────────────┴─────────────────────▶ stopping ◀──┐ again after a while
 *     │   first step undone: stopped, or refused      │       │
 *     │                                        a step │    stuck
 *     └── refused (a step of its start failed)        └───────▶┘
 *
 * From `starting` to `stuck` the node claims the group: nobody else may take it, because some of
 * it is, or may be, configured here.
 */
import { assert } from "../std/assert.ts";
import type { Instant, Millis } from "../std/time.ts";
import { elapsed } from "../std/time.ts";
import type { AddressFact } from "./input.ts";
import type { GiveUpReason } from "./notice.ts";
import type { Claim, GroupConfig, JobId, NodeName, Resource, Stance, TakeReason } from "./types.ts";
import type { Check, Usage } from "./usage.ts";
import { newUsage } from "./usage.ts";

export type Local =
  | { readonly at: "stopped" }
  | {
      readonly at: "starting";
      readonly taking: Taking;
      readonly step: number;
      readonly job: JobId;
      /** Set when it is to be given up before it is whole. */
      readonly abort: GivingUp | undefined;
    }
  | { readonly at: "held"; readonly taking: Taking; readonly since: Instant }
  | {
      readonly at: "stopping";
      readonly taking: Taking;
      readonly giving: GivingUp;
      readonly step: number;
      readonly job: JobId;
    }
  /** A resource does not stop. It is tried again; until then nobody may take the group. */
  | {
      readonly at: "stuck";
      readonly taking: Taking;
      readonly giving: GivingUp;
      readonly step: number;
      readonly resource: string;
      readonly reason: string;
      readonly retryAt: Instant;
    }
  /** A resource did not start. It is tried again only if no other node can take the group. */
  | { readonly at: "refused"; readonly reason: string; readonly retryAt: Instant };

/** How and why this node came to claim the group. */
export interface Taking {
  readonly term: number;
  readonly reason: TakeReason;
  readonly from: NodeName | undefined;
  /** The last that was seen or heard of the holder before. */
  readonly lostAt: Instant;
  readonly decidedAt: Instant;
  /** Put here by the operator: it does not go home by itself, until its home was away. */
  readonly pinned: boolean;
  /** Why `from` could not hold it, as that said. */
  readonly cause?: string | undefined;
  /** Undefined: no address has been added yet. */
  readonly phases?: Phases | undefined;
}

export interface GivingUp {
  readonly why: GiveUpReason;
  /** Who is to take it, if somebody in particular is. */
  readonly to: NodeName | undefined;
  readonly since: Instant;
  /** The resource that did not start, if that is why. */
  readonly failure: string | undefined;
}

export interface Group {
  config: GroupConfig;
  local: Local;
  /** The highest term heard or used: the next taking is one more. */
  term: number;
  /** It was given to another node; not to be taken back until `until`, or if that node cannot. */
  yields: { readonly to: NodeName; readonly until: Instant } | undefined;
  /** The operator wants it here. */
  wants: { readonly until: Instant } | undefined;
  /** The operator wants it elsewhere. */
  standby: boolean;
  /** The operator moved it from here, its home, to this node: it is taken only if no other can. */
  resting: NodeName | undefined;
  /** Its carrier came back while `to` had it: see carrier.ts. */
  plugged: Plugged | undefined;
  /** The life before held it, and nobody has claimed it since. */
  wasOurs: boolean;
  /** Why the last wish of the operator did not come true. */
  refusal: string | undefined;
  /** What the kernel has of its addresses, by resource name. */
  readonly facts: Map<string, AddressFact>;
  /** A job that puts an address back, or clears one away, beside the state above. */
  mending: JobId | undefined;
  /** Announcements made since the first address was added, and when the next is due. */
  announcing: { count: number; next: Instant; readonly since: Instant } | undefined;
  /** What other machines do with its addresses: see conflict.ts. */
  readonly usage: Usage;
  /** What was found of it while another node holds it: see believed.ts. */
  check: Check | undefined;
  /** Who finds that the network does not answer with this node's address for it. */
  doubter: NodeName | undefined;
  /** When it was announced for that last. */
  insistedAt: Instant | undefined;
  /** A peer that can hold it and is better connected: see reach.ts. */
  behind: NodeName | undefined;
  /** A peer that claims it too, while this node has the better claim. */
  rival: NodeName | undefined;
  /** The last claim heard of another node. */
  seen: Seen | undefined;
  /** The first sequence number with what this node says of the group today. */
  saidSince: number;
  /** How it came here last. */
  lastMove: MoveRecord | undefined;
  /** Since when nobody claims it. */
  unservedSince: Instant | undefined;
  toldUnserved: boolean;
  /** The file was read anew: this is what it is to become once it is stopped. */
  next: { readonly config: GroupConfig | undefined } | undefined;
}

export interface Plugged {
  readonly at: Instant;
  readonly to: NodeName;
  /** It is no longer said that this node could not take it. */
  readonly isAble: boolean;
}

export interface Seen {
  readonly holder: NodeName;
  readonly pinned: boolean;
  /** When it was last said to be whole, or first said not to be. */
  readonly lastAt: Instant;
  /** Whether it has begun to give it up, or cannot be reached. */
  readonly ending: boolean;
}

export interface MoveRecord {
  readonly taking: Taking;
  readonly heldAt: Instant;
  /** Undefined: it has no addresses. */
  readonly phases: Phases | undefined;
}

/** From the decision to the first announcement of the addresses that stand first in the group. */
export interface Phases {
  readonly decide: Millis;
  readonly lease: Millis;
  readonly address: Millis;
  readonly announce: Millis;
}

export function newGroup(config: GroupConfig, now: Instant): Group {
  return {
    config,
    local: { at: "stopped" },
    term: 0,
    yields: undefined,
    wants: undefined,
    standby: false,
    resting: undefined,
    plugged: undefined,
    wasOurs: false,
    refusal: undefined,
    facts: new Map(),
    mending: undefined,
    announcing: undefined,
    usage: newUsage(),
    check: undefined,
    doubter: undefined,
    insistedAt: undefined,
    behind: undefined,
    rival: undefined,
    seen: undefined,
    saidSince: 1,
    lastMove: undefined,
    unservedSince: now,
    toldUnserved: false,
    next: undefined,
  };
}

/** What this node says that it holds of the group, if anything. */
export function ownClaim(group: Group, now: Instant): Claim | undefined {
  const { local } = group;
  if (local.at === "stopped" || local.at === "refused") return undefined;
  const { term, pinned, reason, from, cause, decidedAt } = local.taking;
  const age = elapsed(local.at === "held" ? local.since : decidedAt, now);
  return { group: group.config.name, term, at: local.at, pinned, reason, from, cause, age };
}

/** Whether some of it is, or may be, configured here. */
export function isClaimed(group: Group): boolean {
  return group.local.at !== "stopped" && group.local.at !== "refused";
}

/**
 * What this node says that it will do about the group, if not simply take its turn.
 *
 * @param obstacle - why it cannot hold the group; undefined: it can
 */
export function ownStance(group: Group, obstacle: string | undefined): Stance | undefined {
  const name = group.config.name;
  if (obstacle !== undefined) return { group: name, at: "refuses", why: obstacle };
  if (group.wants !== undefined) return { group: name, at: "wants" };
  const to = group.yields?.to ?? group.resting;
  if (to !== undefined) return { group: name, at: "yields", to };
  const { plugged } = group;
  return plugged && { group: name, at: "yields", to: plugged.to, why: BACK };
}

/** Of an interface: the carrier was gone, and is not trusted yet. */
export const BACK = "has its carrier back only since a moment ago";

/** Why the group's addresses cannot be added here, if they cannot. */
export function obstacleOf(group: Group): string | undefined {
  for (const fact of group.facts.values()) {
    if (fact.obstacle !== undefined) return fact.obstacle;
  }
  return undefined;
}

/** Why the group's addresses, or some of them, cannot be reached here: no carrier. */
export function doubtOf(group: Group): string | undefined {
  for (const fact of group.facts.values()) if (fact.doubt !== undefined) return fact.doubt;
  return undefined;
}

/** Notes what has just become of addresses, until the kernel reports it. */
export function noteAddresses(
  group: Group,
  resources: readonly AddressResource[],
  present: AddressFact["present"],
): void {
  for (const { name } of resources) {
    const fact = group.facts.get(name);
    if (fact !== undefined) group.facts.set(name, { ...fact, present });
  }
}

/** The resources in the order of their start; addresses that stand together are one step. */
export type Step =
  | { readonly type: "addresses"; readonly resources: readonly AddressResource[] }
  | {
      readonly type: "scripted";
      readonly resource: Exclude<Resource, { readonly type: "address" }>;
    };

export type AddressResource = Extract<Resource, { readonly type: "address" }>;

export function stepsOf(config: GroupConfig): readonly Step[] {
  const steps: Step[] = [];
  let batch: AddressResource[] | undefined;
  for (const resource of config.resources) {
    if (resource.type !== "address") {
      batch = undefined;
      steps.push({ type: "scripted", resource });
    } else if (batch === undefined) {
      batch = [resource];
      steps.push({ type: "addresses", resources: batch });
    } else {
      batch.push(resource);
    }
  }
  return steps;
}

export function stepAt(config: GroupConfig, index: number): Step {
  const step = stepsOf(config)[index];
  assert(step !== undefined, `a step ${index} of group ${config.name}`);
  return step;
}

export function nameOfStep(step: Step): string {
  return step.type === "scripted"
    ? step.resource.name
    : step.resources.map((resource) => resource.name).join(" ");
}

export function addressesOf(config: GroupConfig): readonly AddressResource[] {
  return config.resources.filter((resource) => resource.type === "address");
}
