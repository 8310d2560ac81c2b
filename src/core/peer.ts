/**
 * Is a peer alive? Judged by silence alone: keepalive < warntime < deadtime.
 *
 *             heard                    silent for warntime
 *   unknown ─────────▶ up ◀──────────────────────────────▶ late
 *      │                │ its last words        heard       │
 *      │ initdead       ▼                                   │ silent for its deadtime
 *      └─────▶ dead    left                      dead ◀─────┘
 *               └────────┴──── heard ──▶ up
 *
 * One whose kernel says that its daemon is gone is dead somewhat earlier: see unreachable.ts.
 *
 * What is known of a peer is what its newest heartbeat said. A copy of it on a second medium, or
 * one from the past, changes nothing.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, elapsed, millis, seconds } from "../std/time.ts";
import type { Link } from "./link.ts";
import { newLink } from "./link.ts";
import type { Notice } from "./notice.ts";
import type { Original } from "./original.ts";
import type {
  Claim,
  CoreConfig,
  GroupName,
  Hearing,
  MediumName,
  Message,
  NodeName,
  Phase,
  Stance,
  Timing,
} from "./types.ts";
import type { Unreachable } from "./unreachable.ts";
import type { Inquiry } from "./usage.ts";
import { newInquiry } from "./usage.ts";

export interface Peer {
  readonly name: NodeName;
  /** `unknown` until it is first heard or initdead is over: neither alive nor dead. */
  liveness: "unknown" | "up" | "late" | "dead" | "left";
  /** When it was last heard, or when this node began to listen. */
  heard: Instant;
  /** From when on its silence counts: later than `heard` if this node could not hear meanwhile. */
  judgedFrom: Instant;
  /** Until then silence of a peer never heard proves nothing. */
  joinsAt: Instant;
  /** Since when it stands in the files that are in force. */
  readonly createdAt: Instant;
  /** Whether it was heard since this daemon started. */
  everHeard: boolean;
  /** What is known of it besides, if it runs the original heartbeat. */
  original: Original | undefined;
  /** Since when it has been alive without a break. */
  aliveSince: Instant;
  /** Its newest heartbeat; undefined: none of this life of ours, or an original's. */
  said: Message | undefined;
  boot: string;
  generation: number;
  sequence: number;
  /** The sequence number with which it began to say what it says of groups. */
  changed: number;
  phase: Phase;
  /** Its own: it asks to be judged by it. */
  deadtime: Millis;
  claims: readonly Claim[];
  stances: readonly Stance[];
  hears: readonly Hearing[];
  digest: string;
  /** How many ping nodes it reaches, as it says; undefined: it has not said. */
  reach: number | undefined;
  /** How long its kernel lets it answer after its last renewal; undefined: it has no lease. */
  lease: Millis | undefined;
  /** Whether it says that nothing is to move by itself. */
  isMaintained: boolean;
  /** It was dead, or had stopped, in this node's former life: no lease of then rests on its word. */
  wasGone: boolean;
  /** The operator has said, since it was heard last, that it is off. */
  isOff: boolean;
  /** What its kernel answered to our heartbeats since it was heard; undefined: nothing. */
  unreachable: Unreachable | undefined;
  /** Whether the network answers for what it claimed when it was heard last: see conflict.ts. */
  readonly inquiry: Inquiry;
  /** The hardware addresses by which what it holds is reached. */
  macs: readonly string[];
  /** What this node holds, and the network does not reach by its hardware addresses, as it says. */
  doubts: readonly GroupName[];
  /** Whether it counts as better connected than this node: see reach.ts. */
  lead: Lead;
  /** How far our own heartbeats were when it was heard last. */
  heardAfter: number;
  /** The newest heartbeat of ours that it says it heard, and when we had sent that. */
  acked: Acked | undefined;
  /** What was told about it last: news is told once. */
  toldDeaf: boolean;
  toldDiffers: boolean;
  readonly links: Map<MediumName, Link>;
}

export interface Lead {
  readonly counts: boolean;
  /** Since when what is said is otherwise. */
  since: Instant | undefined;
}

export interface Acked {
  readonly sequence: number;
  readonly sentAt: Instant;
  /** Until then the peer cannot call us dead. */
  readonly until: Instant;
}

/** @param joinsAt - when it is dead if it was not heard until then */
export function newPeer(
  name: NodeName,
  { media, timing }: CoreConfig,
  joinsAt: Instant,
  now: Instant,
): Peer {
  return {
    name,
    liveness: "unknown",
    heard: now,
    judgedFrom: now,
    joinsAt,
    createdAt: now,
    everHeard: false,
    original: undefined,
    aliveSince: now,
    said: undefined,
    boot: "",
    generation: 0,
    sequence: 0,
    changed: 0,
    phase: "init",
    deadtime: timing.deadtime,
    claims: [],
    stances: [],
    hears: [],
    digest: "",
    reach: undefined,
    lease: undefined,
    isMaintained: false,
    wasGone: false,
    isOff: false,
    unreachable: undefined,
    inquiry: newInquiry(),
    macs: [],
    doubts: [],
    lead: { counts: false, since: undefined },
    heardAfter: 0,
    acked: undefined,
    toldDeaf: false,
    toldDiffers: false,
    links: new Map(media.map((medium) => [medium, newLink(medium)])),
  };
}

/** Alive as far as this node knows: it may hold and take groups. */
export function isAlive(peer: Peer): boolean {
  return peer.liveness === "up" || peer.liveness === "late";
}

export function claimOf(peer: Peer, group: GroupName): Claim | undefined {
  return isAlive(peer) ? peer.claims.find((claim) => claim.group === group) : undefined;
}

export function stanceOf(peer: Peer, group: GroupName): Stance | undefined {
  return peer.stances.find((stance) => stance.group === group);
}

/** What the news in a heartbeat is. */
export type Heard =
  | { readonly type: "old" }
  /** `changed`: it says something else than before, so it is to be answered at once. */
  | { readonly type: "news"; readonly changed: boolean; readonly notice: Notice | undefined };

/**
 * Takes note of a heartbeat.
 *
 * @param proven - it answers something that this node said since it heard the peer last, so it is
 *   neither a replay nor late, although its generation may be lower than one heard before (a lost
 *   generation file)
 */
export function hear(peer: Peer, message: Message, proven: boolean, now: Instant): Heard {
  const isLater =
    message.generation > peer.generation ||
    (message.generation === peer.generation && message.sequence > peer.sequence);
  const isOther = message.boot !== peer.boot;
  if (!isLater && !(isOther && proven)) return { type: "old" };
  if (isOther && message.generation === peer.generation && !proven) return { type: "old" };

  const before = peer.liveness;
  const silent = elapsed(peer.heard, now);
  const isRestart = isOther && peer.everHeard;
  const changed = isOther || message.changed !== peer.changed || message.phase !== peer.phase;
  if (isOther) peer.acked = undefined;
  if (!isAlive(peer) || isOther) peer.aliveSince = now;
  note(peer, message, now);
  if (message.phase === "gone") {
    peer.liveness = "left";
    return {
      type: "news",
      changed: true,
      notice: before === "left" ? undefined : { code: "peer-left", peer: peer.name },
    };
  }
  peer.liveness = "up";
  if (before === "dead" && !isRestart && peer.everHeard) {
    return {
      type: "news",
      changed: true,
      notice: { code: "peer-returned", peer: peer.name, silent },
    };
  }
  peer.everHeard = true;
  return { type: "news", changed, notice: greeting(peer, before, isRestart) };
}

function note(peer: Peer, message: Message, now: Instant): void {
  peer.isOff = false;
  peer.unreachable = undefined;
  peer.heard = now;
  peer.judgedFrom = now;
  peer.original = undefined;
  peer.said = message;
  peer.boot = message.boot;
  peer.generation = message.generation;
  peer.sequence = message.sequence;
  peer.changed = message.changed;
  peer.phase = message.phase;
  peer.deadtime = clampDeadtime(message.deadtime);
  peer.claims = message.claims;
  peer.stances = message.stances;
  peer.hears = message.hears;
  peer.digest = message.digest;
  peer.reach = message.reach;
  peer.lease = message.lease;
  peer.isMaintained = message.maintenance?.on === true && message.maintenance.left !== 0;
  peer.macs = message.macs ?? [];
  peer.doubts = message.doubts ?? [];
  if (message.phase === "away" && message.back !== undefined) {
    peer.deadtime = clampDeadtime(message.back);
  }
}

/** A peer may ask to be judged by its own deadtime, but not to die at once or never. */
const DEADTIME_MIN = millis(20);
const DEADTIME_MAX = seconds(600);

export function clampDeadtime(asked: Millis): Millis {
  if (asked < DEADTIME_MIN) return DEADTIME_MIN;
  return asked > DEADTIME_MAX ? DEADTIME_MAX : asked;
}

function greeting(peer: Peer, before: Peer["liveness"], isRestart: boolean): Notice | undefined {
  if (before === "unknown" || before === "dead" || before === "left") {
    return { code: "peer-up", peer: peer.name };
  }
  return isRestart ? { code: "peer-restarted", peer: peer.name } : undefined;
}

/**
 * Lets the silence of a peer count from now on only: this node could not have heard it. When it was
 * really heard last stays what it was.
 */
export function forgive(peer: Peer, now: Instant): void {
  if (peer.liveness !== "unknown" && !isAlive(peer)) return;
  peer.judgedFrom = now;
  peer.unreachable = undefined;
  const joinsAt = after(now, peer.deadtime);
  if (peer.joinsAt < joinsAt) peer.joinsAt = joinsAt;
  for (const link of peer.links.values()) {
    if (link.heard !== undefined) link.judgedFrom = now;
  }
}

/**
 * Draws the conclusion from how long a peer has been silent.
 *
 * @param deadAt - when it is dead if it stays silent: see unreachable.ts
 */
export function judge(
  peer: Peer,
  timing: Timing,
  now: Instant,
  deadAt: Instant = after(peer.judgedFrom, peer.deadtime),
): Notice | undefined {
  const due = judgementDue(peer, timing, deadAt);
  if (due === undefined || now < due) return undefined;
  const silent = elapsed(peer.heard, now);
  if (peer.liveness === "up" && now < deadAt) {
    peer.liveness = "late";
    return { code: "peer-late", peer: peer.name, silent };
  }
  peer.liveness = "dead";
  peer.acked = undefined;
  return { code: "peer-dead", peer: peer.name, silent };
}

/** When `judge` may next say something, if the peer stays silent. */
export function judgementDue(
  peer: Peer,
  timing: Timing,
  deadAt: Instant = after(peer.judgedFrom, peer.deadtime),
): Instant | undefined {
  switch (peer.liveness) {
    case "unknown":
      return peer.joinsAt;
    case "up": {
      // One that is away has said so.
      const late = after(peer.judgedFrom, timing.warntime);
      return late < deadAt && peer.phase !== "away" ? late : deadAt;
    }
    case "late":
      return deadAt;
    case "dead":
    case "left":
      return undefined;
  }
}
