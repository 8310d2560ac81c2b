import type { Instant, Millis } from "../std/time.ts";
import type { JobOutcome } from "./job.ts";
import type { OriginalMessage } from "./original-message.ts";
import type {
  CoreConfig,
  GroupName,
  JobId,
  MediumName,
  Message,
  NodeName,
  RequestId,
} from "./types.ts";

/**
 * Everything that can happen to a node. The list is closed: whatever makes the daemon act is one of
 * these lines, so the simulator can produce all of it.
 */
export type Input =
  /** An authenticated heartbeat came in. */
  | { readonly type: "message"; readonly medium: MediumName; readonly message: Message }
  /** An authenticated message of an original heartbeat came in. */
  | { readonly type: "original"; readonly medium: MediumName; readonly message: OriginalMessage }
  /** Datagrams that were not for us, or not from one of us. Counted; told once a minute. */
  | {
      readonly type: "rejected";
      readonly medium: MediumName;
      readonly reason: RejectReason;
      readonly count: number;
    }
  /**
   * What is wrong with a medium, and whether something could be heard on it all the same: of a cable
   * without carrier it is not known which end of it has died.
   */
  | {
      readonly type: "medium";
      readonly medium: MediumName;
      readonly fault: string | undefined;
      readonly canHear: boolean;
    }
  /** A heartbeat could not be sent. Counted; told once a minute. */
  | { readonly type: "sendFailed"; readonly medium: MediumName; readonly errno: string }
  /** What the kernel has: at the start, and after every change. One fact for each address. */
  | { readonly type: "host"; readonly addresses: readonly AddressFact[] }
  /** A ping node answered, or one of a group of them. */
  | { readonly type: "pong"; readonly ping: string }
  /**
   * Another machine answers for an address of a group, or uses it: seen at any time, asked for or
   * not. Told about ten times a second for each address and a hundred in all, and the first of each
   * hardware address after every probe.
   */
  | { readonly type: "sighting"; readonly group: GroupName; readonly mac: string }
  /**
   * The host of a peer answered a heartbeat with "port unreachable" (ICMP, RFC 792). Anybody can say
   * so: it is not signed.
   */
  | { readonly type: "unreachable"; readonly node: NodeName }
  /** What can keep this node from answering when it does not renew: at the start, and if it changes. */
  | { readonly type: "leaseKind"; readonly kind: LeaseKind }
  /** A lease was not renewed: it had run out, or the kernel refused. */
  | { readonly type: "lapsed"; readonly reason: string }
  /** What the witness says: at every change, and at every renewal of its lease. */
  | {
      readonly type: "witness";
      /** Until when this node has its vote; undefined: it has not. */
      readonly until: Instant | undefined;
      /** Who has it, as far as the witness said. */
      readonly owner: NodeName | undefined;
      /** Why it cannot be asked. */
      readonly fault: string | undefined;
    }
  /** A job that an effect `run` started has ended. Exactly one for every `run`. */
  | { readonly type: "jobDone"; readonly job: JobId; readonly outcome: JobOutcome }
  /** Someone asked over the control socket. Answered by exactly one effect `reply`. */
  | { readonly type: "command"; readonly request: RequestId; readonly command: Command }
  /** The operator says that a dead node is off. Answered by exactly one effect `confirmed`. */
  | { readonly type: "confirm"; readonly request: RequestId; readonly node: NodeName }
  /** The operator's word on maintenance. Answered by exactly one effect `answered`. */
  | {
      readonly type: "maintain";
      readonly request: RequestId;
      readonly on: boolean;
      /** Undefined: until it is taken back. */
      readonly lasts: Millis | undefined;
      readonly reason: string;
    }
  /**
   * The daemon is to be replaced: hold on to everything, say `away`, and end with the exit status
   * that restarts it. Answered by exactly one effect `answered`, before the end.
   */
  | { readonly type: "goAway"; readonly request: RequestId; readonly within: Millis }
  /** The files were read anew, and are sound. */
  | { readonly type: "configured"; readonly config: CoreConfig }
  /** The files were read anew, and have errors: the old ones stay in force. */
  | { readonly type: "misconfigured"; readonly errors: number; readonly first: string }
  /** The daemon is to stop: give up everything, then `exit`. */
  | { readonly type: "leave" };

/** Why a datagram was dropped. The wire's reasons, and the daemon's. */
export type RejectReason =
  /** Not the beginning of a heartbeat, or more than could be read in time: the kernel dropped it. */
  | "dropped-by-kernel"
  | "oversized"
  | "malformed"
  | "unknown-key"
  | "bad-signature"
  | "missing-field"
  | "foreign-node"
  | "replayed";

/** By what the kernel makes this node fall silent when nobody renews. */
export interface LeaseKind {
  readonly mechanism: "nftables" | "lifetime" | "none";
  /** How much later than asked for it may fall silent, at the worst. */
  readonly late: Millis;
  /** Why it is not the better one. */
  readonly fault: string | undefined;
}

/** What the kernel of this node has of one address of one group. */
export interface AddressFact {
  readonly group: GroupName;
  /** The resource's name, as written. */
  readonly resource: string;
  /** `ours` was added by Understudy; `foreign` was there before it, or was added by another. */
  readonly present: "absent" | "ours" | "foreign";
  /** Why it cannot be added here, if it cannot: its interface is missing. */
  readonly obstacle: string | undefined;
  /** What keeps it from being reached, though it can be added: its interface has no carrier. */
  readonly doubt?: string | undefined;
  /** The hardware address of its interface, lower case with colons. */
  readonly mac?: string | undefined;
}

/** Which groups a command means, seen from the node it is given to. */
export type Selection =
  | { readonly type: "all" | "local" | "foreign" }
  | { readonly type: "group"; readonly group: GroupName };

export interface Command {
  readonly type: "takeover" | "standby";
  readonly selection: Selection;
  /** Answer when it is done, not when it is accepted. */
  readonly wait: boolean;
}
