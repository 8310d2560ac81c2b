/**
 * Who has a group that nobody claims in what this node hears: there are other signs than heartbeats.
 * A group that somebody answers for is not without a holder, and must not be called so.
 */
import type { Group } from "./group.ts";
import { isAlive } from "./peer.ts";
import type { State } from "./state.ts";
import type { NodeName } from "./types.ts";

export interface Elsewhere {
  /** Undefined: it cannot be told which one. */
  readonly node: NodeName | undefined;
  /** Where it is, in the place of `held by alpha`. */
  readonly place: string;
  /** How that is known, as a sentence. */
  readonly sentence: string;
  /** Of that node: why it could not take it now. */
  readonly there: string;
  /** Why this node does not take it. */
  readonly hindrance: string;
}

/** @returns undefined: as far as this node knows nobody has it */
export function elsewhereOf(state: State, group: Group): Elsewhere | undefined {
  if (state.isolated) {
    return {
      node: undefined,
      place: "not held here",
      there: "",
      sentence: "this node is cut off: nobody it can reach holds it",
      hindrance: "is cut off",
    };
  }
  return answeredFor(state, group) ?? votedFor(state);
}

/** By a machine that is not heard. */
function answeredFor(state: State, { usage }: Group): Elsewhere | undefined {
  if (usage.heldOff === undefined) return undefined;
  const { mac } = usage.heldOff;
  const owner = [...state.peers.values()].find(({ macs }) => macs.includes(mac));
  const by = owner?.name ?? mac;
  return {
    node: owner?.name,
    place:
      owner !== undefined && isAlive(owner)
        ? `answered by ${by}, which does not say so`
        : `answered by ${by}, which is not heard`,
    there: "is not heard, and answers for it",
    sentence: heldOffSentence(by, owner !== undefined),
    hindrance: `must leave it: ${by} answers for it`,
  };
}

function heldOffSentence(by: string, isKnown: boolean): string {
  return isKnown
    ? `${by} answers for it though it is not heard: only the heartbeat paths are cut`
    : `${by}, which belongs to none of the nodes, answers for it`;
}

/** By whoever the witness has decided for. */
function votedFor({ config, witness, now }: State): Elsewhere | undefined {
  const { owner, until } = witness;
  const isHere = until !== undefined && now < until;
  if (config.hasWitness !== true || isHere || owner === undefined || owner === config.self) {
    return undefined;
  }
  return {
    node: owner,
    place: `left to ${owner}, which has the witness's vote`,
    there: "is not heard, and has the witness's vote",
    sentence: `${owner} has the witness's vote`,
    hindrance: `has not the witness's vote: ${owner} has it`,
  };
}
