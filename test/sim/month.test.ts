import { expect, test } from "vitest";
import { beginMonth, censusOf } from "./month.ts";

test("nothing in the state of a daemon grows, whatever happens", () => {
  const month = beginMonth();
  const most = (rounds: number): ReadonlyMap<string, number> => {
    const parts = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      month.round(1);
      for (const [part, size] of censusOf(month.state()))
        parts.set(part, Math.max(size, parts.get(part) ?? 0));
    }
    return parts;
  };
  // What is kept of the last minutes has filled by then.
  const early = most(2);
  const late = most(3);
  const grown = [...late].filter(([part, size]) => size > (early.get(part) ?? 0));
  expect(grown).toEqual([]);
}, 60_000);
