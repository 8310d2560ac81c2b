import { describe, expect, test } from "vitest";
import type { Timing } from "../../../src/core/index.ts";
import {
  askInterval,
  firstPings,
  forgivePing,
  hearPing,
  judgePing,
  newPing,
} from "../../../src/core/ping.ts";
import { instant, millis, seconds } from "../../../src/std/time.ts";
import { clusterOf, timing } from "../../sim/configs.ts";

const gateway = (by: number) => newPing("gateway", instant(by), instant(0));
const deadping = seconds(4);

describe("a ping node", () => {
  test("is up from its first answer on, which is told once", () => {
    const ping = gateway(8000);
    expect(hearPing(ping, instant(5))).toEqual({ code: "ping-up", ping: "gateway" });
    expect(hearPing(ping, instant(1005))).toBeUndefined();
    expect(ping).toMatchObject({ state: "up", heard: 1005 });
  });

  test("is dead when it has not answered for deadping, which is told once", () => {
    const ping = gateway(8000);
    hearPing(ping, instant(5));
    expect(judgePing(ping, deadping, instant(4004))).toBeUndefined();
    expect(judgePing(ping, deadping, instant(4005))).toEqual({
      code: "ping-dead",
      ping: "gateway",
      silent: 4000,
    });
    expect(judgePing(ping, deadping, instant(9000))).toBeUndefined();
    expect(hearPing(ping, instant(9001))).toEqual({ code: "ping-up", ping: "gateway" });
  });

  test("that never answered is neither until its time is over", () => {
    const ping = gateway(8000);
    expect(judgePing(ping, deadping, instant(7999))).toBeUndefined();
    expect(ping.state).toBe("unknown");
    expect(judgePing(ping, deadping, instant(8000))).toMatchObject({ silent: 8000 });
  });

  test("that could not be heard gets its whole time again", () => {
    const [known, unknown] = [gateway(8000), gateway(8000)];
    hearPing(known, instant(5));
    for (const ping of [known, unknown]) forgivePing(ping, deadping, instant(7000));
    for (const ping of [known, unknown]) {
      expect(judgePing(ping, deadping, instant(10_999))).toBeUndefined();
      expect(judgePing(ping, deadping, instant(11_000))).toMatchObject({ code: "ping-dead" });
    }
  });
});

/** When a gateway is dead that has not answered a node which began at the moment 100. */
function joinsAt(change: Partial<Timing>): number {
  const shape = { pings: ["gateway"], timing: { ...timing, ...change } };
  return firstPings(clusterOf(["alpha"], shape)[0]!, instant(100))[0]![1].joinsAt;
}

test("while a node starts, ping nodes have initdead to answer, or deadping if that is longer", () => {
  expect(joinsAt({})).toBe(8100);
  expect(joinsAt({ deadping: seconds(9) })).toBe(9100);
});

test.each([
  ["once in a keepalive", 1000, 4000, 1000],
  ["ten times a second at most", 20, 4000, 100],
  ["three times in deadping at least", 1000, 2100, 700],
])("ping nodes are asked %s", (_, keepalive, dead, interval) => {
  const times = { ...timing, keepalive: millis(keepalive), deadping: millis(dead) };
  expect(askInterval(times)).toBe(interval);
});
