/**
 * What a node says to an original heartbeat, and hears of it: heartbeat 3.0.6's own messages.
 *
 * Only those that mean something to a node with haresources. Our own kind never says these: its
 * heartbeats (types.ts, `Message`) say everything at once.
 */
import type { Millis } from "../std/time.ts";
import type { NodeName } from "./types.ts";

/**
 * The groups of a pair, by whose line they stand on, always from the point of view of the node that
 * says it: `local` are those at home there, `foreign` those at home on the other.
 */
export type Side = "local" | "foreign";
export type Holding = "none" | Side | "all";

export interface OriginalMessage {
  readonly from: NodeName;
  /** Whom it is for; undefined: everybody. */
  readonly dest: NodeName | undefined;
  /** 0 if it was not sent. */
  readonly generation: number;
  /** From 1. Undefined for what is outside the order: acknowledgements and requests to repeat. */
  readonly sequence: number | undefined;
  readonly saying: Saying;
}

export type Saying =
  /** Nothing else keeps a node alive. */
  | {
      readonly type: "status";
      readonly status: "init" | "up" | "active" | "dead";
      /** Undefined: it is to be judged by the listener's. */
      readonly deadtime: Millis | undefined;
      /** The field `protocol`: it acknowledges, and answers `reqnodes`. */
      readonly acknowledges: boolean;
    }
  /** It has released everything, and is about to end. */
  | { readonly type: "shutdone" }
  /** "Which nodes do you know?", asked by a node that joins until somebody answers. */
  | { readonly type: "reqnodes" }
  | { readonly type: "repnodes"; readonly nodes: readonly NodeName[] }
  /** "I take part from now on: who holds what?" */
  | { readonly type: "starting" }
  /** A resource report. */
  | {
      readonly type: "resource";
      readonly holds: Holding;
      /** Whether it replaces what was reported before, or adds to it. */
      readonly isFull: boolean;
      /** Whether it will take nothing more by itself; undefined: nothing is said of it. */
      readonly isStable: boolean | undefined;
      /** `standby`, `shutdown`, `mach_down`, `req_our_resources()`, or nothing. */
      readonly info: string;
    }
  /** The three steps of a standby; `holds` is what the node that gives up gives up. */
  | {
      readonly type: "ask_resources";
      readonly holds: Holding;
      readonly step: "me" | "other" | "done";
    }
  /** The operator's takeover: the listener is to give up, with a standby. */
  | { readonly type: "hb_takeover"; readonly holds: Holding }
  /** Of `auto_failback legacy`, for each group, named by its first resource as written. */
  | { readonly type: "ip-request"; readonly key: string }
  | { readonly type: "ip-request-resp"; readonly key: string; readonly isOwner: boolean }
  /** Everything up to and including this number was received. */
  | { readonly type: "NS_ackmsg"; readonly sequence: number }
  /** These were not received: say them again. Both ends included. */
  | { readonly type: "NS_rexmit"; readonly first: number; readonly last: number }
  /** This one cannot be said again. */
  | { readonly type: "NS_nak_rexmit"; readonly sequence: number; readonly reason: string }
  /** The three of ipfail. */
  | { readonly type: "num_ping_nodes"; readonly count: number }
  | { readonly type: "you_are_dead" }
  | { readonly type: "abort_giveup" }
  /** What became of the fencing of `node`: told, not asked. */
  | { readonly type: "stonith"; readonly node: NodeName; readonly result: string }
  /** Anything else. It has its place in the order, and no meaning here. */
  | { readonly type: "unknown"; readonly name: string };
