import { describe, test } from "vitest";
import { runSeed } from "./run-seed.ts";

const first = Number(process.env["SEED"] ?? 1);
const count = process.env["SEED"] === undefined ? Number(process.env["SEEDS"] ?? 2000) : 1;
const BATCH = 100;

describe("a cluster of two or three nodes, or a pair with an original, through anything", () => {
  for (let from = first; from < first + count; from += BATCH) {
    const until = Math.min(from + BATCH, first + count);
    test(`has one holder, and has it again once it is healed (SEED=${from} to ${until - 1})`, () => {
      for (let seed = from; seed < until; seed++) runSeed(seed);
    }, 120_000);
  }
});
