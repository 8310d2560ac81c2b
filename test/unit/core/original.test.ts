import { describe, expect, test } from "vitest";
import { statusOf, step } from "../../../src/core/index.ts";
import { instant } from "../../../src/std/time.ts";
import { eth0, timing } from "../../sim/configs.ts";
import { active, allSaid, met, report, said, settled, talkOf, told } from "./original-support.ts";
import { alpha, beta, groupOf, heartbeat, peerOf } from "./support.ts";

describe("membership of an original", () => {
  test("is a peer that is told to be one", () => {
    const talk = talkOf();
    expect(told(talk.hear(active))).toEqual(expect.arrayContaining(["peer-up", "peer-original"]));
    expect(told(talk.hear(active))).not.toContain("peer-original");
    expect(statusOf(talk.state, instant(0)).peers[0]).toMatchObject({
      original: true,
      state: "up",
    });
  });

  test("is joined by asking which nodes it knows, once a second, until it answers", () => {
    const talk = talkOf();
    expect(said(talk.hear(active))).toEqual(["reqnodes"]);
    expect(said(talk.pass(2500)).filter((each) => each === "reqnodes")).toHaveLength(2);
    talk.hear({ type: "repnodes", nodes: [alpha, beta] }, { dest: "alpha" });
    expect(said(talk.pass(2500))).not.toContain("reqnodes");
  });

  test("is told all nodes when it asks", () => {
    const talk = talkOf();
    talk.hear(active);
    expect(said(talk.hear({ type: "reqnodes" }, { dest: "alpha" }))).toContain(
      "repnodes alpha+beta",
    );
  });

  test("is asked for a report every two seconds until it reports", () => {
    const talk = talkOf();
    talk.hear(active);
    const first = said(talk.hear({ type: "repnodes", nodes: [] }, { dest: "alpha" }));
    expect(first).toContain("starting");
    expect(said(talk.pass(4000)).filter((each) => each === "starting")).toHaveLength(2);
    talk.hear(report("none", false));
    expect(said(talk.pass(4000))).not.toContain("starting");
  });

  test("without flow control is neither asked which nodes it knows nor acknowledged", () => {
    const talk = talkOf();
    const old = { ...active, acknowledges: false } as const;
    expect(said(talk.hear(old))).toContain("starting");
    const all = Array.from({ length: 20 }, () => allSaid(talk.hear(old))).flat();
    expect(all).toEqual([]);
  });

  test("in a cluster of three nothing is taken while it lives, and that is an alarm", () => {
    const talk = talkOf({}, ["alpha", "beta", "gamma"]);
    expect(told(talk.hear(active))).toContain("original-among-many");
    talk.pass(timing.initdead + 5000);
    expect(groupOf(talk.state).local.at).toBe("stopped");
    const { nodes } = statusOf(talk.state, instant(talk.now)).groups[0]!;
    expect(nodes.find(({ node }) => node === beta)?.why).toContain("pairs only");
  });

  test("is one of ours as soon as it speaks as one of ours", () => {
    const talk = talkOf();
    talk.hear(active);
    const message = heartbeat({ generation: 8 });
    step(talk.state, [{ type: "message", medium: eth0, message }], instant(1));
    expect(peerOf(talk.state).original).toBeUndefined();
  });
});

describe("the order of its messages", () => {
  test("of every ten one is acknowledged, unless an older one is missing", () => {
    const talk = settled();
    talk.sequence = 16;
    talk.hear(active, { sequence: 16 });
    talk.hear({ type: "NS_nak_rexmit", sequence: 15, reason: "" }, { dest: "alpha" });
    peerOf(talk.state).original!.missing.clear();
    expect(allSaid(talk.hear(active, { sequence: 17 }))).toContain("NS_ackmsg 17");
    talk.hear(active, { sequence: 25 });
    expect(allSaid(talk.hear(active, { sequence: 27 }))).not.toContain("NS_ackmsg 27");
  });

  test("what is missing is asked for after a while, and again, until it comes", () => {
    const talk = settled();
    const next = talk.sequence;
    talk.hear(active, { sequence: next + 1 });
    talk.sequence = next + 2;
    expect(said(talk.pass(50))).toEqual([]);
    expect(said(talk.pass(50))).toEqual([`NS_rexmit ${next} ${next}`]);
    expect(said(talk.pass(250))).toEqual([`NS_rexmit ${next} ${next}`]);
    talk.hear(active, { sequence: next });
    expect(said(talk.pass(300))).not.toContain(`NS_rexmit ${next} ${next}`);
  });

  test("what it cannot say again is given up", () => {
    const talk = settled();
    const next = talk.sequence;
    talk.hear(active, { sequence: next + 1 });
    talk.hear(
      { type: "NS_nak_rexmit", sequence: next, reason: "seqno not found" },
      { dest: "alpha" },
    );
    expect(said(talk.pass(300))).toEqual([]);
  });

  test("a gap without end costs no memory", () => {
    const talk = settled();
    talk.hear(active, { sequence: 100_000 });
    for (let sequence = 100_200; sequence < 110_000; sequence += 200) {
      talk.hear(active, { sequence });
    }
    expect(peerOf(talk.state).original!.missing.size).toBeLessThanOrEqual(500);
  });

  test("what it missed of ours is said again, but not twice at once", () => {
    const talk = settled();
    const ask = { type: "NS_rexmit", first: 2, last: 3 } as const;
    const repeats = () =>
      talk
        .hear(ask, { dest: "alpha" })
        .flatMap((effect) => (effect.type === "repeat" ? [effect.sequence] : []));
    expect(repeats()).toEqual([2, 3]);
    expect(repeats()).toEqual([]);
    talk.pass(250);
    expect(repeats()).toEqual([2, 3]);
  });

  test("what is beyond our memory is refused, what was never said is passed over", () => {
    const talk = settled();
    talk.state.sequence = 1000;
    const old = talk.hear({ type: "NS_rexmit", first: 500, last: 501 }, { dest: "alpha" });
    expect(said(old)).toContain("NS_nak_rexmit 500 seqno too low");
    expect(old.filter(({ type }) => type === "repeat")).toHaveLength(1);
    const never = talk.hear({ type: "NS_rexmit", first: 5000, last: 5001 }, { dest: "alpha" });
    expect(never.filter(({ type }) => type === "repeat" || type === "say")).toEqual([]);
  });

  test("a message for somebody else has its place and no effect", () => {
    const talk = settled();
    talk.hear({ type: "reqnodes" }, { dest: "beta" });
    expect(peerOf(talk.state).original!.missing.size).toBe(0);
    expect(said(talk.pass(100))).toEqual([]);
  });

  test("a copy, and what is of a lower generation, change nothing", () => {
    const talk = met();
    const copy = talk.sequence - 1;
    expect(said(talk.hear(report("none"), { sequence: copy }))).toEqual([]);
    talk.generation = 6;
    talk.hear(report("none"), { sequence: 500 });
    expect(peerOf(talk.state).claims).toHaveLength(1);
    expect(statusOf(talk.state, instant(talk.now)).rejected["replayed"]).toBe(1);
  });

  test("an older report that comes late does not undo a newer one", () => {
    const talk = settled();
    const next = talk.sequence;
    talk.hear(report("all"), { sequence: next + 1 });
    talk.hear(report("none"), { sequence: next });
    expect(peerOf(talk.state).original!.holds).toHaveLength(2);
  });

  test("only a status begins a new life, in which it still holds what it held", () => {
    const talk = met();
    talk.generation = 8;
    talk.hear({ type: "starting" }, { sequence: 3 });
    expect(peerOf(talk.state).generation).toBe(7);
    const effects = talk.hear({ ...active, status: "up" }, { sequence: 1 });
    expect(told(effects)).toContain("peer-restarted");
    expect(peerOf(talk.state).claims).toHaveLength(1);
    talk.pass(5000);
    expect(groupOf(talk.state).local.at).toBe("stopped");
  });
});

describe("its end", () => {
  test("is judged by the deadtime that it asks for, and what it held is taken", () => {
    const talk = met();
    talk.hear({ ...active, deadtime: timing.keepalive });
    const effects = talk.pass(timing.keepalive + 50, false);
    expect(told(effects)).toContain("peer-dead");
    expect(groupOf(talk.state).local).toMatchObject({
      at: "held",
      taking: { reason: "peer-dead" },
    });
  });

  test("makes us begin anew, so that it does not think itself cut off when it returns", () => {
    const talk = met();
    const { generation } = talk.state;
    const effects = talk.pass(timing.deadtime + 1000, false);
    expect(effects).toContainEqual({ type: "saveGeneration", generation: generation + 1 });
    const sends = effects.flatMap((effect) => (effect.type === "send" ? [effect.message] : []));
    const anew = sends.filter((message) => message.generation === generation + 1);
    expect(anew[0]).toMatchObject({ sequence: 1, changed: 1, phase: "active" });
    expect(told(effects)).not.toContain("started");
  });

  test("in good order: what it releases is taken at its last word, not before and not later", () => {
    const talk = met();
    talk.hear(report("none", false, "shutdown"));
    expect(groupOf(talk.state).local.at).toBe("stopped");
    expect(told(talk.hear({ type: "shutdone" }))).toContain("peer-left");
    expect(groupOf(talk.state).local).toMatchObject({
      at: "held",
      taking: { reason: "peer-left" },
    });
  });

  test("is not undone by the statuses that still come of it", () => {
    const talk = met();
    talk.hear({ type: "shutdone" });
    talk.pass(2000);
    expect(peerOf(talk.state).liveness).toBe("left");
    talk.generation = 8;
    talk.hear({ ...active, status: "init" }, { sequence: 1 });
    expect(peerOf(talk.state).liveness).toBe("up");
  });
});
