import { describe, expect, test } from "vitest";
import type { Contender } from "../../bench/pair/contender.ts";
import type { Fault } from "../../bench/pair/faults.ts";
import type { Figures, Seen } from "../../bench/pair/figures.ts";
import { figuresOf } from "../../bench/pair/figures.ts";
import type { Result } from "../../bench/pair/result.ts";
import { Clock, roundsOf, wordsOf } from "../../bench/pair/rounds.ts";
import { spreadOf } from "../../bench/pair/spread.ts";
import { markdownOf } from "../../bench/pair/table.ts";
import type { Answer } from "../../faults/verdict.ts";

const period = { from: 1000, to: 2000 };

function answers(node: string, from: number, to: number, isOrdinary = true): readonly Answer[] {
  return moments(from, to).map((at) => ({ at, node, isOrdinary }));
}

function moments(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** A client that asked all the time, and the holder's heartbeats to the standby. */
function seen(all: readonly (readonly Answer[])[], heartbeats: readonly number[] = []): Seen {
  const sorted = all.flat().toSorted((one, other) => one.at - other.at);
  return { sight: { asked: moments(500, 2000), answers: sorted }, period, heartbeats };
}

const killed = { moment: "clock", isSilent: true } as const;
const dead = { moment: "last answer", isSilent: true } as const;
const moved = { moment: "clock", isSilent: false } as const;

function figures(what: Seen, fault: Pick<Fault, "moment" | "isSilent"> = killed): Figures {
  return figuresOf(what, { detectionMs: 500 }, fault);
}

describe("a takeover", () => {
  const heartbeats = [700, 900, 1100];
  const takeover = [answers("alpha", 500, 1120), answers("beta", 1610, 2000)];

  test("took what lies between the last heartbeat and the first answer, less the detection", () => {
    expect(figures(seen(takeover, heartbeats)).overheadMs).toBe(10);
  });

  test("is not measured by what the old holder says when all is over", () => {
    expect(figures(seen(takeover, [...heartbeats, 1700])).overheadMs).toBe(10);
  });

  test("is dated by the clock, or by the last answer of a host that died", () => {
    expect(figures(seen(takeover, heartbeats)).sinceFaultMs).toBe(610);
    expect(figures(seen(takeover, heartbeats), dead).sinceFaultMs).toBe(490);
  });

  test("was for the client an outage between the two", () => {
    const { outageMs, isOutageOpen, bothMs } = figures(seen(takeover, heartbeats));
    expect({ outageMs, isOutageOpen, bothMs }).toEqual({
      outageMs: 490,
      isOutageOpen: false,
      bothMs: 0,
    });
  });

  test("begins with an answer to the ordinary ping: before, the client did not know of it", () => {
    const early = [...takeover, answers("beta", 1500, 1609, false)];
    expect(figures(seen(early, heartbeats)).overheadMs).toBe(10);
  });

  test("has no time beyond the detection if it was asked for", () => {
    expect(figures(seen(takeover, heartbeats), moved).overheadMs).toBeUndefined();
  });

  test("that did not come leaves the outage open", () => {
    const nobody = figures(seen([answers("alpha", 500, 1120)], heartbeats));
    expect(nobody).toMatchObject({ outageMs: 880, isOutageOpen: true });
    expect([nobody.sinceFaultMs, nobody.overheadMs]).toEqual([undefined, undefined]);
  });

  test.each([
    ["to the end", 2000, true],
    ["for a while", 1700, false],
  ])("of an address that the other still answers for, %s", (_, to, isBothOpen) => {
    const two = [answers("alpha", 500, to), answers("beta", 1610, 2000)];
    expect(figures(seen(two, heartbeats))).toMatchObject({ bothMs: to - 1610, isBothOpen });
  });
});

test.each([
  [[], undefined],
  [[7], { min: 7, median: 7, p99: 7, max: 7, count: 1 }],
  [[4, 1, 3, 2], { min: 1, median: 2.5, p99: 4, max: 4, count: 4 }],
  [[3, 1, 2], { min: 1, median: 2, p99: 3, max: 3, count: 3 }],
  [moments(1, 200), { min: 1, median: 100.5, p99: 198, max: 200, count: 200 }],
])("the spread of %j", (values, spread) => {
  expect(spreadOf(values)).toEqual(spread);
});

function never(): never {
  throw new Error("nothing is run here");
}

function contenderOf(program: Contender["program"]): Contender {
  const own = { className: "1s", setting: "deadtime 1", detectionMs: 1000, settleMs: 0 } as const;
  const heartbeats = { filter: "", isOne: () => false };
  return { program, ...own, heartbeats, moveBy: "hand", start: never, move: never, story: never };
}

const contenders = [contenderOf("Understudy"), contenderOf("keepalived")];
const faults = (["host dead", "daemon killed"] as const).map((name): Fault => {
  return { name, says: "it dies", ...killed, inject: () => undefined };
});

describe("the rounds", () => {
  const rounds = roundsOf({ contenders, faults, runs: 2, idleRuns: 1 });

  test("have every program once with every fault, the programs in turn", () => {
    const round = [
      "1s Understudy (deadtime 1): host dead",
      "1s keepalived (deadtime 1): host dead",
      "1s Understudy (deadtime 1): daemon killed",
      "1s keepalived (deadtime 1): daemon killed",
    ];
    const idle = ["1s Understudy (deadtime 1): idle", "1s keepalived (deadtime 1): idle"];
    expect(rounds.map((tasks) => tasks.map(wordsOf))).toEqual([[...idle, ...round], round]);
  });

  test("take as long as the same did before, or as all did", () => {
    const clock = new Clock();
    const [first, second] = rounds[1]!;
    expect(clock.left([first!])).toBeUndefined();
    clock.note(first!, 100);
    clock.note(first!, 300);
    expect(clock.left([first!, second!])).toBe(400);
    clock.note(second!, 800);
    expect(clock.left([first!, second!])).toBe(1000);
  });
});

describe("the tables", () => {
  const figure = { isOutageOpen: false, bothMs: 0, isBothOpen: false, blindMs: 1, tries: 1 };
  const own = { className: "1s", setting: "deadtime 1", detectionMs: 1000 } as const;
  const fault = "daemon killed";
  const results: readonly Result[] = [
    trial({ program: "Understudy", outageMs: 12, overheadMs: 0.5 }),
    trial({ program: "Understudy", outageMs: 8, overheadMs: -0.25 }),
    trial({ program: "keepalived", outageMs: 5, overheadMs: 7, bothMs: 2000, isBothOpen: true }),
    trial({ program: "keepalived", outageMs: 5, overheadMs: 9, bothMs: 0 }),
  ];

  function trial(
    each: Partial<Figures> & Pick<Figures, "outageMs" | "overheadMs"> & Pick<Contender, "program">,
  ): Result {
    return { type: "trial", fault, ...own, ...figure, sinceFaultMs: 1000, ...each };
  }

  test("say which figures are only the least, for it had not ended", () => {
    const text = markdownOf(results, { contenders, faults });
    expect(text).toContain(
      "| 1s | Understudy | deadtime 1 | 1000 | 8.0 / 10 / 12 / 12 | -0.25 / 0.13 / 0.50 / 0.50 | 0 / 0 / 0 / 0 | 2 |",
    );
    expect(text).toContain(
      "| 5.0 / 5.0 / 5.0 / 5.0 | 7.0 / 8.0 / 9.0 / 9.0 | 0 / 1000 / > 2000 / > 2000 | 2 |",
    );
  });

  test("leave out what was not measured, and tell what happened", () => {
    const failed = { ...own, type: "failed", what: "host dead", reason: "too busy\nmore" } as const;
    const text = markdownOf([...results, { ...failed, program: "heartbeat" }], {
      contenders: [...contenders, contenderOf("heartbeat")],
      faults,
    });
    expect(text).not.toContain("### host dead");
    expect(text).not.toContain("| 1s | heartbeat");
    expect(text).toContain(
      "keepalived (deadtime 1), daemon killed: two nodes answered in 1 of 2 runs, for up to 2000 ms, until the measurement ended.",
    );
    expect(text).toContain("heartbeat (deadtime 1), host dead: not measured: too busy.");
  });
});
