/**
 * What the passes of one `step` share: the state, what is to be done, what is to be told.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after } from "../std/time.ts";
import type { Effect } from "./effect.ts";
import type { Group, Local } from "./group.ts";
import type { Task } from "./job.ts";
import type { Notice } from "./notice.ts";
import type { Side } from "./original-message.ts";
import type { HandoverReason } from "./original.ts";
import type { State } from "./state.ts";
import type { Claim, GroupName, JobId, NodeName } from "./types.ts";
import { jobId } from "./types.ts";

export interface Turn {
  readonly state: State;
  /** Carried out first: nothing that a client waits for comes after words for the operator. */
  readonly acts: Effect[];
  readonly tells: Effect[];
  /** Sides that are to go to an original, and why: see handover.ts. */
  readonly offers: Map<Side, HandoverReason>;
  /** A heartbeat is due at once: what this node says has changed, or a peer waits to be heard. */
  urgent: boolean;
  /** The living peers that claim groups: see settle.ts. */
  claimants: ReadonlyMap<GroupName, Claimant>;
  /** Our heartbeats are to follow those of a peer: see hearing.ts. */
  follows: boolean;
  /** Something came in that is more than one more heartbeat of the same: see news.ts. */
  hasNews: boolean;
  /** A group belongs here, and it is waited for what allows to take it. */
  wantsToTake: boolean;
}

/** A living peer that claims a group. */
export interface Claimant {
  readonly node: NodeName;
  readonly at: Claim["at"];
}

export function act(turn: Turn, effect: Effect): void {
  turn.acts.push(effect);
}

export function tell(turn: Turn, notice: Notice | undefined): void {
  if (notice !== undefined) turn.tells.push({ type: "tell", notice });
}

/** Marks that what this node says of the group changes with the heartbeat of this turn. */
export function markChanged(turn: Turn, group: Group): void {
  const next = turn.state.sequence + 1;
  group.saidSince = next;
  turn.state.changed = next;
  turn.urgent = true;
}

export function setLocal(turn: Turn, group: Group, local: Local): void {
  group.local = local;
  markChanged(turn, group);
}

/** Begins a job for a group; it reports with one input `jobDone`. */
export function run(turn: Turn, group: Group, task: Task): JobId {
  return begin(turn, task, group.config.name);
}

/** The same, for a group or, if that is undefined, for what the task itself names. */
export function begin(turn: Turn, task: Task, group: GroupName | undefined): JobId {
  const { state } = turn;
  state.lastJob += 1;
  const id = jobId(state.lastJob);
  const limit = limitOf(task, turn);
  state.jobs.set(id, {
    id,
    group,
    task,
    startedAt: state.now,
    due: after(state.now, limit),
    limit,
  });
  act(turn, { type: "run", job: id, group, task });
  return id;
}

function limitOf(task: Task, turn: Turn): Millis {
  const { config } = turn.state;
  switch (task.type) {
    case "addAddresses":
    case "start":
      return config.startTimeout;
    case "removeAddresses":
    case "stop":
      return config.stopTimeout;
    case "fence":
      return config.fencing?.timeout ?? config.stopTimeout;
  }
}

export function isDue(at: Instant, turn: Turn): boolean {
  return turn.state.now >= at;
}
