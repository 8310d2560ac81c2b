/**
 * Fencing: before this node takes what a dead peer has, or may have, a device has made sure that the
 * peer does nothing any more. Silence proves only that it is not heard.
 *
 *              a group of it is to be taken                  a device reset it
 *   waiting ────────────────────────────────▶ fencing ──────────────────────────▶ done
 *                                               ▲  │ it failed                     ▲
 *        the next device, or the first after 5 s│  ▼                               │
 *                                              failed ─────────────────────────────┘
 *                                                      the operator's word
 *
 * There is a fence for every peer that is dead, from the turn in which it is found dead until it is
 * heard again. Without a device there are none, and what is dead is taken from at once.
 *
 * The node that is to take fences, nobody else. When the network is cut in two, both halves may do so,
 * and the faster device decides.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, elapsed, never, seconds } from "../std/time.ts";
import type { Group } from "./group.ts";
import { isClaimed } from "./group.ts";
import type { Input } from "./input.ts";
import type { Job, JobOutcome } from "./job.ts";
import type { Peer } from "./peer.ts";
import { isAlive } from "./peer.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, begin, isDue, tell } from "./turn.ts";
import type { FenceDevice, GroupName, JobId, NodeName } from "./types.ts";

export interface Fence {
  /**
   * Groups that the peer cannot hold. This node claimed them when the peer was found dead, and the
   * peer did not when it was heard last: from then on it could take them only after it had fenced
   * this node.
   *
   * That its last heartbeat claimed nothing is not enough. It may have taken a group that nobody held
   * as long as it had our acknowledgement, which is until the moment at which it is called dead, and
   * the heartbeat that says so may be among those that were not heard.
   */
  readonly spared: readonly GroupName[];
  progress: FenceProgress;
  /** When the failure of each device was told last: once a minute, however often it is tried. */
  readonly told: Map<string, Instant>;
}

export type FenceProgress =
  | { readonly at: "waiting" }
  | {
      readonly at: "fencing";
      readonly job: JobId;
      /** Of the devices that can fence the peer, in the order of ha.cf. */
      readonly attempt: number;
      readonly device: string;
      /** Of the try before it. */
      readonly failure: string | undefined;
    }
  | {
      readonly at: "failed";
      readonly reason: string;
      readonly nextAttempt: number;
      readonly retryAt: Instant;
    }
  | { readonly at: "done" };

/** After every device has failed, before the first is tried again. */
const FENCE_RETRY: Millis = seconds(5);
const TELL_EVERY: Millis = seconds(60);

/** Keeps a fence for every dead peer, and stops fencing what is heard again. */
export function watchDead(turn: Turn): void {
  const { state } = turn;
  const { fencing } = state.config;
  if (fencing === undefined && state.fences.size === 0) return;
  for (const [name, fence] of state.fences) {
    const isWanted = fencing !== undefined && state.peers.get(name)?.liveness === "dead";
    if (!isWanted || state.leaving !== undefined) cancelFencing(turn, fence);
    if (!isWanted) state.fences.delete(name);
  }
  if (fencing === undefined) return;
  for (const peer of state.peers.values()) {
    if (peer.liveness !== "dead" || state.fences.has(peer.name)) continue;
    const spared = sparedBy(state, peer);
    state.fences.set(peer.name, { spared, progress: { at: "waiting" }, told: new Map() });
  }
}

function sparedBy(state: State, peer: Peer): readonly GroupName[] {
  if (!peer.everHeard) return [];
  const claimed = new Set(peer.claims.map(({ group }) => group));
  return [...state.groups.values()]
    .filter((group) => isClaimed(group) && !claimed.has(group.config.name))
    .map((group) => group.config.name);
}

/** The dead peers that may still hold the group: not fenced, and not spared. */
export function suspectsOf(state: State, group: Group): readonly NodeName[] {
  return [...state.fences]
    .filter(
      ([, { progress, spared }]) => progress.at !== "done" && !spared.includes(group.config.name),
    )
    .map(([name]) => name);
}

/** Whether no dead peer may hold the group, which is to be taken now. Begins what that needs. */
export function isClearOfDead(turn: Turn, group: Group): boolean {
  const suspects = suspectsOf(turn.state, group);
  for (const peer of suspects) fencePeer(turn, peer);
  return suspects.length === 0;
}

function fencePeer(turn: Turn, peer: NodeName): void {
  const { state } = turn;
  const entry = state.fences.get(peer);
  // A job of an earlier death is being killed: what it does is not what is asked for now.
  if (entry === undefined || jobFor(state, peer) !== undefined) return;
  const { progress } = entry;
  if (progress.at !== "waiting" && progress.at !== "failed") return;
  if (progress.at === "failed" && !isDue(progress.retryAt, turn)) return;
  const devices = devicesFor(state, peer);
  const attempt = progress.at === "failed" ? progress.nextAttempt % devices.length : 0;
  const device = devices[attempt];
  if (device === undefined) {
    return failed(turn, peer, { attempt: 0, device: "none", reason: "no device is for this node" });
  }
  const job = begin(turn, { type: "fence", node: peer, device: device.index }, undefined);
  const failure = progress.at === "failed" ? progress.reason : undefined;
  entry.progress = { at: "fencing", job, attempt, device: device.name, failure };
  // The tries that follow are told by their failures.
  if (failure === undefined) tell(turn, { code: "fencing", peer, device: device.name });
}

function devicesFor(state: State, peer: NodeName): readonly (FenceDevice & { index: number })[] {
  const devices = state.config.fencing?.devices ?? [];
  return devices
    .map((device, index) => ({ ...device, index }))
    .filter(({ targets }) => targets === undefined || targets.includes(peer));
}

function jobFor(state: State, peer: NodeName): Job | undefined {
  return [...state.jobs.values()].find(({ task }) => task.type === "fence" && task.node === peer);
}

/** Takes note of how a job that fenced `peer` has ended. */
export function recordFenced(turn: Turn, peer: NodeName, job: Job, outcome: JobOutcome): void {
  const entry = turn.state.fences.get(peer);
  // It was heard again, or the operator has said enough.
  if (entry?.progress.at !== "fencing" || entry.progress.job !== job.id) return;
  const { attempt, device } = entry.progress;
  if (outcome.type === "succeeded") {
    entry.progress = { at: "done" };
    tell(turn, { code: "fenced", peer, device, took: elapsed(job.startedAt, turn.state.now) });
    return;
  }
  const reason = outcome.type === "failed" ? outcome.reason : "it took too long";
  failed(turn, peer, { attempt, device, reason });
}

function failed(
  turn: Turn,
  peer: NodeName,
  {
    attempt,
    device,
    reason,
  }: { readonly attempt: number; readonly device: string; readonly reason: string },
): void {
  const { state } = turn;
  const entry = state.fences.get(peer);
  if (entry === undefined) return;
  const isLast = attempt + 1 >= devicesFor(state, peer).length;
  const retryAt = isLast ? after(state.now, FENCE_RETRY) : state.now;
  const nextAttempt = attempt + 1;
  entry.progress = { at: "failed", reason: `${device}: ${reason}`, nextAttempt, retryAt };
  const told = entry.told.get(device);
  if (told !== undefined && !isDue(after(told, TELL_EVERY), turn)) return;
  entry.told.set(device, state.now);
  tell(turn, { code: "fence-failed", peer, device, reason });
}

function cancelFencing(turn: Turn, entry: Fence): void {
  if (entry.progress.at !== "fencing") return;
  const job = turn.state.jobs.get(entry.progress.job);
  entry.progress = { at: "waiting" };
  if (job === undefined || job.due === never) return;
  job.due = never;
  act(turn, { type: "cancel", job: job.id });
}

/** The operator says that a dead peer is off, which no device could say. */
export function recordConfirm(turn: Turn, input: Extract<Input, { type: "confirm" }>): void {
  const { request, node } = input;
  const refusal = refusalOf(turn.state, node);
  const peer = turn.state.peers.get(node);
  if (refusal === undefined && peer !== undefined) {
    if (!peer.isOff) tell(turn, { code: "fence-confirmed", peer: node });
    peer.isOff = true;
  }
  const entry = turn.state.fences.get(node);
  if (refusal === undefined && entry !== undefined && entry.progress.at !== "done") {
    cancelFencing(turn, entry);
    entry.progress = { at: "done" };
  }
  act(turn, { type: "confirmed", request, node, refusal });
}

/** Why the operator's word on a node is not taken; undefined if it is. */
function refusalOf({ config, peers }: State, node: NodeName): string | undefined {
  if (node === config.self) return "it is this node";
  const peer = peers.get(node);
  if (peer === undefined) return "no node of ha.cf is called so";
  if (isAlive(peer)) return "it is heard: it is not off";
  if (peer.liveness === "left") return "it has stopped in good order: nothing waits for it";
  if (peer.liveness === "unknown") return "it is not called dead yet: wait until initdead is over";
  return undefined;
}

/** How far it is with a dead peer, as a sentence; undefined if nobody waits for it. */
export function fenceSentence(state: State, peer: NodeName): string | undefined {
  const progress = state.fences.get(peer)?.progress;
  if (progress?.at !== "fencing" && progress?.at !== "failed") return undefined;
  const failure = progress.at === "failed" ? progress.reason : progress.failure;
  return failure === undefined
    ? `${peer} is dead and is being fenced`
    : `${peer} is dead and could not be fenced (${failure}): it is tried again; if it is off, write understudy confirm ${peer}`;
}

/** When the next try is due. One that is due and not made waits for something else than time. */
export function fenceDue({ progress }: Fence, now: Instant): Instant | undefined {
  return progress.at === "failed" && progress.retryAt > now ? progress.retryAt : undefined;
}
