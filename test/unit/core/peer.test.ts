import { describe, expect, test } from "vitest";
import type { Message, Phase } from "../../../src/core/index.ts";
import { claimOf, hear, isAlive, judge, judgementDue, newPeer } from "../../../src/core/peer.ts";
import { instant, never, seconds } from "../../../src/std/time.ts";
import { clusterOf, timing, vip } from "../../sim/configs.ts";
import { beta, claim, heartbeat } from "./support.ts";

const start = instant(0);
/** Of this node: until then the silence of a peer that was never heard proves nothing. */
const joinsAt = instant(timing.initdead);

function fresh() {
  return newPeer(beta, clusterOf(["alpha", "beta"])[0]!, joinsAt, start);
}

/** A peer of which these were heard, all at once. */
function heard(...messages: readonly Message[]) {
  const peer = fresh();
  for (const message of messages) hear(peer, message, false, start);
  return peer;
}

describe("a peer that was heard", () => {
  test.each([
    [1999, undefined],
    [2000, "peer-late"],
    [3999, "peer-late"],
    [4000, "peer-dead"],
  ])("is after %d ms of silence: %s", (silence, code) => {
    expect(judge(heard(heartbeat()), timing, instant(silence))?.code).toBe(code);
  });

  test("is called late before it is called dead, each once, with how long it was silent", () => {
    const peer = heard(heartbeat());
    const told = [2000, 2001, 3999, 4000, 9000].map((at) => judge(peer, timing, instant(at)));
    expect(told).toEqual([
      { code: "peer-late", peer: beta, silent: 2000 },
      undefined,
      undefined,
      { code: "peer-dead", peer: beta, silent: 4000 },
      undefined,
    ]);
  });

  test.each([
    ["a longer one", 6, 2000, "peer-late"],
    ["a longer one", 6, 5999, "peer-late"],
    ["a longer one", 6, 6000, "peer-dead"],
    ["one within warntime", 1.5, 1499, undefined],
    ["one within warntime, never late", 1.5, 1500, "peer-dead"],
  ])("is judged by its own deadtime, %s of %d s, after %d ms: %s", (_, deadtime, silence, code) => {
    const peer = heard(heartbeat({ deadtime: seconds(deadtime) }));
    expect(judge(peer, timing, instant(silence))?.code).toBe(code);
  });

  test("is not kept alive by copies of what it said before", () => {
    const peer = heard(heartbeat());
    expect(hear(peer, heartbeat(), false, instant(3999))).toEqual({ type: "old" });
    expect(judge(peer, timing, instant(4000))?.code).toBe("peer-dead");
  });

  test("that is silent is waited for until warntime, then until deadtime, then no more", () => {
    const peer = heard(heartbeat());
    const waits = [1, 2000, 4000].map((at) => {
      judge(peer, timing, instant(at));
      return judgementDue(peer, timing);
    });
    expect(waits).toEqual([2000, 4000, undefined]);
  });
});

describe("a peer that was never heard", () => {
  test("is neither alive nor dead until initdead is over", () => {
    const peer = fresh();
    expect(judge(peer, timing, instant(7999))).toBeUndefined();
    expect(peer.liveness).toBe("unknown");
    expect(judge(peer, timing, instant(8000))?.code).toBe("peer-dead");
  });

  test("is up at its first heartbeat, also after initdead", () => {
    const peer = fresh();
    judge(peer, timing, joinsAt);
    expect(hear(peer, heartbeat(), false, joinsAt)).toMatchObject({ notice: { code: "peer-up" } });
  });
});

describe("of a peer that had said generation 5, sequence 10, this is believed:", () => {
  const said = { generation: 5, sequence: 10 };
  const other = { boot: "00000000000000b2" };
  test.each([
    ["the next one", { sequence: 11 }, false, true],
    ["one after many that were lost", { sequence: 999 }, false, true],
    ["not a copy", {}, false, false],
    ["not a copy, proven or not", {}, true, false],
    ["not an earlier one", { sequence: 9 }, false, false],
    ["not an earlier one, proven or not", { sequence: 9 }, true, false],
    ["a later start", { ...other, generation: 6, sequence: 1 }, false, true],
    ["not an earlier start", { ...other, generation: 4, sequence: 999 }, false, false],
    ["an earlier start that answers us", { ...other, generation: 4, sequence: 1 }, true, true],
    ["not another boot of the same generation", { ...other, sequence: 11 }, false, false],
    ["another boot of the same generation that answers us", { ...other, sequence: 1 }, true, true],
  ])("%s", (_, change, proven, isBelieved) => {
    const peer = heard(heartbeat(said));
    const outcome = hear(peer, heartbeat({ ...said, ...change }), proven, instant(1));
    expect(outcome.type).toBe(isBelieved ? "news" : "old");
    expect(peer.heard).toBe(isBelieved ? 1 : 0);
  });
});

describe("a peer that was restarted", () => {
  const again = heartbeat({ boot: "00000000000000b2", generation: 2, changed: 1 });

  test("is known to have been, though it was never missed", () => {
    const peer = heard(heartbeat({ sequence: 9 }));
    const notice = { code: "peer-restarted", peer: beta };
    expect(hear(peer, again, false, instant(1))).toEqual({ type: "news", changed: true, notice });
  });

  test("has acknowledged nothing yet, and is alive since then", () => {
    const peer = heard(heartbeat());
    peer.acked = { sequence: 7, sentAt: start, until: start };
    hear(peer, again, false, instant(1));
    expect(peer).toMatchObject({ acked: undefined, aliveSince: 1 });
  });

  test("after it was called dead is simply up", () => {
    const peer = heard(heartbeat());
    judge(peer, timing, instant(4000));
    const notice = { code: "peer-up", peer: beta };
    expect(hear(peer, again, false, instant(5000))).toMatchObject({ notice });
  });
});

test("a dead peer that goes on where it stopped was called dead wrongly, which is told", () => {
  const peer = heard(heartbeat());
  judge(peer, timing, instant(4000));
  const notice = { code: "peer-returned", peer: beta, silent: 4500 };
  expect(hear(peer, heartbeat({ sequence: 6 }), false, instant(4500))).toMatchObject({ notice });
});

describe("a peer's last words", () => {
  const gone = heartbeat({ phase: "gone", sequence: 2 });

  test("end its life at once, and are told once though they are said three times", () => {
    const peer = heard(heartbeat());
    const told = [2, 3, 4].map((sequence) => hear(peer, { ...gone, sequence }, false, start));
    expect(told.map((each) => each.type === "news" && each.notice?.code)).toEqual([
      "peer-left",
      undefined,
      undefined,
    ]);
    expect(isAlive(peer)).toBe(false);
    expect(judgementDue(peer, timing)).toBeUndefined();
  });

  test("are not its last for ever: at its next start it is up", () => {
    const peer = heard(heartbeat(), gone);
    const next = heartbeat({ boot: "00000000000000b2", generation: 2 });
    expect(hear(peer, next, false, start)).toMatchObject({ notice: { code: "peer-up" } });
  });
});

describe("a heartbeat is to be answered at once", () => {
  test.each<[string, { changed?: number; phase?: Phase }, boolean]>([
    ["not if it says the same as before", {}, false],
    ["if it says something else of groups", { changed: 2 }, true],
    ["if its sender is in another phase", { phase: "leaving" }, true],
  ])("%s", (_, change, changed) => {
    const peer = heard(heartbeat());
    expect(hear(peer, heartbeat({ sequence: 2, ...change }), false, start)).toMatchObject({
      changed,
    });
  });
});

test("what a peer claimed counts only while it is alive", () => {
  const peer = heard(heartbeat({ claims: [claim()] }));
  expect(claimOf(peer, vip)?.at).toBe("held");
  judge(peer, timing, instant(3999));
  expect(claimOf(peer, vip)?.at).toBe("held");
  judge(peer, timing, instant(4000));
  expect(claimOf(peer, vip)).toBeUndefined();
  expect(judge(peer, timing, never)).toBeUndefined();
});
