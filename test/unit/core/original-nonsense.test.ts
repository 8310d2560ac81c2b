/**
 * An original with the right key that says what no heartbeat says, in no order: nothing breaks, no
 * turn calls for the next one at once, and what is known of it does not grow.
 */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hearsUs } from "../../../src/core/agreement.ts";
import type { Input } from "../../../src/core/index.ts";
import { jobId, nextDeadline, step } from "../../../src/core/index.ts";
import { CONFIRM_AFTER } from "../../../src/core/original-report.ts";
import { groupDue } from "../../../src/core/settle.ts";
import { instant } from "../../../src/std/time.ts";
import { eth0 } from "../../sim/configs.ts";
import { assertBounded } from "../../sim/turn-checks.ts";
import { arbitraryOriginal } from "../wire/arbitraries.ts";
import type { Talk } from "./original-support.ts";
import { active, met, said, settled, talkOf } from "./original-support.ts";
import { alpha, beta, gamma, groupOf, heartbeat, peerOf, stateOf, taking } from "./support.ts";

const when = { acknowledges: true, deadtime: undefined };

/** What one turn finds out the next one may have to say: that is not without end. */
function expectPause({ state, now }: Talk): void {
  for (let turn = 0; turn < 3 && nextDeadline(state).at <= now; turn++) {
    step(state, [], instant(now));
  }
  expect(nextDeadline(state).at).toBeGreaterThan(now);
}

test("whatever it says, time passes between two turns", () => {
  const saying = arbitraryOriginal.map((message) => message.saying);
  const pause = fc.constantFrom(50, 1000, 4000, 15_000);
  const talks = fc.array(fc.oneof(saying, saying, fc.constant(active), pause), { maxLength: 60 });
  fc.assert(
    fc.property(talks, fc.boolean(), (words, isHolder) => {
      const talk = isHolder ? settled() : met();
      for (const word of words) {
        if (typeof word === "number") talk.pass(word);
        else talk.hear(word, { dest: "alpha" });
        expectPause(talk);
        assertBounded(talk.state);
      }
    }),
    { numRuns: 200 },
  );
});

test("one that calls itself dead and goes on is not told anything, and nothing waits for that", () => {
  const talk = settled();
  talk.hear({ ...active, ...when, status: "dead" });
  talk.pass(CONFIRM_AFTER, false);
  expectPause(talk);
});

test("what it says of ping nodes in the first moment of all is judged later", () => {
  const talk = talkOf({ pings: ["gateway"] });
  talk.hear(active);
  step(talk.state, [{ type: "pong", ping: "gateway" }], instant(talk.now));
  talk.hear({ type: "you_are_dead" }, { dest: "alpha" });
  expectPause(talk);
});

test.each(["me", "other"] as const)("nothing does not change hands: %s", (word) => {
  const talk = settled();
  const spoken = talk.hear({ type: "ask_resources", holds: "none", step: word });
  expect(said(spoken)).toEqual([]);
  expect(peerOf(talk.state).original?.handover).toEqual({ at: "none" });
});

test("it is not told the end of a handover while something here does not stop", () => {
  const talk = settled();
  const group = groupOf(talk.state);
  const before = group.local;
  const giving = { why: "standby", to: beta, since: instant(0), failure: undefined } as const;
  const why = { step: 0, resource: "disk", reason: "busy", retryAt: instant(3_600_000) };
  group.local = { at: "stuck", taking: taking(), giving, ...why };
  peerOf(talk.state).original!.interrupted = { holds: "local", offered: ["local"] };
  const ending = "ask_resources local done";
  expect(said(talk.pass(5000))).not.toContain(ending);
  group.local = before;
  expect(said(talk.pass(5000))).toContain(ending);
});

test("what does not stop is not due while its addresses are just being cleared away", () => {
  const { state } = settled();
  const group = groupOf(state);
  const giving = { why: "conflict", to: beta, since: instant(0), failure: undefined } as const;
  const why = { step: 0, resource: "disk", reason: "busy", retryAt: instant(500) };
  group.local = { at: "stuck", taking: taking(), giving, ...why };
  expect(groupDue(group, state.now)).toContain(instant(500));
  group.mending = jobId(99);
  expect(groupDue(group, state.now)).not.toContain(instant(500));
});

test("of three, two of our kind go on hearing each other when the original has died", () => {
  const state = stateOf(["alpha", "beta", "gamma"]);
  let sequence = 0;
  const second = (now: number, ...inputs: readonly Input[]): void => {
    sequence += 1;
    const { generation } = state;
    const hears = [{ node: alpha, generation, sequence: state.sequence }];
    const message = heartbeat({ sequence, hears });
    step(state, [{ type: "message", medium: eth0, message }, ...inputs], instant(now));
  };
  for (let now = 0; now < 60_000; now += 1000) {
    const message = { from: gamma, dest: undefined, generation: 7, sequence: now / 1000 + 1 };
    second(now, { type: "original", medium: eth0, message: { ...message, saying: active } });
  }
  for (let now = 60_000; now < 70_000; now += 1000) second(now);
  expect(peerOf(state, gamma).liveness).toBe("dead");
  expect(hearsUs(peerOf(state, beta), state)).toBe(true);
});
