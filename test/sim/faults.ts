/**
 * How bad a world is. Every run draws its own mix: some are quiet, some are hell.
 */
import type { Rng } from "./rng.ts";
import { between, chance } from "./rng.ts";

export interface Faults {
  /** Chance that a datagram is lost, doubled. */
  readonly loss: number;
  readonly duplication: number;
  /** Longest way of a datagram, in milliseconds; a wide range reorders them. */
  readonly delayMax: number;
  readonly delayMin?: number;
  /** Chance that a frame of the service network is lost: a probe, an answer, an announcement. */
  readonly arpLoss?: number;
  /** Chance that the daemon is stopped between two effects of a turn, or within a call. */
  readonly stall?: number;
  /** Longest run of a resource script, in milliseconds. */
  readonly jobMax: number;
  /** Chance that a script fails to start, to stop, or never ends. */
  readonly startFailure: number;
  readonly stopFailure: number;
  readonly hang: number;
  /** Chance that a device does not fence, and the longest that it takes, in milliseconds. */
  readonly fenceFailure: number;
  readonly fenceMax: number;
}

/** @param scale - of what is measured against deadtime */
export function swarm(rng: Rng, scale = 1): Faults {
  return {
    loss: chance(rng, 0.5) ? 0 : between(rng, 1, 30) / 100,
    duplication: chance(rng, 0.5) ? 0 : 0.2,
    delayMax: Math.max(1, between(rng, 1, 300) * scale),
    arpLoss: chance(rng, 0.6) ? 0 : between(rng, 1, 50) / 100,
    stall: chance(rng, 0.6) ? 0 : 0.002,
    jobMax: between(rng, 10, 3000),
    startFailure: chance(rng, 0.7) ? 0 : 0.2,
    stopFailure: chance(rng, 0.8) ? 0 : 0.2,
    hang: chance(rng, 0.8) ? 0 : 0.1,
    fenceFailure: chance(rng, 0.5) ? 0 : 0.5,
    fenceMax: between(rng, 100, 30_000),
  };
}
