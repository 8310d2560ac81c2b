/**
 * The moves of a group between the states of group.ts: one job at a time, the next when it is done.
 */
import { assert } from "../std/assert.ts";
import type { Instant, Millis } from "../std/time.ts";
import { after, elapsed, seconds } from "../std/time.ts";
import { addedIps, announceNow } from "./announce.ts";
import type { AddressResource, GivingUp, Group, Step, Taking } from "./group.ts";
import { addressesOf, nameOfStep, noteAddresses, stepAt, stepsOf } from "./group.ts";
import type { AddMoments, JobOutcome, Task } from "./job.ts";
import { beginLease } from "./lease.ts";
import type { GiveUpReason } from "./notice.ts";
import type { Turn } from "./turn.ts";
import { act, run, setLocal, tell } from "./turn.ts";
import type { GroupConfig, JobId, NodeName, TakeReason } from "./types.ts";

/** After a failed stop, before the next try. */
const STOP_RETRY: Millis = seconds(5);
/** After a failed start, before this node may try again, if no other can take the group. */
const START_RETRY: Millis = seconds(30);
/** How long a group given to a node is left to it before the others take their turn again. */
const YIELD_FOR: Millis = seconds(10);

export interface TakeOrder {
  readonly reason: TakeReason;
  readonly from: NodeName | undefined;
  readonly cause?: string | undefined;
  readonly lostAt: Instant;
  readonly pinned: boolean;
}

export function take(turn: Turn, group: Group, order: TakeOrder): void {
  group.term += 1;
  group.wants = undefined;
  group.yields = undefined;
  group.resting = undefined;
  group.plugged = undefined;
  group.wasOurs = false;
  group.refusal = undefined;
  const taking: Taking = { ...order, term: group.term, decidedAt: turn.state.now };
  startStep(turn, group, taking, 0);
  tell(turn, {
    code: "group-taking",
    group: group.config.name,
    term: taking.term,
    reason: taking.reason,
    cause: taking.cause,
  });
}

export interface GiveUpOrder {
  readonly why: Exclude<GiveUpReason, "start-failed" | "left-behind">;
  readonly to: NodeName | undefined;
}

/** Gives up a group that is held or being taken. */
export function giveUp(turn: Turn, group: Group, order: GiveUpOrder): void {
  const { local } = group;
  const giving: GivingUp = { ...order, since: turn.state.now, failure: undefined };
  assert(local.at === "held" || local.at === "starting", `a group to give up, not ${local.at}`);
  group.standby = false;
  group.wants = undefined;
  const isWord = order.why === "standby" || order.why === "takeover";
  if (isWord && group.config.nodes[0] === turn.state.config.self) group.resting = order.to;
  if (order.why === "conflict") letGoAtOnce(turn, group);
  if (local.at === "held") {
    stopStep(turn, group, { taking: local.taking, giving }, stepsOf(group.config).length - 1);
  } else {
    act(turn, { type: "cancel", job: local.job });
    setLocal(turn, group, { ...local, abort: giving });
  }
  tell(turn, {
    code: "group-giving-up",
    group: group.config.name,
    reason: order.why,
    to: order.to,
  });
}

/**
 * Stops what a former life of the daemon, which was killed, has left running: another node may have
 * started it meanwhile. Until it has stopped the group is claimed, as with any stop.
 */
export function cleanUp(turn: Turn, group: Group, term: number): void {
  const steps = stepsOf(group.config);
  if (steps.every(({ type }) => type === "addresses")) return;
  const { now } = turn.state;
  const taking: Taking = {
    term,
    reason: "restart",
    from: undefined,
    lostAt: now,
    decidedAt: now,
    pinned: false,
  };
  const giving: GivingUp = { why: "left-behind", to: undefined, since: now, failure: undefined };
  stopStep(turn, group, { taking, giving }, steps.length - 1);
  tell(turn, {
    code: "group-giving-up",
    group: group.config.name,
    reason: "left-behind",
    to: undefined,
  });
}

/** Another node answers for the addresses: they do not wait for the scripts that stand behind them. */
function letGoAtOnce(turn: Turn, group: Group): void {
  const ips = addressesOf(group.config).map(({ ip }) => ip);
  group.announcing = undefined;
  if (ips.length > 0) group.mending = run(turn, group, { type: "removeAddresses", ips });
}

/** Tries again to stop what did not stop. */
export function stopAgain(turn: Turn, group: Group): void {
  const { local } = group;
  assert(local.at === "stuck", `a stuck group, not ${local.at}`);
  stopStep(turn, group, { taking: local.taking, giving: local.giving }, local.step);
}

/** What follows from the end of the job that the group waited for. */
export function advance(turn: Turn, group: Group, job: JobId, outcome: JobOutcome): void {
  const { local } = group;
  if (local.at === "starting" && local.job === job) {
    if (outcome.type === "succeeded") started(turn, group, outcome.moments);
    else startFailed(turn, group, reasonOf(outcome));
  } else if (local.at === "stopping" && local.job === job) {
    if (outcome.type === "succeeded") stopped(turn, group);
    else stopFailed(turn, group, reasonOf(outcome));
  }
}

function reasonOf(outcome: Exclude<JobOutcome, { readonly type: "succeeded" }>): string {
  return outcome.type === "failed" ? outcome.reason : "it took too long";
}

function startStep(turn: Turn, group: Group, taking: Taking, index: number): void {
  const step = stepAt(group.config, index);
  if (step.type === "addresses") beginLease(turn);
  const job = run(turn, group, startTask(step));
  setLocal(turn, group, { at: "starting", taking, step: index, job, abort: undefined });
}

function startTask(step: Step): Task {
  return step.type === "addresses"
    ? { type: "addAddresses", ips: step.resources.map(({ ip }) => ip) }
    : { type: "start", resource: step.resource };
}

function started(turn: Turn, group: Group, moments: AddMoments | undefined): void {
  const { local } = group;
  assert(local.at === "starting", "a group that was starting");
  const { abort } = local;
  const taking = withPhases(local.taking, moments);
  if (abort !== undefined) return stopStep(turn, group, { taking, giving: abort }, local.step);
  const step = stepAt(group.config, local.step);
  if (step.type === "addresses") {
    announceNow(turn, group, addedIps(group, local.step + 1));
    noteAdded(turn, group, step.resources);
  }
  if (local.step + 1 < stepsOf(group.config).length) {
    return startStep(turn, group, taking, local.step + 1);
  }
  return held(turn, group, { taking, at: moments?.announced ?? turn.state.now });
}

function withPhases(taking: Taking, moments: AddMoments | undefined): Taking {
  if (moments === undefined || taking.phases !== undefined) return taking;
  const { begun, leased, added, announced } = moments;
  const phases = {
    decide: elapsed(taking.decidedAt, begun),
    lease: elapsed(begun, leased),
    address: elapsed(leased, added),
    announce: elapsed(added, announced),
  };
  return { ...taking, phases };
}

/** @param at - when its last resource was there: an address, when it had been announced */
function held(
  turn: Turn,
  group: Group,
  { taking, at }: { readonly taking: Taking; readonly at: Instant },
): void {
  const { now } = turn.state;
  setLocal(turn, group, { at: "held", taking, since: now });
  const { reason, from, lostAt, decidedAt, phases } = taking;
  group.lastMove = { taking, heldAt: at, phases };
  tell(turn, {
    code: "group-held",
    group: group.config.name,
    from,
    reason,
    detect: elapsed(lostAt, decidedAt),
    ...phases,
    took: elapsed(decidedAt, at),
    outage: elapsed(lostAt, at),
  });
}

function noteAdded(turn: Turn, group: Group, resources: readonly AddressResource[]): void {
  for (const { name: resource } of resources) {
    if (group.facts.get(resource)?.present !== "foreign") continue;
    tell(turn, { code: "address-adopted", group: group.config.name, resource });
  }
  noteAddresses(group, resources, "ours");
}

function startFailed(turn: Turn, group: Group, reason: string): void {
  const { local } = group;
  assert(local.at === "starting", "a group that was starting");
  const { taking, abort } = local;
  // What was cancelled to be given up has not failed.
  if (abort !== undefined) return stopStep(turn, group, { taking, giving: abort }, local.step);
  const resource = nameOfStep(stepAt(group.config, local.step));
  const giving: GivingUp = {
    why: "start-failed",
    to: undefined,
    since: turn.state.now,
    failure: `${resource}: ${reason}`,
  };
  stopStep(turn, group, { taking, giving }, local.step);
  return tell(turn, { code: "start-failed", group: group.config.name, resource, reason });
}

interface Ending {
  readonly taking: Taking;
  readonly giving: GivingUp;
}

function stopStep(turn: Turn, group: Group, ending: Ending, index: number): void {
  const step = stepAt(group.config, index);
  if (step.type === "addresses") group.announcing = undefined;
  const job = run(turn, group, stopTask(step));
  setLocal(turn, group, { at: "stopping", ...ending, step: index, job });
}

function stopTask(step: Step): Task {
  return step.type === "addresses"
    ? { type: "removeAddresses", ips: step.resources.map(({ ip }) => ip) }
    : { type: "stop", resource: step.resource };
}

function stopped(turn: Turn, group: Group): void {
  const { local } = group;
  assert(local.at === "stopping", "a group that was stopping");
  const { taking, giving, step } = local;
  const ended = stepAt(group.config, step);
  if (ended.type === "addresses") noteAddresses(group, ended.resources, "absent");
  if (step > 0) return stopStep(turn, group, { taking, giving }, step - 1);
  return released(turn, group, taking, giving);
}

/** As its line is from now on. The claim stands meanwhile: a reload moves nothing. */
function startAnew(turn: Turn, group: Group, taking: Taking, config: GroupConfig): void {
  group.config = config;
  group.next = undefined;
  group.facts.clear();
  startStep(turn, group, { ...taking, lostAt: turn.state.now, decidedAt: turn.state.now }, 0);
}

function released(turn: Turn, group: Group, taking: Taking, giving: GivingUp): void {
  const { now } = turn.state;
  const changed = group.next?.config;
  if (giving.why === "unconfigured" && changed !== undefined) {
    return startAnew(turn, group, taking, changed);
  }
  group.announcing = undefined;
  group.seen = undefined;
  group.standby = false;
  if (giving.failure === undefined) {
    setLocal(turn, group, { at: "stopped" });
  } else {
    const retryAt = after(now, START_RETRY);
    setLocal(turn, group, { at: "refused", reason: giving.failure, retryAt });
  }
  if (giving.to !== undefined && giving.why !== "conflict") {
    group.yields = { to: giving.to, until: after(now, YIELD_FOR) };
  }
  tell(turn, {
    code: "group-released",
    group: group.config.name,
    took: elapsed(giving.since, now),
  });
}

function stopFailed(turn: Turn, group: Group, reason: string): void {
  const { local } = group;
  assert(local.at === "stopping", "a group that was stopping");
  const { taking, giving, step } = local;
  const resource = nameOfStep(stepAt(group.config, step));
  const retryAt = after(turn.state.now, STOP_RETRY);
  setLocal(turn, group, { at: "stuck", taking, giving, step, resource, reason, retryAt });
  tell(turn, { code: "stop-failed", group: group.config.name, resource, reason });
}
