import { describe, expect, test } from "vitest";
import type { Input } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { acts, holder, leased, pass, said, told, types } from "./lease-support.ts";
import { alpha, beta, claim, groupOf, peerOf } from "./support.ts";

const witnessed = { hasWitness: true };

function vote(until: number | undefined, owner = alpha): Input {
  return {
    type: "witness",
    until: until === undefined ? undefined : instant(until),
    owner,
    fault: undefined,
  };
}

describe("a holder whose peer falls silent", () => {
  test("asks the witness at once, and goes on with its vote", () => {
    const state = holder(witnessed);
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    expect(pass(state, { from: 200, to: 1500 })).not.toContainEqual({ type: "vote", want: true });
    expect(pass(state, { from: 1600, to: 1800 })).toContainEqual({ type: "vote", want: true });
    const effects = pass(state, { from: 1900, to: 20_000 }, (at) => [vote(at + 8000)]);
    expect(told(effects)).toContain("peer-dead");
    expect(told(effects)).not.toContain("lease-lapsed");
  });

  test("falls silent without it, before the peer can call it dead", () => {
    const state = holder(witnessed);
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    const effects = pass(state, { from: 200, to: 3700 }, () => [vote(undefined, beta)]);
    expect(told(effects)).toContain("lease-lapsed");
    expect(told(effects).filter((code) => code === "witness-decided")).toHaveLength(1);
  });

  test("falls silent when the vote runs out", () => {
    const state = holder(witnessed);
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    pass(state, { from: 200, to: 2000 });
    acts(state, [vote(9000)], 2010);
    expect(told(pass(state, { from: 2100, to: 8900 }))).not.toContain("lease-lapsed");
    expect(told(pass(state, { from: 8910, to: 9110 }))).toContain("lease-lapsed");
  });

  test("keeps the vote while the peer is heard and does not hear this node", () => {
    const state = holder(witnessed);
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    pass(state, { from: 200, to: 5000 }, (at) => (at > 2000 ? [vote(at + 8000)] : []));
    const effects = pass(state, { from: 5100, to: 12_000 }, (at) => [
      said(state, at, { hears: [] }),
      vote(at + 8000),
    ]);
    expect(types(effects)).not.toContain("vote");
    expect(told(effects)).not.toContain("lease-lapsed");
    expect(acts(state, [said(state, 12_100)], 12_100)).toContainEqual({
      type: "vote",
      want: false,
    });
  });

  test("is silent at once without it, beside a peer that may have called it dead", () => {
    const state = holder(witnessed);
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    peerOf(state).liveness = "dead";
    peerOf(state).acked = undefined;
    const effects = acts(state, [said(state, 200, { hears: [] })], 200);
    expect(told(effects)).toContain("lease-lapsed");
  });

  test("gives the vote back when the peer is heard again", () => {
    const state = holder(witnessed);
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    pass(state, { from: 200, to: 2000 });
    const effects = acts(state, [said(state, 2010)], 2010);
    expect(effects).toContainEqual({ type: "vote", want: false });
  });
});

function bereft() {
  const state = leased(witnessed);
  acts(state, [], 0);
  acts(state, [said(state, 100, { claims: [claim()] })], 100);
  return { state, effects: pass(state, { from: 200, to: 4500 }) };
}

describe("a node that is to take from a dead peer", () => {
  test("asks the witness, and takes nothing before it has the vote", () => {
    const { state, effects } = bereft();
    expect(effects).toContainEqual({ type: "vote", want: true });
    expect(told(effects)).not.toContain("group-taking");
    expect(
      told(pass(state, { from: 4600, to: 9000 }, () => [vote(undefined, beta)])),
    ).not.toContain("group-taking");
    expect(groupOf(state).local.at).toBe("stopped");
  });

  test("takes with it", () => {
    const { state } = bereft();
    const effects = acts(state, [vote(14_000)], 4600);
    expect(told(effects)).toContain("group-taking");
    expect(types(effects)).toContain("grant");
    // Whoever has the vote need not ask the network besides.
    expect(types(effects)).not.toContain("probe");
    expect(state.lease.until).toBeLessThanOrEqual(14_000);
  });
});

test("that the witness cannot be asked is told once, and once that it can", () => {
  const state = leased(witnessed);
  const fault: Input = { type: "witness", until: undefined, owner: undefined, fault: "refused" };
  const none: Input = { type: "witness", until: undefined, owner: undefined, fault: undefined };
  expect(told(acts(state, [fault, fault], 0))).toContain("witness-failed");
  expect(told(acts(state, [fault], 1))).not.toContain("witness-failed");
  expect(told(acts(state, [none, none], 2)).filter((code) => code === "witness-reached")).toEqual([
    "witness-reached",
  ]);
});

test("without a witness nobody is asked", () => {
  const state = holder();
  expect(types(pass(state, { from: 0, to: 9000 }))).not.toContain("vote");
});

test("a holder that stops while its peer is silent gives the vote back when it holds nothing more", () => {
  const state = holder(witnessed);
  acts(state, [], 0);
  acts(state, [said(state, 100)], 100);
  pass(state, { from: 200, to: 2000 });
  acts(state, [vote(20_000)], 2010);
  const leaving = acts(state, [{ type: "leave" }], 2020);
  expect(types(leaving)).not.toContain("vote");
  const job = leaving.flatMap((effect) => (effect.type === "run" ? [effect.job] : []))[0]!;
  const done = acts(state, [{ type: "jobDone", job, outcome: { type: "succeeded" } }], 2030);
  expect(done).toContainEqual({ type: "vote", want: false });
});
