import { expect, test } from "vitest";
import type { Saying } from "../../../src/core/index.ts";
import { originalHearsUs } from "../../../src/core/original.ts";
import type { Talk } from "./original-support.ts";
import { settled } from "./original-support.ts";
import { beta } from "./support.ts";

function hearsUs({ state }: Talk): boolean {
  const peer = state.peers.get(beta)!;
  return originalHearsUs(peer, peer.original!, state);
}

/** Longer than an original that hears us can be silent about it. */
const patience = 60_000;

/** beta speaks of our newest message, and then of nothing any more. */
function deafSince(saying: (newest: number) => Saying): { talk: Talk; recorded: Saying } {
  const talk = settled();
  const recorded = saying(talk.state.sequence);
  talk.hear(recorded, { dest: "alpha" });
  expect(hearsUs(talk)).toBe(true);
  talk.pass(patience);
  expect(hearsUs(talk)).toBe(false);
  return { talk, recorded };
}

const acknowledgement = (sequence: number): Saying => ({ type: "NS_ackmsg", sequence });
const request = (last: number): Saying => ({ type: "NS_rexmit", first: last, last });

test.each([
  ["an acknowledgement", acknowledgement],
  ["a request to repeat", request],
])("%s that is said again shows nothing: anybody can have recorded it", (_, saying) => {
  const { talk, recorded } = deafSince(saying);
  talk.hear(recorded, { dest: "alpha" });
  expect(hearsUs(talk)).toBe(false);
  // Of something later, or not said yet, only the first is possible.
  talk.hear(saying(talk.state.sequence + 1), { dest: "alpha" });
  expect(hearsUs(talk)).toBe(false);
  talk.hear(saying(talk.state.sequence), { dest: "alpha" });
  expect(hearsUs(talk)).toBe(true);
});

test("that a message of its own cannot be repeated shows nothing: it has no number of ours", () => {
  const { talk } = deafSince(acknowledgement);
  talk.hear({ type: "NS_nak_rexmit", sequence: 3, reason: "seqno too low" }, { dest: "alpha" });
  expect(hearsUs(talk)).toBe(false);
});

test("in a new life of ours it is counted anew", () => {
  const { talk } = deafSince(acknowledgement);
  const generation = talk.state.generation;
  talk.pass(60_000, false);
  expect(talk.state.generation).toBeGreaterThan(generation);
  const { original } = talk.state.peers.get(beta)!;
  expect(original?.spokenOf).toBe(0);
});
