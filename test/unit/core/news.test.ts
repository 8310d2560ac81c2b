import { describe, expect, test } from "vitest";
import type { Message, State } from "../../../src/core/index.ts";
import { nextDeadline, nodeName, step } from "../../../src/core/index.ts";
import { instant, millis } from "../../../src/std/time.ts";
import { eth0 } from "../../sim/configs.ts";
import { alpha, beta, claim, heartbeat, peerOf, stateOf } from "./support.ts";

const names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta"];

/** The others, each with what it says first. */
const others = names.slice(1).map((name, index) => ({
  name: nodeName(name),
  boot: `00000000000000b${index}`,
}));

/** What a peer says next, knowing what alpha has said last. */
function next(state: State, from: number, change: Partial<Message> = {}): Message {
  const { name, boot } = others[from]!;
  const sequence = peerOf(state, name).sequence + 1;
  const hears = [{ node: alpha, generation: state.generation, sequence: state.sequence }];
  return heartbeat({ from: name, boot, sequence, hears, digest: state.config.digest, ...change });
}

/** alpha hears it, a millisecond later. */
function hearIt(state: State, message: Message): void {
  step(state, [{ type: "message", medium: eth0, message }], instant(state.now + 1));
}

/** Six nodes that know each other; beta holds the group. Nothing is waited for. */
function calm(): State {
  const state = stateOf(names);
  for (let round = 0; round < 3; round++) {
    for (const [from] of others.entries()) hearIt(state, next(state, from, saidBy(from)));
  }
  expect(state.isWaiting).toBe(false);
  return state;
}

function saidBy(from: number): Partial<Message> {
  return from === 0 ? { claims: [claim()] } : {};
}

/** Whether all questions were asked: a pass of the turn has worked out a new deadline. */
function isConcluded(state: State, message: Message): boolean {
  const before = state.next;
  hearIt(state, message);
  return state.next !== before;
}

describe("a heartbeat that says what its sender said before", () => {
  test("is recorded, and nothing is asked", () => {
    const state = calm();
    expect(isConcluded(state, next(state, 0, saidBy(0)))).toBe(false);
    expect(peerOf(state, beta).heard).toBe(state.now);
  });

  test("postpones what its silence would lead to, and nothing else", () => {
    const state = calm();
    const { at } = nextDeadline(state);
    hearIt(state, next(state, 1));
    expect(nextDeadline(state).at).toBeGreaterThanOrEqual(at);
  });

  test("may say that the claim is older", () => {
    const state = calm();
    const older = { claims: [claim({ age: millis(5000) })] };
    expect(isConcluded(state, next(state, 0, older))).toBe(false);
  });
});

describe("news is", () => {
  const news: readonly (readonly [string, Partial<Message>])[] = [
    ["another phase", { phase: "leaving" }],
    ["a claim that has gone", { claims: [] }],
    ["a claim that is being given up", { claims: [claim({ at: "stopping" })] }],
    ["another term", { claims: [claim({ term: 7 })] }],
    ["a stance", { ...saidBy(0), stances: [{ group: claim().group, at: "refuses" }] }],
    ["another deadtime", { ...saidBy(0), deadtime: millis(77) }],
    ["another number of ping nodes", { ...saidBy(0), reach: 3 }],
    ["another lease", { ...saidBy(0), lease: millis(77) }],
    ["another hardware address", { ...saidBy(0), macs: ["02:00:00:00:00:99"] }],
    ["other files", { ...saidBy(0), digest: "ffffffffffffffff" }],
    ["a doubt", { ...saidBy(0), doubts: [claim().group] }],
  ];
  test.each(news)("%s", (_, change) => {
    const state = calm();
    expect(isConcluded(state, next(state, 0, change))).toBe(true);
  });

  test("the first acknowledgement of what this node says of groups today", () => {
    const state = calm();
    state.sequence += 1;
    state.changed = state.sequence;
    state.sent.push({ sequence: state.sequence, at: state.now, deadtime: millis(5000) });
    expect(isConcluded(state, next(state, 1))).toBe(true);
    expect(isConcluded(state, next(state, 1))).toBe(false);
  });

  test("a heartbeat after a silence", () => {
    const state = calm();
    state.next = { at: instant(state.now + 1_000_000), why: "a test" };
    state.now = instant(state.now + state.config.timing.warntime);
    expect(isConcluded(state, next(state, 1))).toBe(true);
  });

  test("anything, once a deadline is there", () => {
    const state = calm();
    state.next = { at: state.now, why: "a test" };
    expect(isConcluded(state, next(state, 1))).toBe(true);
  });

  test("anything while this node is about to leave", () => {
    const state = calm();
    step(state, [{ type: "leave" }], state.now);
    expect(state.isWaiting || state.exited || state.lingersUntil !== undefined).toBe(true);
  });
});
