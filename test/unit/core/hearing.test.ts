import { describe, expect, test } from "vitest";
import type { Effect, Hearing, Message, State } from "../../../src/core/index.ts";
import { nodeName, step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { eth0 } from "../../sim/configs.ts";
import { alpha, beta, heartbeat, peerOf, stateOf } from "./support.ts";

/** Lets alpha hear this at that moment. */
function hearAt(state: State, at: number, ...messages: readonly Message[]): readonly Effect[] {
  const inputs = messages.map((message) => ({ type: "message", medium: eth0, message }) as const);
  return step(state, inputs, instant(at));
}

/** The notices among effects that have one of these codes. */
function told(effects: readonly Effect[], ...codes: readonly string[]) {
  return effects.flatMap((effect) =>
    effect.type === "tell" && codes.includes(effect.notice.code) ? [effect.notice] : [],
  );
}

describe("a heartbeat in our own name", () => {
  const own = heartbeat({ from: alpha, boot: "00000000000000a1" });

  test("is our own, on a medium on which we hear ourselves", () => {
    expect(told(hearAt(stateOf(), 0, own), "name-clash", "datagrams-rejected")).toEqual([]);
  });

  test("of another boot is another machine's, which is told once a minute at most", () => {
    const state = stateOf();
    const other = { ...own, boot: "00000000000000c1" };
    const clashes = [0, 1, 59_999, 60_000].map(
      (at) => told(hearAt(state, at, other), "name-clash").length,
    );
    expect(clashes).toEqual([1, 0, 0, 1]);
  });
});

test("a node that no file names is counted and changes nothing", () => {
  const state = stateOf();
  const stranger = heartbeat({ from: nodeName("mallory") });
  expect(told(hearAt(state, 0, stranger, stranger), "datagrams-rejected")).toEqual([
    { code: "datagrams-rejected", medium: eth0, reason: "foreign-node", count: 2 },
  ]);
  expect([...state.peers.keys()]).toEqual([beta]);
});

test("what is dropped is told at once, and then once a minute with the number", () => {
  const state = stateOf();
  const rejected = { type: "rejected", medium: eth0, reason: "bad-signature", count: 100 } as const;
  const counts = [0, 1, 59_999, 60_000].map((at) =>
    told(step(state, [rejected], instant(at)), "datagrams-rejected").map(
      (notice) => notice.code === "datagrams-rejected" && notice.count,
    ),
  );
  expect(counts).toEqual([[100], [], [], [300]]);
});

test("heartbeats that cannot be sent are told once a minute for each kind of fault", () => {
  const state = stateOf();
  const inputs = ["ENETUNREACH", "ENETUNREACH", "EPERM"].map(
    (errno) => ({ type: "sendFailed", medium: eth0, errno }) as const,
  );
  expect(told(step(state, inputs, instant(0)), "sends-failed")).toEqual([
    { code: "sends-failed", medium: eth0, errno: "ENETUNREACH", count: 2 },
    { code: "sends-failed", medium: eth0, errno: "EPERM", count: 1 },
  ]);
});

describe("of a peer whose generation is lower than before, a heartbeat is", () => {
  const lower = { boot: "00000000000000b2", generation: 4 };

  /** alpha at 11 s, which heard generation 5 of beta at `heardAt` and spoke every second. */
  function hearLower(heardAt: number, last: Partial<Message>, ack: (state: State) => Hearing[]) {
    const state = stateOf();
    for (let at = 0; at <= 10_000; at += 1000) {
      const messages = at === heardAt ? [heartbeat({ generation: 5, ...last })] : [];
      hearAt(state, at, ...messages);
    }
    const effects = hearAt(state, 11_000, heartbeat({ ...lower, hears: ack(state) }));
    const isReplay = told(effects, "datagrams-rejected").some(
      (notice) => notice.code === "datagrams-rejected" && notice.reason === "replayed",
    );
    expect(peerOf(state).generation).toBe(isReplay ? 5 : 4);
    return isReplay ? "refused" : "believed";
  }

  test.each([
    ["believed if it acknowledges what we said last", saidAt(10_000), "believed"],
    ["believed up to deadtime after we said that", saidAt(8000), "believed"],
    ["refused if we said it deadtime ago", saidAt(7000), "refused"],
    ["refused if we said it in another life", saidAt(10_000, 2), "refused"],
    ["refused if it acknowledges nothing", () => [], "refused"],
    [
      "refused if we have not said it yet",
      () => [{ node: alpha, generation: 1, sequence: 999 }],
      "refused",
    ],
  ] as const)("%s", (_, ack, verdict) => {
    expect(hearLower(0, {}, ack)).toBe(verdict);
  });

  test("refused as long as the peer of the higher generation is alive", () => {
    expect(hearLower(8000, {}, saidAt(10_000))).toBe("refused");
  });

  test("refused after last words if it was said before them, and only late", () => {
    expect(hearLower(9000, { phase: "gone" }, saidAt(8000))).toBe("refused");
    expect(hearLower(9000, { phase: "gone" }, saidAt(10_000))).toBe("believed");
  });
});

test("other configuration files are told when they are noticed, and when they are the same", () => {
  const state = stateOf();
  const codes = ["00000000000000bb", "00000000000000bb", "00000000000000aa"].map((digest, index) =>
    told(
      hearAt(state, index, heartbeat({ sequence: index + 1, digest })),
      "peer-differs",
      "peer-agrees",
    ).map(({ code }) => code),
  );
  expect(codes).toEqual([["peer-differs"], [], ["peer-agrees"]]);
});

/** It acknowledges what alpha said at that moment, in the life of that generation. */
function saidAt(moment: number, generation = 1) {
  return (state: State): Hearing[] =>
    state.sent
      .filter(({ at }) => at === moment)
      .map(({ sequence }) => ({ node: alpha, generation, sequence }));
}
