/**
 * What takes long: tasks that the daemon performs and reports, and the deadlines that the core sets.
 */
import type { Instant, Millis } from "../std/time.ts";
import type { GroupName, JobId, NodeName, Resource, VirtualIp } from "./types.ts";

export type Task =
  /** Consecutive addresses of a group, in one batch. */
  | { readonly type: "addAddresses"; readonly ips: readonly VirtualIp[] }
  | { readonly type: "removeAddresses"; readonly ips: readonly VirtualIp[] }
  /** Make it run: asks for its status first, and starts it only if it does not run. */
  | { readonly type: "start"; readonly resource: ScriptedResource }
  | { readonly type: "stop"; readonly resource: ScriptedResource }
  /** Reset a dead peer, or switch it off. Belongs to no group. */
  | {
      readonly type: "fence";
      readonly node: NodeName;
      /** Its place in `fencing.devices`. */
      readonly device: number;
    };

/** A resource that a program starts and stops. */
export type ScriptedResource = Exclude<Resource, { readonly type: "address" }>;

export type JobOutcome =
  | { readonly type: "succeeded"; readonly moments?: AddMoments }
  | { readonly type: "failed"; readonly reason: string }
  | { readonly type: "cancelled" };

/** What adding addresses was made of. */
export interface AddMoments {
  /** The turn in which it was decided was over, and its effects were begun. */
  readonly begun: Instant;
  /** The lease was granted, and what else stood before it was done. */
  readonly leased: Instant;
  /** The kernel has the addresses. */
  readonly added: Instant;
  /** Each of them has been announced once. */
  readonly announced: Instant;
}

/** A job that runs. */
export interface Job {
  readonly id: JobId;
  /** Undefined: it is for a peer, which the task names. */
  readonly group: GroupName | undefined;
  readonly task: Task;
  readonly startedAt: Instant;
  /** When it is cancelled; `never` once it was. */
  due: Instant;
  readonly limit: Millis;
}
