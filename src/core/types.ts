/**
 * The words of the cluster: names, ids, what is configured, what a heartbeat says.
 */
import type { Millis } from "../std/time.ts";

declare const kind: unique symbol;

/** A node of the cluster, lower case, as `uname -n` and the `node` lines of ha.cf name it. */
export type NodeName = string & { readonly [kind]: "NodeName" };
/** A resource group: its first resource as written, without arguments of an address. No blanks. */
export type GroupName = string & { readonly [kind]: "GroupName" };
/** A way that heartbeats take, named by its interface: `eth0`. */
export type MediumName = string & { readonly [kind]: "MediumName" };
export type JobId = number & { readonly [kind]: "JobId" };
export type RequestId = number & { readonly [kind]: "RequestId" };

export function nodeName(text: string): NodeName {
  return text as NodeName;
}

export function groupName(text: string): GroupName {
  return text as GroupName;
}

export function mediumName(text: string): MediumName {
  return text as MediumName;
}

export function jobId(count: number): JobId {
  return count as JobId;
}

export function requestId(count: number): RequestId {
  return count as RequestId;
}

/** The times of ha.cf, those of nodes in the order in which they pass. */
export interface Timing {
  /** How often a node speaks. */
  readonly keepalive: Millis;
  /** Silence after which a peer is called late, and nothing else is done. */
  readonly warntime: Millis;
  /** Silence after which a peer is dead and what it held is taken over. */
  readonly deadtime: Millis;
  /** What stands in for deadtime while this node starts, when switches and peers may be slow. */
  readonly initdead: Millis;
  /** Silence after which a ping node is dead. */
  readonly deadping: Millis;
}

/** A ping node: an address that only answers pings, or several of which one answer is enough. */
export interface PingConfig {
  readonly name: string;
  readonly hosts: readonly string[];
}

/** An address that moves, as haresources writes it. What is missing is found on the live host. */
export interface VirtualIp {
  readonly family: 4 | 6;
  /** Canonical text: dotted quad, or RFC 5952. */
  readonly address: string;
  readonly prefix?: number;
  readonly device?: string;
  /** The alias label (IPv4 only): the `1` of `eth0:1`. */
  readonly label?: string;
  readonly broadcast?: string;
}

/** One word of a haresources line. `name` is the word as written. */
export type Resource =
  | { readonly type: "address"; readonly name: string; readonly ip: VirtualIp }
  /** A script of resource.d, else of init.d: `name::arg1::arg2`. */
  | {
      readonly type: "script";
      readonly name: string;
      readonly script: string;
      readonly args: readonly string[];
    }
  | { readonly type: "systemd"; readonly name: string; readonly unit: string }
  /** `ocf::heartbeat:apache::configfile=/etc/apache2/apache2.conf` */
  | {
      readonly type: "ocf";
      readonly name: string;
      readonly provider: string;
      readonly agent: string;
      readonly parameters: Readonly<Record<string, string>>;
    };

/** A resource group: what moves from node to node as one (a line of haresources). */
export interface GroupConfig {
  readonly name: GroupName;
  /** The nodes that may hold it, the preferred one first, then the others in the order of ha.cf. */
  readonly nodes: readonly NodeName[];
  /** Started left to right, stopped right to left. */
  readonly resources: readonly Resource[];
}

export interface CoreConfig {
  readonly self: NodeName;
  readonly peers: readonly NodeName[];
  readonly timing: Timing;
  readonly media: readonly MediumName[];
  readonly groups: readonly GroupConfig[];
  readonly pings: readonly PingConfig[];
  /** Whether a group goes home when its preferred node has returned. */
  readonly autoFailback: boolean;
  /** `auto_failback legacy`: what is spoken with an original is its older protocol. */
  readonly isLegacy: boolean;
  /** How long one resource may take to start or to stop before it is killed and has failed. */
  readonly startTimeout: Millis;
  readonly stopTimeout: Millis;
  /** Undefined: no device is configured, and what is dead is taken from at once. */
  readonly fencing?: Fencing | undefined;
  /**
   * For how long the kernel lets this node answer after the last renewal; less than deadtime.
   * Undefined: there is no lease.
   */
  readonly lease?: Millis | undefined;
  /** What a node does that hears no peer and reaches no ping node. */
  readonly onIsolated?: "keep" | "release";
  /** Whether a witness decides who may go on when the nodes do not hear each other. */
  readonly hasWitness?: boolean;
  /** Of all that must be the same on every node: 16 hex digits. */
  readonly digest: string;
}

/** How a dead peer is made sure to do nothing any more. */
export interface Fencing {
  /** Those that this node drives, in the order in which they are tried. */
  readonly devices: readonly FenceDevice[];
  /** How long one device may take before it is given up. */
  readonly timeout: Millis;
}

export interface FenceDevice {
  /** For the operator: `fence_ipmilan`, `external/ipmi`. */
  readonly name: string;
  /** The nodes that it can fence; undefined: all. */
  readonly targets: readonly NodeName[] | undefined;
}

/** Where a node is in its life: `init` has just begun to speak, `gone` are its last words. */
export type Phase =
  | "init"
  | "up"
  | "active"
  | "leaving"
  /** Its daemon is replaced, and holds on to all that it claims until it is back. */
  | "away"
  | "gone";

/** What is, or may still be, configured on a node. Nobody else may take it. */
export interface Claim {
  readonly group: GroupName;
  /** Grows at every taking, by whomever: of two claims the higher term wins. */
  readonly term: number;
  readonly at: "starting" | "held" | "stopping" | "stuck";
  /** Put here by the operator: it does not go home by itself. */
  readonly pinned: boolean;
  /** Why it was taken, and from whom: so that every node can tell the operator. */
  readonly reason: TakeReason;
  readonly from: NodeName | undefined;
  /** What had kept `from` from holding it, as that said; undefined: it has not said. */
  readonly cause?: string | undefined;
  /** How long it has been held, or, if it is not, how long the claim has stood. */
  readonly age: Millis;
}

/** Why a group is taken. */
export type TakeReason =
  /** Nobody held it, and it belongs here. */
  | "start"
  | "peer-dead"
  | "peer-left"
  /** It could not be started, or held, where it was. */
  | "peer-refused"
  /** The operator's word, given here. */
  | "takeover"
  /** The operator's word, given at the node that held it. */
  | "standby"
  | "failback"
  /** Its own daemon was restarted, and the kernel had kept the lease. */
  | "restart"
  /** Its holder is an original heartbeat, which does not say why. */
  | "untold";

/**
 * What a node will do about a group, if not simply take its turn; `why` is for the operator, with the
 * node as its subject or with one of its own.
 */
export type Stance =
  /** It has tried and failed, or cannot; or it claims it, and nobody can reach it there. */
  | { readonly group: GroupName; readonly at: "refuses"; readonly why?: string | undefined }
  /** It gave the group to `to`, and will take it only if `to` cannot. */
  | {
      readonly group: GroupName;
      readonly at: "yields";
      readonly to: NodeName;
      /** Undefined: the operator's word. */
      readonly why?: string | undefined;
    }
  /** The operator asked for it here: whoever holds it is to give it up. */
  | { readonly group: GroupName; readonly at: "wants" };

/** The newest heartbeat that the sender has heard of `node`: what it says, it says knowing it. */
export interface Hearing {
  readonly node: NodeName;
  readonly generation: number;
  readonly sequence: number;
}

/** What a node says of itself at every keepalive, and at once when it changes. */
export interface Message {
  readonly from: NodeName;
  /** Random at every start, 16 hex digits: tells this node from another one of the same name. */
  readonly boot: string;
  /** Grows at every start of the daemon, so that a restarted node is not taken for its past. */
  readonly generation: number;
  /** From 1, one more at every heartbeat. */
  readonly sequence: number;
  /** The first sequence number with these claims, stances and phase: what it says of groups. */
  readonly changed: number;
  readonly phase: Phase;
  /** Silence after which the sender wants to be called dead. */
  readonly deadtime: Millis;
  readonly claims: readonly Claim[];
  readonly stances: readonly Stance[];
  readonly hears: readonly Hearing[];
  readonly digest: string;
  /** How many ping nodes it reaches. Undefined: it has none, or does not know yet. */
  readonly reach: number | undefined;
  /** How long its kernel lets it answer after its last renewal. Undefined: it has no lease. */
  readonly lease?: Millis | undefined;
  /** With `away`: within what time it is back. */
  readonly back?: Millis | undefined;
  /** What the operator said last of maintenance, at whatever node. Undefined: never anything. */
  readonly maintenance?: Maintenance | undefined;
  /** The hardware addresses by which its virtual IPs are reached, lower case with colons. */
  readonly macs?: readonly string[];
  /** Groups held by another node for which the network does not answer with that node's address. */
  readonly doubts?: readonly GroupName[];
}

/** The operator's word that nothing is to move by itself, or may again. Of two the later counts. */
export interface Maintenance {
  readonly on: boolean;
  /** Grows with every word, at whatever node it is given. */
  readonly version: number;
  /** Where it was given. */
  readonly by: NodeName;
  /** How long it still lasts; undefined: until it is taken back. */
  readonly left: Millis | undefined;
  readonly reason: string;
}

/** What a node has to know of its former life: saved by the daemon, and read at the next start. */
export interface Memory {
  /** What it held, or had begun to take, when this was written. */
  readonly groups: readonly {
    readonly group: GroupName;
    readonly term: number;
    readonly pinned: boolean;
  }[];
  /** Groups that the operator moved away from here: not to be taken unless nobody else can. */
  readonly resting: readonly GroupName[];
  readonly maintenance: Maintenance | undefined;
  /** The newest heartbeat known of every peer: nothing older is believed. */
  readonly peers: readonly {
    readonly node: NodeName;
    readonly boot: string;
    readonly generation: number;
    readonly sequence: number;
    /** It was dead, or had stopped. */
    readonly isGone: boolean;
  }[];
}
