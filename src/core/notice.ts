import type { Millis } from "../std/time.ts";
import type { RejectReason } from "./input.ts";
import type { GroupName, MediumName, NodeName, TakeReason } from "./types.ts";

/** Why a group is given up. */
export type GiveUpReason =
  | "standby"
  | "takeover" // a peer's operator asked for it there
  | "failback"
  | "conflict" // a peer holds it with the better claim
  | "start-failed"
  | "ineligible" // its interface has gone, or a peer is better connected
  | "unplugged" // an interface of its addresses has no carrier, and a peer can take it
  | "leaving"
  | "left-behind" // by a daemon that was killed
  | "unconfigured"; // a reload took it out of the files

/**
 * What the operator is told, as data. The words are in `notices`; a test asks for the code, so a
 * sentence can be bettered without breaking one.
 */
export type Notice =
  | { readonly code: "started"; readonly generation: number }
  | { readonly code: "ended-badly" }
  | { readonly code: "active" }
  | { readonly code: "peer-up"; readonly peer: NodeName }
  | { readonly code: "peer-restarted"; readonly peer: NodeName }
  | { readonly code: "peer-late"; readonly peer: NodeName; readonly silent: Millis }
  | { readonly code: "peer-unreachable"; readonly peer: NodeName }
  | { readonly code: "peer-dead"; readonly peer: NodeName; readonly silent: Millis }
  | { readonly code: "peer-returned"; readonly peer: NodeName; readonly silent: Millis }
  | { readonly code: "peer-left"; readonly peer: NodeName }
  | { readonly code: "fencing"; readonly peer: NodeName; readonly device: string }
  | {
      readonly code: "fenced";
      readonly peer: NodeName;
      readonly device: string;
      readonly took: Millis;
    }
  | {
      readonly code: "fence-failed";
      readonly peer: NodeName;
      readonly device: string;
      readonly reason: string;
    }
  | { readonly code: "fence-confirmed"; readonly peer: NodeName }
  | { readonly code: "peer-original" | "original-among-many"; readonly peer: NodeName }
  | { readonly code: "peer-deaf"; readonly peer: NodeName }
  | { readonly code: "peer-hears-us"; readonly peer: NodeName }
  | { readonly code: "peer-differs"; readonly peer: NodeName }
  | { readonly code: "peer-agrees"; readonly peer: NodeName }
  | { readonly code: "link-up"; readonly peer: NodeName; readonly medium: MediumName }
  | {
      readonly code: "link-late" | "link-dead";
      readonly peer: NodeName;
      readonly medium: MediumName;
      readonly silent: Millis;
    }
  | { readonly code: "ping-up"; readonly ping: string }
  | { readonly code: "ping-dead"; readonly ping: string; readonly silent: Millis }
  | { readonly code: "medium-open"; readonly medium: MediumName }
  | { readonly code: "medium-failed"; readonly medium: MediumName; readonly reason: string }
  | {
      readonly code: "datagrams-rejected";
      readonly medium: MediumName;
      readonly reason: RejectReason;
      readonly count: number;
    }
  | {
      readonly code: "sends-failed";
      readonly medium: MediumName;
      readonly errno: string;
      readonly count: number;
    }
  | { readonly code: "name-clash"; readonly node: NodeName; readonly medium: MediumName }
  | { readonly code: "stalled"; readonly lost: Millis }
  | { readonly code: "lease-lapsed"; readonly reason: string }
  | { readonly code: "lease-regained"; readonly silent: Millis }
  | { readonly code: "away"; readonly within: Millis }
  | { readonly code: "isolated" }
  | { readonly code: "connected" }
  | { readonly code: "takeover-held-off"; readonly group: GroupName; readonly mac: string }
  | { readonly code: "address-in-use"; readonly group: GroupName; readonly mac: string }
  | { readonly code: "address-doubted"; readonly group: GroupName; readonly peer: NodeName }
  | { readonly code: "address-believed"; readonly group: GroupName }
  | { readonly code: "witness-failed"; readonly reason: string }
  | { readonly code: "witness-reached" }
  | { readonly code: "witness-decided"; readonly owner: NodeName }
  | {
      readonly code: "group-taking";
      readonly group: GroupName;
      readonly term: number;
      readonly reason: TakeReason;
      /** With `peer-refused`: why, as the peer said. */
      readonly cause: string | undefined;
    }
  | {
      readonly code: "group-held";
      readonly group: GroupName;
      readonly from: NodeName | undefined;
      readonly reason: TakeReason;
      /** From the holder's last sign of life, or its word that it gives up, to the decision. */
      readonly detect: Millis;
      /** From the decision to the first announcement of its addresses: see group.ts. */
      readonly decide?: Millis;
      readonly lease?: Millis;
      readonly address?: Millis;
      readonly announce?: Millis;
      /** From the decision to the last resource. */
      readonly took: Millis;
      /** Both together: what a client may have missed. */
      readonly outage: Millis;
    }
  | {
      readonly code: "group-giving-up";
      readonly group: GroupName;
      readonly reason: GiveUpReason;
      readonly to: NodeName | undefined;
    }
  | { readonly code: "group-released"; readonly group: GroupName; readonly took: Millis }
  | {
      readonly code: "start-failed";
      readonly group: GroupName;
      readonly resource: string;
      readonly reason: string;
    }
  | {
      readonly code: "stop-failed";
      readonly group: GroupName;
      readonly resource: string;
      readonly reason: string;
    }
  | { readonly code: "job-overdue"; readonly group: GroupName; readonly resource: string }
  | { readonly code: "group-obstructed"; readonly group: GroupName; readonly reason: string }
  | { readonly code: "group-eligible"; readonly group: GroupName }
  | { readonly code: "group-unserved"; readonly group: GroupName }
  | {
      readonly code: "split-brain";
      readonly group: GroupName;
      readonly peer: NodeName;
      readonly winner: NodeName;
    }
  | { readonly code: "split-brain-over"; readonly group: GroupName; readonly holder: NodeName }
  | { readonly code: "address-restored"; readonly group: GroupName; readonly resource: string }
  | { readonly code: "address-leftover"; readonly group: GroupName; readonly resource: string }
  | { readonly code: "address-adopted"; readonly group: GroupName; readonly resource: string }
  | { readonly code: "address-foreign"; readonly group: GroupName; readonly resource: string }
  | { readonly code: "move-asked"; readonly group: GroupName; readonly to: NodeName }
  | { readonly code: "move-failed"; readonly group: GroupName; readonly reason: string }
  | {
      readonly code: "maintenance-on";
      readonly by: NodeName;
      readonly reason: string;
      /** Undefined: until it is taken back. */
      readonly left: Millis | undefined;
    }
  | { readonly code: "maintenance-off"; readonly by: NodeName }
  | { readonly code: "maintenance-over" }
  | { readonly code: "reloaded"; readonly groups: number }
  | { readonly code: "reload-refused"; readonly errors: number; readonly first: string }
  | { readonly code: "program-started"; readonly program: string; readonly pid: number }
  | {
      readonly code: "program-ended" | "program-given-up";
      readonly program: string;
      readonly reason: string;
    }
  | { readonly code: "program-done"; readonly program: string }
  | { readonly code: "realtime-refused"; readonly reason: string; readonly instead: string }
  | { readonly code: "memory-unlocked"; readonly reason: string }
  | { readonly code: "socket-refused"; readonly purpose: string; readonly reason: string }
  | { readonly code: "watchdog-armed"; readonly device: string; readonly seconds: number }
  | { readonly code: "watchdog-failed"; readonly device: string; readonly reason: string }
  | { readonly code: "leaving" }
  | { readonly code: "left" };

export type NoticeCode = Notice["code"];

/**
 * error: a service is, or may be, down or held twice: wake someone. warn: unusual, everything
 * still works. info: the operator's story of the cluster.
 */
export type Level = "info" | "warn" | "error";

/** Level and sentence of every notice. The values travel beside the sentence, not inside it. */
export const notices: { readonly [C in NoticeCode]: readonly [Level, string] } = {
  started: ["info", "the daemon has started and listens for its peers"],
  "ended-badly": [
    "warn",
    "the daemon did not end in good order the last time: it was killed, or the machine went down",
  ],
  active: ["info", "every peer was heard or is dead: this node takes part"],
  "peer-up": ["info", "peer is up"],
  "peer-restarted": ["warn", "peer was restarted between two heartbeats"],
  "peer-late": ["warn", "peer is late"],
  "peer-unreachable": [
    "warn",
    "no daemon listens at the peer any more, its kernel says: what it holds can be taken when its lease has ended",
  ],
  "peer-dead": ["error", "peer is dead"],
  "peer-returned": ["warn", "peer was called dead and is heard again"],
  "peer-left": ["info", "peer has stopped in good order"],
  fencing: ["warn", "fencing the dead peer before anything that it may hold is taken"],
  fenced: ["warn", "the dead peer is fenced: what it may have held can be taken"],
  "fence-failed": [
    "error",
    "the dead peer could not be fenced: what it may hold is not taken; it is tried again",
  ],
  "fence-confirmed": ["warn", "the operator has made sure that the dead peer is off"],
  "peer-original": ["info", "peer runs the original heartbeat: its protocol is spoken with it"],
  "original-among-many": [
    "error",
    "a peer runs the original heartbeat, which knows pairs only: nothing is taken while it lives",
  ],
  "peer-deaf": ["warn", "peer is heard but does not hear this node: the link works one way only"],
  "peer-hears-us": ["info", "peer hears this node"],
  "peer-differs": [
    "warn",
    "peer has other configuration files, or has not read the same ones yet: make them the same",
  ],
  "peer-agrees": ["info", "peer has the same configuration files"],
  "link-up": ["info", "peer is heard on this medium"],
  "link-late": ["warn", "peer is late on this medium, and heard on another"],
  "link-dead": ["warn", "peer is no longer heard on this medium"],
  "ping-up": ["info", "the ping node answers"],
  "ping-dead": ["warn", "the ping node does not answer: who reaches more of them holds the groups"],
  "medium-open": ["info", "the medium is open: heartbeats are sent, and listened for"],
  "medium-failed": ["warn", "no heartbeats on this medium: it is tried again when it changes"],
  "datagrams-rejected": ["warn", "datagrams were dropped unread"],
  "sends-failed": ["warn", "heartbeats could not be sent"],
  "name-clash": ["error", "another machine calls itself by this node's name"],
  stalled: ["error", "this node did not run for longer than warntime"],
  "lease-lapsed": [
    "error",
    "the lease has run out: this node holds its addresses and does not answer for them",
  ],
  "lease-regained": ["warn", "this node answers again: nobody has taken what it holds"],
  away: ["info", "the daemon is replaced: nothing moves if it is back within this time"],
  isolated: [
    "error",
    "this node hears no peer and reaches no ping node: it gives up what it holds, and takes nothing",
  ],
  connected: ["warn", "this node hears a peer or reaches a ping node again"],
  "takeover-held-off": [
    "error",
    "not taken: a machine that is not heard answers for it, so only the heartbeats do not come through",
  ],
  "address-in-use": ["error", "another machine uses an address that is held here"],
  "address-doubted": [
    "warn",
    "a peer finds that the network does not answer with this node's address: it is announced again",
  ],
  "address-believed": ["info", "the network answers with this node's address"],
  "witness-failed": ["error", "the witness cannot be asked: it could not decide if it had to"],
  "witness-reached": ["info", "the witness can be asked"],
  "witness-decided": ["warn", "the witness gave its vote while the nodes do not hear each other"],
  "group-taking": ["info", "taking the resource group"],
  "group-held": ["info", "the resource group is held here"],
  "group-giving-up": ["info", "giving up the resource group"],
  "group-released": ["info", "the resource group is no longer held here"],
  "start-failed": ["error", "a resource could not be started: the group is given away"],
  "stop-failed": ["error", "a resource could not be stopped: the group stays claimed here"],
  "job-overdue": ["error", "a resource takes too long and is killed"],
  "group-obstructed": ["warn", "the resource group cannot be held here"],
  "group-eligible": ["info", "the resource group can be held here"],
  "group-unserved": ["error", "no living node can hold the resource group"],
  "split-brain": ["error", "two nodes hold the resource group"],
  "split-brain-over": ["warn", "one node holds the resource group"],
  "address-restored": ["warn", "an address was removed by somebody else and is put back"],
  "address-leftover": ["warn", "an address of ours was left behind and is removed"],
  "address-adopted": ["info", "an address was configured already and is held from now on"],
  "address-foreign": ["error", "an address is configured here, not by this daemon, and not held"],
  "move-asked": ["info", "the operator asked for the resource group to be moved"],
  "move-failed": ["warn", "the resource group was not moved"],
  "maintenance-on": ["warn", "maintenance: nothing moves by itself, not even from a dead node"],
  "maintenance-off": ["info", "maintenance has ended at the operator's word"],
  "maintenance-over": ["warn", "maintenance has ended, because its time is over"],
  reloaded: ["info", "the configuration was read anew"],
  "reload-refused": ["error", "the new configuration has errors: the old one stays in force"],
  "program-started": ["info", "a program of a respawn line is started"],
  "program-ended": ["warn", "a program of a respawn line has ended, and is started again"],
  "program-given-up": [
    "error",
    "a program of a respawn line ends as soon as it is started: it is not tried any more",
  ],
  "program-done": [
    "info",
    "a program of a respawn line has ended with exit status 100, and is not started again",
  ],
  "realtime-refused": [
    "warn",
    "the kernel does not make the daemon a realtime program: on a busy machine it may be late",
  ],
  "memory-unlocked": [
    "info",
    "the kernel does not keep the daemon in memory: a machine that runs out of it may delay it",
  ],
  "socket-refused": [
    "warn",
    "the kernel refuses a socket: what would be heard by it is missing until it is had",
  ],
  "watchdog-armed": ["info", "the watchdog restarts the machine if the daemon hangs or crashes"],
  "watchdog-failed": ["warn", "the watchdog does not work"],
  leaving: ["info", "stopping: every resource group is given up"],
  left: ["info", "stopped"],
};
