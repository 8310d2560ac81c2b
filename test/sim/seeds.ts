/**
 * The seeds of every run of the tests, in batches. Two files share them, so that two processors do.
 */
import { describe, test } from "vitest";
import { runSeed } from "./run-seed.ts";

const first = Number(process.env["SEED"] ?? 1);
const count = process.env["SEED"] === undefined ? Number(process.env["SEEDS"] ?? 2000) : 1;
/** One seed alone is run by both. */
const BATCH = Math.min(50, Math.ceil(count / 2));

/** @param part - 0 has every second batch from the first one on, 1 has the others */
export function describeSeeds(part: 0 | 1): void {
  describe("a cluster of two to seven nodes, or a pair with an original, through anything", () => {
    for (
      let from = count === 1 ? first : first + part * BATCH;
      from < first + count;
      from += 2 * BATCH
    ) {
      const until = Math.min(from + BATCH, first + count);
      const title = `has one holder, and has it again once it is healed (SEED=${from} to ${until - 1})`;
      test(title, () => through(from, until), 120_000);
    }
  });
}

function through(from: number, until: number): void {
  for (let seed = from; seed < until; seed++) runSeed(seed);
}
