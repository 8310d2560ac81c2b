/**
 * What must hold after every turn of every node.
 */
import type { Effect, State } from "../../src/core/index.ts";
import { nextDeadline } from "../../src/core/index.ts";

export function assertSame(copy: readonly Effect[], effects: readonly Effect[]): void {
  if (JSON.stringify(copy) !== JSON.stringify(effects)) {
    throw new Error("the same inputs at the same moment gave other effects");
  }
}

/** No deadline comes before the one that was worked out last: a heartbeat that is only recorded postpones. */
export function assertNotMissed(state: State): void {
  const { at, why } = nextDeadline(state);
  if (at < state.next.at) throw new Error(`${why} is due at ${at}, before ${state.next.at}`);
}

/** Nothing in a state grows without a limit. */
export function assertBounded(state: State): void {
  const sizes = [state.jobs.size, state.commands.length, state.sent.length / 100];
  for (const { original } of state.peers.values()) {
    if (original === undefined) continue;
    // Each side can say its latest 500 messages again.
    sizes.push(original.missing.size / 10, original.repeated.size / 10);
    sizes.push(original.granted.length, original.askedFor.length);
  }
  if (sizes.some((size) => size > 60)) throw new Error(`a state that grows: ${sizes.join(", ")}`);
}
