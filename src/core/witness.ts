/**
 * The witness: when two nodes do not hear each other, a third party says which of them goes on.
 *
 * Its vote is asked for only then. The holder asks as soon as its peer is quiet, the other one when
 * it calls its peer dead, so a holder that is reached by the witness keeps what it has.
 */
import type { Instant } from "../std/time.ts";
import { isClaimed } from "./group.ts";
import type { Input } from "./input.ts";
import type { Peer } from "./peer.ts";
import { isQuiet, promisedBy } from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, tell } from "./turn.ts";
import type { NodeName } from "./types.ts";

export interface Witness {
  /** Whether its vote was asked for last. */
  wanted: boolean;
  /** Whether this node has had it since: then nothing else lets it go on. */
  binds: boolean;
  /** Until when this node has it. */
  until: Instant | undefined;
  /** Who has it, as far as is known. */
  owner: NodeName | undefined;
  /** Why it cannot be asked. */
  fault: string | undefined;
}

export function newWitness(): Witness {
  return { wanted: false, binds: false, until: undefined, owner: undefined, fault: undefined };
}

export function recordWitness(turn: Turn, input: Extract<Input, { type: "witness" }>): void {
  const { witness } = turn.state;
  const { until, owner, fault } = input;
  if (fault !== undefined && witness.fault === undefined) {
    tell(turn, { code: "witness-failed", reason: fault });
  }
  if (fault === undefined && witness.fault !== undefined) tell(turn, { code: "witness-reached" });
  if (owner !== undefined && owner !== witness.owner) {
    tell(turn, { code: "witness-decided", owner });
  }
  Object.assign(witness, { until, owner, fault });
  if (until !== undefined) witness.binds = true;
}

/** Asks for the vote when somebody is silent, and gives it back when nobody is. */
export function settleWitness(turn: Turn): void {
  const { state } = turn;
  const { witness, config } = state;
  const want = config.hasWitness === true && isNeeded(state);
  if (want === witness.wanted) return;
  witness.wanted = want;
  if (!want) {
    witness.binds = false;
    witness.until = undefined;
    witness.owner = undefined;
  }
  act(turn, { type: "vote", want });
}

function isNeeded(state: State): boolean {
  const holds = [...state.groups.values()].some(isClaimed);
  // What is still held while this node stops is held by the vote.
  if (!holds && state.leaving !== undefined) return false;
  return [...state.peers.values()].some((peer) =>
    holds ? isSilent(peer) && !isSure(state, peer) : peer.liveness === "dead" && !peer.isOff,
  );
}

/** Whether a peer is heard, and hears us: or has not had the time to say so since it has come. */
function isSure(state: State, peer: Peer): boolean {
  return !isQuiet(state, peer) && promisedBy(state, peer) > state.now;
}

/** One that has stopped may be started again, and be cut off then. */
function isSilent({ original, isOff }: Peer): boolean {
  return original === undefined && !isOff;
}

/** Whether the vote allows to take from who is silent; true if there is no witness. */
export function hasVote({ config, witness, peers, now, fences }: State): boolean {
  if (config.hasWitness !== true) return true;
  const isAsked = [...peers.values()].some(
    ({ name, liveness, original, isOff }) =>
      !isOff &&
      (liveness === "dead" || liveness === "unknown") &&
      original === undefined &&
      fences.get(name)?.progress.at !== "done",
  );
  return !isAsked || (witness.until !== undefined && now < witness.until);
}
