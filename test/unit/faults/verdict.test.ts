import { describe, expect, test } from "vitest";
import { ipBytes } from "../../../src/linux/ip-text.ts";
import { questionsOf, readFrame } from "../../faults/frames.ts";
import type { Answer, Sight } from "../../faults/verdict.ts";
import { PAUSE_MS, blindMs, bothMs, outageOf } from "../../faults/verdict.ts";

const period = { from: 0, to: 1000 };

/** Answers of a node, a millisecond apart. */
function answers(node: string, from: number, to: number): readonly Answer[] {
  return moments(from, to).map((at) => ({ at, node, isOrdinary: true }));
}

/** As rarely as one can answer that has not stopped answering. */
function rare(node: string, from: number): readonly Answer[] {
  return moments(0, 20).map((index) => ({ at: from + index * PAUSE_MS, node, isOrdinary: false }));
}

/** A client that asked all the time. */
function sight(...all: readonly (readonly Answer[])[]): Sight {
  return { asked: moments(0, 1000), answers: all.flat() };
}

function moments(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

describe("two nodes answered", () => {
  test.each([
    ["not at all, if the one began when the other had ended", [0, 400], [401, 1000], 0],
    ["for a millisecond, if both answered in the same moment once", [0, 400], [400, 1000], 1],
    ["for as long as both did", [0, 500], [401, 1000], 99],
    ["for a millisecond, if the one answered once in the midst of the other", [0, 1000], [5, 5], 1],
  ] as const)("%s", (_, [from, to], [start, end], ms) => {
    const sights = [sight(answers("alpha", from, to), answers("beta", start, end))];
    expect(bothMs(sights, period)).toBe(ms);
  });

  test("whichever client saw it: each may have seen one only", () => {
    const near = sight(answers("alpha", 0, 1000));
    const far = sight(answers("beta", 200, 300));
    expect(bothMs([near, far], period)).toBe(100);
    expect([near, far].map((each) => bothMs([each], period))).toEqual([0, 0]);
  });

  test("in turn is not both, if each paused for long enough", () => {
    const turns = [0, 200, 400, 600].map((from, index) =>
      answers(index % 2 === 0 ? "alpha" : "beta", from, from + 100),
    );
    expect(bothMs([sight(...turns)], period)).toBe(0);
  });

  test("is seen through losses, and through pauses shorter than the longest allowed", () => {
    expect(bothMs([sight(rare("alpha", 0), rare("beta", 10))], period)).toBe(950);
  });

  test("before the fault does not count", () => {
    const both = sight(answers("alpha", 0, 1000), answers("beta", 0, 100));
    expect(bothMs([both], { from: 101, to: 1000 })).toBe(0);
  });
});

describe("an outage", () => {
  test("is the longest time between two answers, whoever gave them", () => {
    const seen = sight(
      answers("alpha", 0, 300),
      answers("beta", 420, 700),
      answers("beta", 710, 999),
    );
    expect(outageOf(seen, period)).toEqual({ ms: 120, since: 300, isOpen: false });
  });

  test("that has not ended is said to be open", () => {
    expect(outageOf(sight(answers("alpha", 0, 300)), period)).toEqual({
      ms: 700,
      since: 300,
      isOpen: true,
    });
  });

  test("is one of the ordinary ping: who is found only by those who know where is not found", () => {
    const direct = answers("beta", 301, 1000).map((each) => ({ ...each, isOrdinary: false }));
    expect(outageOf(sight(answers("alpha", 0, 300), direct), period).ms).toBe(700);
  });

  test("is not the time in which the client itself stood still", () => {
    const asked = [...moments(0, 300), ...moments(400, 1000)];
    const seen = { asked, answers: [...answers("alpha", 0, 300), ...answers("alpha", 410, 1000)] };
    expect(outageOf(seen, period).ms).toBe(10);
    expect(blindMs(seen, period)).toBe(100);
  });
});

describe("a question", () => {
  const mac = "02:00:00:00:00:01";
  test.each([
    [{ virtualIp: "10.77.0.100", address: "10.77.0.250" }, [42, 50, 50]],
    [{ virtualIp: "fd77::100", address: "fd77::250" }, [86, 70, 70]],
  ])("of %o goes to all once, and to each node by its own address", (addresses, lengths) => {
    const nodes = { alpha: "02:00:00:00:00:0a", beta: "02:00:00:00:00:0b" };
    const frames = questionsOf({ ...addresses, mac, nodes }).map((frame) => Buffer.from(frame));
    expect(frames.map(({ length }) => length)).toEqual(lengths);
    expect(frames.slice(1).map((frame) => frame.toString("hex", 0, 6))).toEqual([
      "02000000000a",
      "02000000000b",
    ]);
    const virtualIp = Buffer.from(ipBytes(addresses.virtualIp));
    expect(frames.slice(1).map((frame) => readFrame(frame, virtualIp))).toEqual([
      { type: "asked" },
      { type: "asked" },
    ]);
  });
});
