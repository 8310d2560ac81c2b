import { describe, expect, test } from "vitest";
import type { Input, LeaseKind, State } from "../../../src/core/index.ts";
import { nodeName, statusOf, step } from "../../../src/core/index.ts";
import { instant, millis } from "../../../src/std/time.ts";
import { alpha, beta, groupOf, held, heartbeat, peerOf, stateOf } from "./support.ts";

const nftables: LeaseKind = { mechanism: "nftables", late: millis(4), fault: undefined };

/** alpha holds the address, with a lease of 3.6 s, and was started at 0. */
function holder(kind: LeaseKind = nftables): State {
  const state = stateOf();
  state.config = { ...state.config, lease: millis(3600) };
  groupOf(state).local = held();
  step(state, [{ type: "leaseKind", kind } satisfies Input], instant(0));
  return state;
}

function wrong(state: State, at = state.now): readonly string[] {
  return statusOf(state, at).redundancy.why;
}

describe("the lease in the status", () => {
  test("is by what, how long, how late and how much is left of it", () => {
    const state = holder();
    state.lease.until = instant(3000);
    expect(statusOf(state, instant(1000)).lease).toEqual({
      mechanism: "nftables",
      fault: undefined,
      lengthMs: 3600,
      lateMs: 4,
      leftMs: 2000,
      lapsed: undefined,
    });
    expect(statusOf(state, instant(3500)).lease.leftMs).toBe(0);
  });

  test("is not known before the kernel was asked", () => {
    expect(statusOf(stateOf(), instant(0)).lease).toMatchObject({
      mechanism: undefined,
      leftMs: undefined,
    });
  });

  test("that has lapsed says since when and why, and that is a fault", () => {
    const state = holder();
    state.lease.lapsed = { since: instant(500), why: "this node did not run for 4.4 s" };
    expect(statusOf(state, instant(750)).lease).toMatchObject({
      leftMs: undefined,
      lapsed: { why: "this node did not run for 4.4 s", sinceMs: 250 },
    });
    expect(statusOf(state, instant(750)).groups[0]?.silent).toBe("this node did not run for 4.4 s");
    // Decided in this turn, of a moment that comes.
    expect(statusOf(state, instant(400)).lease.lapsed?.sinceMs).toBe(0);
    expect(wrong(state)).toContain(
      "this node holds its addresses and does not answer for them: this node did not run for 4.4 s",
    );
  });

  test("that there is none is a fault, with the reason", () => {
    const none: LeaseKind = { mechanism: "none", late: millis(0), fault: "lease off" };
    const state = holder(none);
    expect(wrong(state)).toContain(
      "there is no lease (lease off): if this daemon freezes or is killed, two nodes may answer",
    );
    expect(wrong(holder())).not.toContainEqual(expect.stringContaining("no lease"));
    // Where the operator wanted none, it is as it is to be.
    state.config = { ...state.config, lease: undefined };
    expect(wrong(state)).not.toContainEqual(expect.stringContaining("no lease"));
  });
});

describe("the witness in the status", () => {
  test("is not there if none is configured", () => {
    expect(statusOf(holder(), instant(0)).witness).toBeUndefined();
  });

  test("says who has its vote, and for how long", () => {
    const state = holder();
    state.config = { ...state.config, hasWitness: true };
    Object.assign(state.witness, { until: instant(4000), owner: alpha });
    expect(statusOf(state, instant(1000)).witness).toEqual({
      leftMs: 3000,
      owner: alpha,
      fault: undefined,
    });
    expect(statusOf(state, instant(4000)).witness?.leftMs).toBeUndefined();
  });

  test("that cannot be asked is a fault while it is not needed too", () => {
    const state = holder();
    state.config = { ...state.config, hasWitness: true };
    state.witness.fault = "connection refused";
    expect(wrong(state)).toContain("the witness cannot be asked: connection refused");
  });
});

describe("who else answers, in the status", () => {
  test("a peer that is not heard is named by its hardware address", () => {
    const state = stateOf();
    step(state, [], instant(0));
    const mac = "02:00:00:00:00:02";
    groupOf(state).usage.heldOff = { since: instant(0), mac };
    expect(statusOf(state, instant(0)).redundancy.why).toContain(
      `10.0.0.100 is not taken: ${mac}, which belongs to none of the nodes, answers for it`,
    );
    peerOf(state).macs = [mac];
    expect(statusOf(state, instant(0)).redundancy.why).toContain(
      "10.0.0.100 is not taken: beta answers for it though it is not heard: only the heartbeat paths are cut",
    );
  });

  test("a holder that the network does not believe is told by whom", () => {
    const state = holder();
    groupOf(state).doubter = beta;
    expect(wrong(state)).toContain("beta finds that the network does not reach 10.0.0.100 here");
  });
});

function shown(state: State) {
  const { groups, redundancy } = statusOf(state, state.now);
  const { elsewhere, reason, nodes } = groups[0]!;
  const whys = nodes.map(({ node, able, why }) => `${node} ${able ? "could" : why}`);
  return { elsewhere, reason, whys, wrong: redundancy.why.join("\n") };
}
/** alpha, which takes part, and calls beta dead. */
function bereft(): State {
  const state = stateOf();
  step(state, [], instant(0));
  state.active = true;
  Object.assign(peerOf(state), { liveness: "dead", everHeard: true });
  return state;
}

describe("a group that nobody who is heard claims", () => {
  test("is answered for by a peer that is not heard, and could not be taken", () => {
    const state = bereft();
    const mac = "02:00:00:00:00:02";
    groupOf(state).usage.heldOff = { since: instant(0), mac };
    expect(shown(state).elsewhere).toBe(`answered by ${mac}, which is not heard`);
    peerOf(state).macs = [mac];
    expect(shown(state)).toMatchObject({
      elsewhere: "answered by beta, which is not heard",
      reason: "beta answers for it though it is not heard: only the heartbeat paths are cut",
      whys: ["alpha must leave it: beta answers for it", "beta is not heard, and answers for it"],
    });
    expect(shown(state).wrong).not.toContain("held by nobody");
  });

  test("is left to whom the witness has decided for", () => {
    const state = bereft();
    state.config = { ...state.config, hasWitness: true };
    Object.assign(state.witness, { until: undefined, owner: beta });
    expect(shown(state)).toMatchObject({
      elsewhere: "left to beta, which has the witness's vote",
      reason: "beta has the witness's vote",
    });
    expect(shown(state).whys[0]).toBe("alpha has not the witness's vote: beta has it");
    Object.assign(state.witness, { until: instant(1000), owner: alpha });
    expect(shown(state)).toMatchObject({ elsewhere: undefined });
    expect(shown(state).whys[0]).toBe("alpha could");
  });

  test("is not known of by a node that is cut off", () => {
    const state = bereft();
    state.isolated = true;
    expect(shown(state)).toMatchObject({
      elsewhere: "not held here",
      reason: "this node is cut off: nobody it can reach holds it",
    });
  });

  test("is held by nobody if there is no such sign", () => {
    expect(shown(bereft())).toMatchObject({ elsewhere: undefined });
    expect(shown(bereft()).wrong).toContain("10.0.0.100 is held by nobody");
  });

  test("waits for a witness that cannot be asked, and the way out is named", () => {
    const state = bereft();
    state.config = { ...state.config, hasWitness: true };
    state.witness.fault = "connection refused";
    expect(shown(state).whys[0]).toBe("alpha cannot ask the witness: connection refused");
    const wayOut =
      "without its vote nothing is taken from beta: if that is off, write understudy confirm beta; " +
      "to do without a witness, remove its line from ha.cf and reload";
    expect(shown(state).wrong).toContain(wayOut);
    peerOf(state).isOff = true;
    expect(shown(state).wrong).not.toContain(wayOut);
  });
});

describe("a peer whose daemon is being replaced", () => {
  test("is back within a time, is not called deaf, and takes nothing meanwhile", () => {
    const state = holder();
    const away = heartbeat({ phase: "away", back: millis(12_000) });
    step(state, [{ type: "message", medium: state.config.media[0]!, message: away }], instant(0));
    const { peers, groups, redundancy } = statusOf(state, instant(500));
    expect(peers[0]).toMatchObject({ state: "up", backMs: 11_500 });
    expect(redundancy.why).toContain("beta is being replaced, back within 12 s");
    expect(redundancy.why).not.toContain("beta does not hear this node");
    expect(groups[0]?.nodes[1]).toMatchObject({
      able: false,
      why: "is being replaced, back within 12 s",
    });
  });
});

describe("this node itself, in the status", () => {
  test("was stalled: for how long, and how long ago", () => {
    const state = holder();
    expect(statusOf(state, instant(0)).stall).toBeUndefined();
    step(state, [], instant(5000));
    expect(statusOf(state, instant(5250)).stall).toEqual({ agoMs: 250, lostMs: 5000 });
  });

  test("is cut off from everything", () => {
    const state = holder();
    state.isolated = true;
    expect(statusOf(state, instant(0)).isolated).toBe(true);
    expect(wrong(state)).toContain(
      "this node hears no peer and reaches no ping node: it holds nothing for that",
    );
  });

  test("rests where its operator moved a group away, and that is no fault", () => {
    const state = stateOf();
    step(
      state,
      [{ type: "message", medium: state.config.media[0]!, message: heartbeat() }],
      instant(0),
    );
    groupOf(state).resting = nodeName("beta");
    const { groups } = statusOf(state, instant(0));
    expect(groups[0]?.nodes.map(({ node, rests }) => [node, rests])).toEqual([
      [alpha, true],
      [beta, false],
    ]);
  });
});
