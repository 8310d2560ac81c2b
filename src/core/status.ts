/**
 * What `understudy status` shows, worked out from what a node knows at one moment. Everything about
 * somebody else carries its age.
 */
import type { GroupName, MediumName, NodeName } from "./types.ts";

export interface Status {
  readonly node: NodeName;
  /** `away`: its daemon is about to be replaced. */
  readonly phase: "up" | "active" | "leaving" | "away";
  readonly peers: readonly PeerStatus[];
  readonly pings: readonly PingStatus[];
  readonly media: readonly { readonly medium: MediumName; readonly fault: string | undefined }[];
  readonly groups: readonly GroupStatus[];
  readonly lease: LeaseStatus;
  /** Undefined: this node is not in maintenance. */
  readonly maintenance: MaintenanceStatus | undefined;
  /** Undefined: none is configured. */
  readonly witness: WitnessStatus | undefined;
  /** Whether this node hears no peer and reaches no ping node, and holds nothing for that. */
  readonly isolated: boolean;
  /** When this node last did not run for a while; undefined: never. */
  readonly stall: { readonly agoMs: number; readonly lostMs: number } | undefined;
  readonly redundancy: { readonly state: "ok" | "degraded"; readonly why: readonly string[] };
  /** Datagrams dropped since the start, by reason. */
  readonly rejected: Readonly<Record<string, number>>;
}

/** What keeps this node from answering when its daemon does not renew. */
export interface LeaseStatus {
  /** Undefined: it is not known yet. */
  readonly mechanism: "nftables" | "lifetime" | "none" | undefined;
  /** Why it is not the better one. */
  readonly fault: string | undefined;
  /** How long it lasts after a renewal, and how much later the node may fall silent at the worst. */
  readonly lengthMs: number | undefined;
  readonly lateMs: number | undefined;
  /** Undefined: none runs, as long as nothing is held. */
  readonly leftMs: number | undefined;
  /** Set while this node holds something and does not answer for it. */
  readonly lapsed: { readonly why: string; readonly sinceMs: number } | undefined;
}

export interface MaintenanceStatus {
  /** Where it was said. */
  readonly by: NodeName;
  readonly reason: string;
  readonly sinceMs: number;
  /** Undefined: until it is taken back. */
  readonly leftMs: number | undefined;
  /** The nodes that have not said that they know of it, whether they live or not. */
  readonly unaware: readonly NodeName[];
}

export interface WitnessStatus {
  /** How long this node has its vote; undefined: it has not. */
  readonly leftMs: number | undefined;
  /** Who has it, as far as the witness said. */
  readonly owner: NodeName | undefined;
  /** Why it cannot be asked. */
  readonly fault: string | undefined;
}

export interface PingStatus {
  readonly name: string;
  readonly state: "unknown" | "up" | "dead";
  /** Undefined: it never answered. */
  readonly lastHeardMs: number | undefined;
}

export interface PeerStatus {
  readonly node: NodeName;
  readonly state: "unknown" | "up" | "late" | "dead" | "left";
  /** Undefined: never heard. */
  readonly lastHeardMs: number | undefined;
  /** Whether it runs the original heartbeat. */
  readonly original: boolean;
  /** Whether it says that it hears this node. */
  readonly hearsUs: boolean;
  /** Its daemon is being replaced, and is to be back within this; undefined: it is not. */
  readonly backMs: number | undefined;
  /** Whether its configuration files are the same as ours. Undefined: not known. */
  readonly sameConfig: boolean | undefined;
  readonly links: readonly {
    readonly medium: MediumName;
    readonly state: "unknown" | "up" | "late" | "dead";
    readonly lastHeardMs: number | undefined;
  }[];
}

export interface GroupStatus {
  readonly name: GroupName;
  readonly preferred: NodeName;
  /** Who claims it: this node by its own knowledge, a peer by its latest heartbeat. */
  readonly holder: NodeName | undefined;
  /** Of the holder; `unserved` when there is none. */
  readonly state: "held" | "starting" | "stopping" | "stuck" | "unserved";
  /** Where it is though nobody claims it, as words in the place of `held by alpha`. */
  readonly elsewhere: string | undefined;
  /** Why this node, which holds it, does not answer for it; undefined: it does, or holds it not. */
  readonly silent: string | undefined;
  /** How long it has been so, as far as this node knows. */
  readonly sinceMs: number;
  /** Why it is where it is, as a sentence. */
  readonly reason: string;
  readonly term: number;
  /** For every node that may hold it: whether it could take it now, and if not, why. */
  readonly nodes: readonly {
    readonly node: NodeName;
    readonly able: boolean;
    readonly why: string | undefined;
    /** The operator moved it away from there: it is taken there only if nobody else can. */
    readonly rests: boolean;
  }[];
  readonly lastMove: Move | undefined;
}

export interface MovePhases {
  /** From the decision to the first of the effects. */
  readonly decideMs: number;
  /** Until the kernel lets this node answer. */
  readonly leaseMs: number;
  /** Until it has the addresses. */
  readonly addressMs: number;
  /** Until each of them has been announced. */
  readonly announceMs: number;
}

/** How a group that is held here came here, with the length of each phase in milliseconds. */
export interface Move {
  readonly group: GroupName;
  readonly from: NodeName | undefined;
  readonly to: NodeName;
  readonly reason: string;
  readonly agoMs: number;
  /** From the holder's last heartbeat heard, or its word that it gives up, to the decision. */
  readonly detectMs: number;
  /** From the decision to the first announcement; undefined: the group has no addresses. */
  readonly phases: MovePhases | undefined;
  /** From the decision to the start of the last resource. */
  readonly startMs: number;
  /** Both together: what a client may have missed. */
  readonly outageMs: number;
}
