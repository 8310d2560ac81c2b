import type { Instant, Millis } from "../std/time.ts";
import { after, millis } from "../std/time.ts";
import type { Away } from "./away.ts";
import type { GroupReply } from "./effect.ts";
import type { Fence } from "./fence.ts";
import type { Group } from "./group.ts";
import { newGroup } from "./group.ts";
import type { RejectReason } from "./input.ts";
import type { Job } from "./job.ts";
import type { Lease } from "./lease.ts";
import type { Upkeep } from "./maintenance.ts";
import { newUpkeep } from "./maintenance.ts";
import type { Peer } from "./peer.ts";
import { newPeer } from "./peer.ts";
import type { PingNode } from "./ping.ts";
import { firstPings } from "./ping.ts";
import type {
  CoreConfig,
  GroupName,
  JobId,
  MediumName,
  Memory,
  NodeName,
  RequestId,
} from "./types.ts";
import type { Witness } from "./witness.ts";
import { newWitness } from "./witness.ts";

/**
 * All that a node knows. Plain data: `structuredClone` copies it, the simulator compares and
 * prints it, and a crash is to lose it.
 */
export interface State {
  config: CoreConfig;
  readonly boot: string;
  generation: number;
  /** The moment of the latest turn. */
  now: Instant;
  readonly startedAt: Instant;
  /** No turn was taken yet. */
  isNew: boolean;
  /** Every peer was heard, or is dead. */
  active: boolean;
  /** What is wrong with the files that were read last, if they were refused. */
  misconfigured: string | undefined;
  /** Set once the daemon is to stop: nothing is taken any more. */
  leaving: { readonly until: Instant } | undefined;
  /** Set with the last words: when the daemon ends at the latest. */
  lingersUntil: Instant | undefined;
  nextKeepalive: Instant;
  /** Until then answers were given in advance: see answers.ts. */
  answersAt: Instant;
  /** When the next turn is to be taken though nothing happens, and what for. */
  next: Deadline;
  /** Any heartbeat may be what something waits for: see news.ts. */
  isWaiting: boolean;
  sequence: number;
  /** The first sequence number with what is said of groups today. */
  changed: number;
  /** Our latest heartbeats, oldest first: what a peer's `hears` is measured by. */
  readonly sent: Sent[];
  readonly peers: Map<NodeName, Peer>;
  readonly media: Map<MediumName, Medium>;
  readonly groups: Map<GroupName, Group>;
  readonly pings: Map<string, PingNode>;
  /** When ping nodes are asked next. */
  nextAsk: Instant;
  /** How many of them this node reaches; undefined: none are configured, or it is not known yet. */
  reach: number | undefined;
  /** Of every peer that is dead, if there is a device that fences. */
  readonly fences: Map<NodeName, Fence>;
  readonly jobs: Map<JobId, Job>;
  lastJob: number;
  readonly commands: PendingCommand[];
  /** When this node last found that it had not run for a while, and for how long. */
  stalledAt: Instant;
  stalledFor: Millis;
  readonly lease: Lease;
  readonly witness: Witness;
  /** Whether it is cut off from everything, and holds nothing for that: see isolation.ts. */
  isolated: boolean;
  /** What the life before left, until it was acted on. */
  memory: Memory | undefined;
  /** What was saved last. */
  remembered: Memory | undefined;
  nextRemember: Instant;
  readonly upkeep: Upkeep;
  /** When the network was asked in the last second: once for each frame. */
  readonly asked: Instant[];
  /** When an interface of virtual IPs last had its carrier back. */
  pluggedAt: Instant | undefined;
  /** Set while the daemon is about to be replaced. */
  away: Away | undefined;
  /** When another node of our name was told last. */
  clashToldAt: Instant | undefined;
  exited: boolean;
}

export interface Deadline {
  readonly at: Instant;
  readonly why: string;
}

export interface Sent {
  readonly sequence: number;
  readonly at: Instant;
  /** The deadtime that it spoke of: who heard it calls us dead not before `at` and this. */
  readonly deadtime: Millis;
}

/** A medium, with what went wrong on it. Counts are told at most once a minute. */
export interface Medium {
  /** Undefined: nothing is wrong with it. */
  fault: string | undefined;
  canHear: boolean;
  readonly rejected: Map<RejectReason, Tally>;
  readonly sendsFailed: Map<string, Tally>;
}

export interface Tally {
  total: number;
  untold: number;
  /** When the count may be told next. */
  tellAt: Instant;
}

/** A command whose answer waits for what becomes of its groups. */
export interface PendingCommand {
  readonly request: RequestId;
  readonly type: "takeover" | "standby";
  readonly since: Instant;
  readonly results: Map<GroupName, GroupReply["result"] | undefined>;
}

/** What a start of the daemon brings with it. */
export interface Boot {
  /** Random, 16 hex digits. */
  readonly boot: string;
  /** Saved before the first heartbeat; grows at every start. */
  readonly generation: number;
  /** What the life before left; undefined: there was none, or it is not known. */
  readonly memory?: Memory | undefined;
  /** Until when the kernel goes on with the lease of the life before. */
  readonly leaseUntil?: Instant | undefined;
}

export function createState(config: CoreConfig, boot: Boot, now: Instant): State {
  const isLeased = boot.leaseUntil !== undefined && boot.leaseUntil > now;
  const leaseUntil = isLeased ? boot.leaseUntil : undefined;
  return {
    config,
    boot: boot.boot,
    generation: boot.generation,
    now,
    startedAt: now,
    isNew: true,
    active: false,
    misconfigured: undefined,
    leaving: undefined,
    lingersUntil: undefined,
    nextKeepalive: now,
    answersAt: now,
    next: { at: now, why: "the start" },
    isWaiting: true,
    sequence: 0,
    changed: 1,
    sent: [],
    peers: new Map(
      config.peers.map((name) => [
        name,
        newPeer(name, config, after(now, config.timing.initdead), now),
      ]),
    ),
    media: new Map(config.media.map((name) => [name, newMedium()])),
    groups: new Map(config.groups.map((group) => [group.name, newGroup(group, now)])),
    pings: new Map(firstPings(config, now)),
    nextAsk: now,
    reach: undefined,
    fences: new Map(),
    jobs: new Map(),
    lastJob: 0,
    commands: [],
    stalledAt: now,
    stalledFor: millis(0),
    lease: {
      kind: undefined,
      until: leaseUntil,
      lapsed: undefined,
      inherited: leaseUntil,
    },
    witness: newWitness(),
    isolated: false,
    memory: boot.memory,
    remembered: boot.memory,
    nextRemember: now,
    asked: [],
    pluggedAt: undefined,
    away: undefined,
    upkeep: newUpkeep(boot.memory?.maintenance, now),
    clashToldAt: undefined,
    exited: false,
  };
}

export function newMedium(): Medium {
  return { fault: undefined, canHear: true, rejected: new Map(), sendsFailed: new Map() };
}
