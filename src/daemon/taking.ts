/**
 * What the core asks for when a group is taken: the lease, and what is to be added, started and stopped.
 * In a place of its own, since a rehearsal goes the same way.
 */
import type { Effect, JobId, JobOutcome, Task } from "../core/index.ts";
import { now } from "../linux/index.ts";
import { unreachable } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import { instant } from "../std/time.ts";
import type { Fencing } from "./fence.ts";
import type { Host } from "./host.ts";
import type { Leases } from "./leases.ts";
import type { Scripts } from "./scripts.ts";

/** Who keeps a lease. */
export interface Keepers {
  readonly host: Pick<Host, "announcer">;
  readonly leases: Pick<Leases, "grant" | "renew">;
}

/** @returns why not, if it could not: then nothing is announced any more */
export function prolong(
  { host, leases }: Keepers,
  { type, until }: Extract<Effect, { type: "grant" | "renew" }>,
): string | undefined {
  const reason = leases[type](until);
  host.announcer.allowUntil(reason === undefined ? until : instant(0));
  return reason;
}

/** Who does what takes long. */
export interface Workers {
  readonly host: Pick<Host, "add" | "remove">;
  readonly scripts: Pick<Scripts, "run">;
  readonly fencing: Pick<Fencing, "run">;
  /** Of what the host does. */
  readonly done: (job: JobId, outcome: JobOutcome) => void;
}

/** @param begun - when the turn's effects began to be carried out */
export function runTask(
  workers: Workers,
  { job, task }: { readonly job: JobId; readonly task: Task },
  begun: Instant,
): void {
  const { host, scripts, fencing, done } = workers;
  switch (task.type) {
    case "addAddresses": {
      const leased = now();
      return host.add(task.ips, (result, added) => {
        const moments = { begun, leased, added, announced: now() };
        done(job, result.type === "succeeded" ? { ...result, moments } : result);
      });
    }
    case "removeAddresses":
      return done(job, host.remove(task.ips));
    case "start":
    case "stop":
      return scripts.run(job, task.type, task.resource);
    case "fence":
      return fencing.run(job, task.node, task.device);
    default:
      return unreachable(task);
  }
}
