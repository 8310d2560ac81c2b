/**
 * The kept inputs once more. The search for new ones is `npm run fuzz`.
 */
import { describe, expect, test } from "vitest";
import { readCorpus } from "./corpus.ts";
import { isSlow } from "./explore.ts";
import { targets } from "./targets.ts";

describe.each(targets)("$name", { timeout: 60_000 }, (target) => {
  const inputs = [...readCorpus(target.name), ...target.seeds()];

  test("has inputs, and keeps its promises for each of them", () => {
    expect(readCorpus(target.name).length).toBeGreaterThan(10);
    for (const input of inputs) {
      expect(() => target.check(input), JSON.stringify(input.toString("latin1"))).not.toThrow();
    }
  });

  test("keeps them for every beginning of each, too", () => {
    for (const input of inputs) {
      const step = Math.max(1, input.length >> 3);
      for (let length = 0; length < input.length; length += step) {
        expect(() => target.check(input.subarray(0, length))).not.toThrow();
      }
    }
  });

  test("takes no longer for sixteen in a row than it may for so many bytes", () => {
    for (const input of inputs) {
      const long = Buffer.concat(Array<Buffer>(16).fill(input));
      expect(isSlow(target, long, 1000)).toBe(false);
    }
  });
});
