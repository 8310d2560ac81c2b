import { describe, expect, test } from "vitest";
import type { Effect, Input, Maintenance, Message, State } from "../../../src/core/index.ts";
import { createState, nextDeadline, requestId, statusOf, step } from "../../../src/core/index.ts";
import {
  isMaintained,
  maintenanceDue,
  maintenanceOf,
  sparesDead,
} from "../../../src/core/maintenance.ts";
import { newOriginal } from "../../../src/core/original.ts";
import { rightUntil } from "../../../src/core/right.ts";
import { instant, millis } from "../../../src/std/time.ts";
import { clusterOf, eth0, timing } from "../../sim/configs.ts";
import { alpha, beta, gamma, groupOf, heartbeat, peerOf, stateOf } from "./support.ts";

const on = (lasts?: number, reason = ""): Input => ({
  type: "maintain",
  request: requestId(7),
  on: true,
  lasts: lasts === undefined ? undefined : millis(lasts),
  reason,
});
const off: Input = {
  type: "maintain",
  request: requestId(8),
  on: false,
  lasts: undefined,
  reason: "",
};

/** What beta says of maintenance with a heartbeat of this moment. */
function said(at: number, maintenance?: Maintenance, change: Partial<Message> = {}): Input {
  const message = heartbeat({ sequence: at + 1, maintenance, ...change });
  return { type: "message", medium: eth0, message };
}

function word(change: Partial<Maintenance> = {}): Maintenance {
  return { on: true, version: 1, by: beta, left: undefined, reason: "", ...change };
}

function told(effects: readonly Effect[]): readonly object[] {
  return effects.flatMap((effect) =>
    effect.type === "tell" && effect.notice.code.startsWith("maintenance") ? [effect.notice] : [],
  );
}

/** What this node says of it in the heartbeat of these effects. */
function says(effects: readonly Effect[]): Maintenance | undefined {
  return effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []))[0]
    ?.maintenance;
}

/** Lets time pass without a stall. */
function live(state: State, from: number, to: number): void {
  for (let at = from; at < to; at += 500) step(state, [], instant(at));
  step(state, [], instant(to));
}

function started(): State {
  const state = stateOf();
  step(state, [], instant(0));
  return state;
}

describe("the operator's word", () => {
  test("is answered at once, told, and said to the peers in the same turn", () => {
    const state = started();
    const effects = step(state, [on(7000, "kernel")], instant(10));
    expect(effects).toContainEqual({ type: "answered", request: 7, refusal: undefined });
    expect(told(effects)).toEqual([
      { code: "maintenance-on", by: alpha, reason: "kernel", left: 7000 },
    ]);
    expect(says(effects)).toEqual({
      on: true,
      version: 1,
      by: alpha,
      left: 7000,
      reason: "kernel",
    });
    expect(isMaintained(state)).toBe(true);
  });

  test("that ends it is a later word", () => {
    const state = started();
    step(state, [on()], instant(10));
    const effects = step(state, [off], instant(20));
    expect(effects).toContainEqual({ type: "answered", request: 8, refusal: undefined });
    expect(told(effects)).toEqual([{ code: "maintenance-off", by: alpha }]);
    expect(says(effects)).toMatchObject({ on: false, version: 2 });
    expect(isMaintained(state)).toBe(false);
  });

  test("that says again what is so is told again, but ends nothing that did not run", () => {
    const state = started();
    expect(told(step(state, [off], instant(10)))).toEqual([]);
    expect(told(step(state, [on(), on()], instant(20)))).toHaveLength(1);
    expect(told(step(state, [on(100)], instant(30)))).toMatchObject([{ left: 100 }]);
  });

  test("is answered also by a node that says its last words", () => {
    const state = started();
    state.lingersUntil = instant(1000);
    const effects = step(state, [on()], instant(10));
    expect(effects).toEqual([{ type: "answered", request: 7, refusal: "this node is stopping" }]);
  });
});

describe("what a peer says of it", () => {
  test("counts here, and is passed on at once", () => {
    const state = started();
    const effects = step(state, [said(10, word({ left: millis(500) }))], instant(10));
    expect(told(effects)).toMatchObject([{ code: "maintenance-on", by: beta, left: 500 }]);
    expect(says(effects)).toMatchObject({ by: beta, version: 1, left: 500 });
    step(state, [], instant(110));
    expect(maintenanceOf(state)).toMatchObject({ left: 400 });
  });

  test("is counted down from when it was first heard: to hear it again prolongs nothing", () => {
    const state = started();
    step(state, [said(10, word({ left: millis(500) }))], instant(10));
    step(state, [said(300, word({ left: millis(450) }))], instant(300));
    expect(isMaintained(state)).toBe(true);
    expect(nextDeadline(state).at).toBeLessThanOrEqual(510);
    expect(told(step(state, [said(510, word({ left: millis(200) }))], instant(510)))).toEqual([
      { code: "maintenance-over" },
    ]);
    expect(isMaintained(state)).toBe(false);
  });

  test("after its end is nothing new, to the one nor to the other", () => {
    const state = started();
    const over = word({ left: millis(0) });
    expect(told(step(state, [said(10, over)], instant(10)))).toEqual([]);
    expect(isMaintained(state)).toBe(false);
    expect(maintenanceOf(state)).toEqual(over);
    expect(told(step(state, [said(200, word({ left: millis(100) }))], instant(200)))).toEqual([]);
    expect(isMaintained(state)).toBe(false);
  });

  test("counts only if it is later than what is known", () => {
    const state = started();
    step(state, [said(10, word({ version: 5 }))], instant(10));
    expect(told(step(state, [said(20, word({ version: 4, on: false }))], instant(20)))).toEqual([]);
    expect(isMaintained(state)).toBe(true);
    const later = said(30, word({ version: 6, on: false, by: gamma }));
    expect(told(step(state, [later], instant(30)))).toEqual([
      { code: "maintenance-off", by: gamma },
    ]);
    // The next word given here is later than all of them.
    expect(says(step(state, [on()], instant(40)))).toMatchObject({ version: 7, by: alpha });
  });

  const words = [
    word({ by: alpha, reason: "a" }),
    word({ by: alpha, reason: "b" }),
    word({ by: alpha }),
    word({ by: alpha, on: false }),
    word({ by: beta, on: false }),
    word({ by: beta, reason: "a" }),
  ];
  test.each(words.flatMap((one) => words.map((other) => [one, other] as const)))(
    "of one version leaves the same word, in whichever order they come: %j %j",
    (one, other) => {
      const both = [
        [one, other],
        [other, one],
      ].map((order) => {
        const state = started();
        for (const [index, each] of order.entries()) {
          step(state, [said(index + 1, each)], instant(index + 1));
        }
        return maintenanceOf(state);
      });
      expect(both[0]).toEqual(both[1]);
    },
  );

  test("is passed on at once also by a node that has nothing else to say", () => {
    const state = started();
    step(state, [said(10)], instant(10));
    expect(says(step(state, [said(20)], instant(20)))).toBeUndefined();
    const heartbeats = step(state, [said(30, word())], instant(30)).filter(
      ({ type }) => type === "send",
    );
    expect(heartbeats).toHaveLength(1);
  });

  test("is not what it knows, if it is an older word", () => {
    const state = started();
    step(state, [said(10, word({ version: 3 }))], instant(10));
    step(state, [on()], instant(20));
    step(state, [said(30, word({ version: 3 }))], instant(30));
    expect(statusOf(state, instant(30)).maintenance?.unaware).toEqual([beta]);
  });

  test("is nothing as long as it says nothing", () => {
    const state = started();
    step(state, [on()], instant(10));
    step(state, [said(20)], instant(20));
    expect(isMaintained(state)).toBe(true);
  });

  test("never makes a version that no wire carries", () => {
    const state = started();
    step(state, [said(10, word({ version: 2 ** 48 }))], instant(10));
    expect(says(step(state, [off], instant(20)))).toMatchObject({ version: 2 ** 48 });
  });
});

describe("the end of it", () => {
  test("gives every peer its deadtime anew, and spares the dead for as long", () => {
    const state = started();
    step(state, [said(10), on(1500)], instant(10));
    const end = 1510 + timing.deadtime;
    live(state, 10, 1000);
    expect(sparesDead(state)).toBe(true);
    expect(maintenanceDue(state)).toContain(1510);
    live(state, 1000, 1510);
    expect(maintenanceDue(state)).toContain(end);
    live(state, 1510, end - 1);
    expect(peerOf(state).liveness).toBe("late");
    // Nobody is dead, so nobody is spared; one that was dead before would be.
    expect(sparesDead(state)).toBe(false);
    peerOf(state).liveness = "dead";
    expect(sparesDead(state)).toBe(true);
    peerOf(state).liveness = "late";
    live(state, end - 1, end);
    expect(peerOf(state).liveness).toBe("dead");
    expect(sparesDead(state)).toBe(false);
  });

  test("ends what a silent peer said of it: a witness is asked again", () => {
    const state = started();
    state.config = { ...state.config, lease: millis(3600), hasWitness: true };
    step(state, [said(10, word({ left: millis(20_000) }))], instant(10));
    // beta is not heard any more; its operator may have ended it there meanwhile.
    live(state, 10, 9000);
    expect(rightUntil(state)).toBe(9000 + 3600);
    step(state, [off], instant(9010));
    expect(rightUntil(state)).toBe(9010);
  });

  test("a node that never was in maintenance spares nobody", () => {
    expect(sparesDead(started())).toBe(false);
  });
});

describe("a node that was restarted", () => {
  const config = clusterOf(["alpha", "beta"], {})[0]!;
  const reborn = (left: number | undefined): State =>
    createState(
      config,
      {
        boot: "00000000000000a2",
        generation: 2,
        memory: {
          groups: [],
          resting: [],
          maintenance: word({ left: left === undefined ? undefined : millis(left) }),
          peers: [],
        },
      },
      instant(5000),
    );

  test("is in maintenance as before, and says so", () => {
    const state = reborn(700);
    expect(isMaintained(state)).toBe(true);
    expect(told(step(state, [], instant(5000)))).toMatchObject([
      { code: "maintenance-on", left: 700 },
    ]);
    expect(told(step(state, [], instant(5700)))).toEqual([{ code: "maintenance-over" }]);
  });

  test("does not begin anew what has ended", () => {
    const state = reborn(0);
    expect(told(step(state, [], instant(5000)))).toEqual([]);
    expect(maintenanceOf(state)).toMatchObject({ on: true, left: 0 });
  });
});

describe("the status", () => {
  test("says since when, by whom, for how long, why, and who does not know it yet", () => {
    const state = started();
    step(state, [said(10), on(7000, "kernel")], instant(10));
    const shown = statusOf(state, instant(1010));
    expect(shown.maintenance).toEqual({
      by: alpha,
      reason: "kernel",
      sinceMs: 1000,
      leftMs: 6000,
      unaware: [beta],
    });
    expect(shown.redundancy.state).toBe("degraded");
    expect(shown.redundancy.why).toEqual(
      expect.arrayContaining([
        "maintenance, nothing moves by itself (said at alpha: kernel)",
        "beta does not know of the maintenance yet",
      ]),
    );
  });

  test("knows that a peer knows it when that has said the same", () => {
    const state = started();
    step(state, [on()], instant(10));
    step(state, [said(20, word({ by: alpha }))], instant(20));
    expect(statusOf(state, instant(20)).maintenance?.unaware).toEqual([]);
  });

  test("says of an original that it takes over as ever", () => {
    const state = started();
    step(state, [said(10), on()], instant(10));
    peerOf(state).original = newOriginal(instant(10));
    expect(statusOf(state, instant(10)).redundancy.why).toContain(
      "beta runs heartbeat, which knows of no maintenance: it takes over as ever",
    );
  });

  test("says nothing of it afterwards", () => {
    const state = started();
    step(state, [on(100)], instant(10));
    step(state, [], instant(110));
    expect(statusOf(state, instant(110)).maintenance).toBeUndefined();
  });

  test("says why nobody takes what nobody holds", () => {
    const state = started();
    step(state, [said(10), on()], instant(10));
    for (let at = 100; at <= timing.deadtime + 500; at += 100) {
      step(state, [said(at, word({ by: alpha }))], instant(at));
    }
    expect(groupOf(state).local.at).toBe("stopped");
    expect(statusOf(state, instant(timing.deadtime + 500)).groups[0]).toMatchObject({
      state: "unserved",
    });
  });
});
