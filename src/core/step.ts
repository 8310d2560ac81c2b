import { assert, unreachable } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import { after, never, seconds } from "../std/time.ts";
import { repeatAnnouncements } from "./announce.ts";
import { awayDue, recordGoAway, settleAway } from "./away.ts";
import { beliefDue, checkBelief, insist } from "./believed.ts";
import { pluggedUntil } from "./carrier.ts";
import { answerCommands, recordCommand } from "./command.ts";
import { conflictDue, probeDying, recordSighting } from "./conflict.ts";
import type { Effect } from "./effect.ts";
import { fenceDue, recordConfirm, recordFenced, watchDead } from "./fence.ts";
import { isClaimed } from "./group.ts";
import { originalDue, settleOriginal } from "./handover.ts";
import { forgiveStall, judgePeers, linksDue, recordMessage } from "./hearing.ts";
import { mendAddresses, mended, recordHost } from "./hosts.ts";
import type { Input } from "./input.ts";
import { judgeIsolation } from "./isolation.ts";
import type { JobOutcome, Task } from "./job.ts";
import { leaseDue, recordLapse, settleLease } from "./lease.ts";
import { goAway, linger } from "./linger.ts";
import { judgeMaintenance, maintenanceDue, recordMaintenance } from "./maintenance.ts";
import { isUneventful, isWaiting } from "./news.ts";
import { recordOriginal } from "./original-hearing.ts";
import { judgementDue } from "./peer.ts";
import { askPings, judgeReach, reachDue, recordPong } from "./reach.ts";
import { finishReload, recordConfig } from "./reload.ts";
import { recall, remember, rememberDue, resume } from "./remember.ts";
import { groupDue, settleGroups } from "./settle.ts";
import { speak } from "./speak.ts";
import type { Deadline, State } from "./state.ts";
import { countRejected, countSendFailed, tellTallies } from "./tally.ts";
import { advance } from "./transition.ts";
import type { Turn } from "./turn.ts";
import { act, tell } from "./turn.ts";
import type { JobId } from "./types.ts";
import { deadAt, recordUnreachable } from "./unreachable.ts";
import { usurperDue } from "./usurper.ts";
import { recordWitness, settleWitness } from "./witness.ts";

/** How long a node that stops waits for what does not stop. */
const LEAVE_PATIENCE = seconds(10);

/**
 * Lets a node live up to `now`, and says what is to be done.
 *
 * Inputs only record facts. What follows from the facts is worked out once, after all of them and
 * in the same order whatever they were, so that a message lost, doubled or late changes when a
 * thing is done but never what is done.
 *
 * @param state - changed in place
 * @param inputs - what came in since the last call, oldest first; none when only time has passed
 * @param now - monotonic, and never earlier than the one before
 */
export function step(state: State, inputs: readonly Input[], now: Instant): Effect[] {
  assert(now >= state.now, `a clock that does not run backwards from ${state.now} to ${now}`);
  const turn: Turn = {
    state,
    acts: [],
    tells: [],
    offers: new Map(),
    urgent: false,
    follows: false,
    hasNews: inputs.some(({ type }) => type !== "message") || inputs.length === 0,
    wantsToTake: false,
    claimants: new Map(),
  };
  const before = state.now;
  state.now = now;
  if (state.isNew) tell(turn, { code: "started", generation: state.generation });
  if (state.isNew) recall(turn);
  state.isNew = false;
  if (state.lingersUntil !== undefined) {
    const effects = linger(turn, inputs);
    state.next = nextDeadline(state);
    return effects;
  }

  forgiveStall(turn, before);
  for (const input of inputs) record(turn, input);
  if (!isUneventful(turn)) conclude(turn);
  return [...turn.acts, ...turn.tells];
}

/** Asks all questions, always in this order. */
function conclude(turn: Turn): void {
  judgeMaintenance(turn);
  resume(turn);
  judgePeers(turn);
  watchDead(turn);
  finishReload(turn);
  judgeReach(turn);
  judgeIsolation(turn);
  mendAddresses(turn);
  settleWitness(turn);
  probeDying(turn);
  settleGroups(turn);
  settleOriginal(turn);
  settleLease(turn);
  insist(turn);
  repeatAnnouncements(turn);
  checkBelief(turn);
  cancelOverdueJobs(turn);
  settleAway(turn);
  speak(turn);
  askPings(turn);
  answerCommands(turn);
  tellTallies(turn);
  remember(turn);
  finishLeaving(turn);
  turn.state.isWaiting = isWaiting(turn);
  turn.state.next = nextDeadline(turn.state);
}

/** When `step` must be called again though nothing happens, and what for. */
export function nextDeadline(state: State): Deadline {
  if (state.exited) return { at: never, why: "nothing: this node has left" };
  if (state.lingersUntil !== undefined) return { at: state.lingersUntil, why: "the end" };
  let next = { at: state.nextKeepalive, why: "keepalive" };
  const consider = (at: Instant | undefined, why: string): void => {
    if (at !== undefined && at < next.at) next = { at, why };
  };
  for (const peer of state.peers.values()) {
    consider(judgementDue(peer, state.config.timing, deadAt(state, peer)), "silence of a peer");
    for (const at of linksDue(state, peer)) consider(at, "silence on a link");
  }
  for (const group of state.groups.values()) {
    for (const at of groupDue(group, state.now)) consider(at, `group ${group.config.name}`);
    // Nothing is announced, nor is time to do so, while the lease has lapsed.
    if (state.lease.lapsed === undefined) consider(group.announcing?.next, "an announcement");
  }
  for (const [name, fence] of state.fences) {
    consider(fenceDue(fence, state.now), `fencing of ${name}`);
  }
  for (const at of reachDue(state)) consider(at, "ping nodes");
  consider(awayDue(state), "the restart of the daemon");
  for (const at of leaseDue(state)) consider(at, "the lease");
  for (const at of conflictDue(state)) consider(at, "who else answers");
  const plugged = pluggedUntil(state);
  if (plugged !== undefined && plugged > state.now) consider(plugged, "a cable that is back");
  for (const at of usurperDue(state)) consider(at, "who else holds it");
  for (const at of beliefDue(state)) consider(at, "what the network believes");
  consider(rememberDue(state), "what the next life must know");
  for (const at of maintenanceDue(state)) consider(at, "maintenance");
  for (const at of originalDue(state)) consider(at, "the talk with an original");
  for (const job of state.jobs.values()) consider(job.due, `job ${job.id}`);
  const patience = state.leaving?.until;
  // Once it is over, what still stops is waited for, not time.
  if (patience !== undefined && patience > state.now) consider(patience, "the end of patience");
  return next;
}

function record(turn: Turn, input: Input): void {
  const { state } = turn;
  switch (input.type) {
    case "message":
      return recordMessage(turn, input.medium, input.message);
    case "original":
      return recordOriginal(turn, input.medium, input.message);
    case "rejected":
      return countRejected(turn, input);
    case "medium":
      return recordMedium(turn, input);
    case "sendFailed":
      return countSendFailed(turn, input.medium, input.errno);
    case "host":
      return recordHost(turn, input.addresses);
    case "pong":
      return recordPong(turn, input.ping);
    case "sighting":
      return recordSighting(turn, input);
    case "unreachable":
      return recordUnreachable(turn, input.node);
    case "leaseKind":
      state.lease.kind = input.kind;
      return undefined;
    case "lapsed":
      return recordLapse(turn, input.reason);
    case "witness":
      return recordWitness(turn, input);
    case "jobDone":
      return recordOutcome(turn, input.job, input.outcome);
    case "command":
      return recordCommand(turn, input.request, input.command);
    case "confirm":
      return recordConfirm(turn, input);
    case "maintain":
      return recordMaintenance(turn, input);
    case "goAway":
      return recordGoAway(turn, input);
    case "misconfigured":
      state.misconfigured = input.first;
      return tell(turn, { code: "reload-refused", errors: input.errors, first: input.first });
    case "configured":
      return recordConfig(turn, input.config);
    case "leave":
      if (state.leaving !== undefined) return undefined;
      state.leaving = { until: never };
      state.changed = state.sequence + 1;
      turn.urgent = true;
      return tell(turn, { code: "leaving" });
    default:
      return unreachable(input);
  }
}

function recordMedium(turn: Turn, input: Extract<Input, { type: "medium" }>): void {
  const { medium: name, fault, canHear } = input;
  const medium = turn.state.media.get(name);
  if (medium === undefined) return;
  medium.fault = fault;
  medium.canHear = canHear;
  if (fault === undefined) tell(turn, { code: "medium-open", medium: name });
  else tell(turn, { code: "medium-failed", medium: name, reason: fault });
}

function recordOutcome(turn: Turn, id: JobId, outcome: JobOutcome): void {
  const { state } = turn;
  const job = state.jobs.get(id);
  assert(job !== undefined, `one outcome for job ${id}`);
  state.jobs.delete(id);
  if (job.task.type === "fence") return recordFenced(turn, job.task.node, job, outcome);
  const group = job.group === undefined ? undefined : state.groups.get(job.group);
  if (group === undefined) return undefined;
  if (group.mending === id) return mended(turn, group, outcome);
  return advance(turn, group, id, outcome);
}

function cancelOverdueJobs(turn: Turn): void {
  const { jobs, now } = turn.state;
  for (const job of jobs.values()) {
    if (now < job.due) continue;
    job.due = never;
    act(turn, { type: "cancel", job: job.id });
    const resource = resourceOf(job.task);
    // A device that takes too long is told when the next one is tried.
    if (job.group === undefined || resource === undefined) continue;
    tell(turn, { code: "job-overdue", group: job.group, resource });
  }
}

function resourceOf(task: Task): string | undefined {
  switch (task.type) {
    case "start":
    case "stop":
      return task.resource.name;
    case "addAddresses":
    case "removeAddresses":
      return task.ips.map(({ address }) => address).join(" ");
    case "fence":
      return undefined;
    default:
      return unreachable(task);
  }
}

/** A node that stops says goodbye when it claims nothing any more, and else goes without a word. */
function finishLeaving(turn: Turn): void {
  const { state } = turn;
  const { leaving } = state;
  if (leaving === undefined || state.exited) return;
  const claimed = [...state.groups.values()].filter(isClaimed);
  if (claimed.length === 0) return goAway(turn);
  if (claimed.some(({ local }) => local.at !== "stuck")) return;
  if (leaving.until === never) state.leaving = { until: after(state.now, LEAVE_PATIENCE) };
  else if (state.now >= leaving.until) {
    state.exited = true;
    turn.tells.push({ type: "exit", code: 1 });
  }
}
