import { describe, expect, test } from "vitest";
import { codes, errors, haCf } from "./support.ts";

const rest = "node alpha beta\nbcast eth0 eth1\nauto_failback on\n";

function timing(...lines: readonly string[]) {
  const parsed = haCf(`${lines.join("\n")}\n${rest}`);
  return { ...parsed, timing: parsed.value.timing };
}

describe("what is not said", () => {
  test("is a keepalive of 1 s, a deadtime of 30 s, a warntime of 15 s, an initdead of 30 s", () => {
    const times = { keepalive: 1000, warntime: 15_000, deadtime: 30_000, initdead: 30_000 };
    expect(timing().timing).toEqual({ ...times, deadping: 30_000 });
  });

  test("of warntime is half of deadtime", () => {
    expect(timing("deadtime 5001ms").timing.warntime).toBe(2500);
  });

  test.each([
    ["5999ms", 12_000],
    ["6", 12_000],
    ["7", 14_000],
    ["10", 20_000],
    ["10001ms", 10_001],
  ])("of initdead is, with a deadtime of %s, %d ms", (deadtime, expected) => {
    expect(timing(`deadtime ${deadtime}`).timing.initdead).toBe(expected);
  });
});

describe("deadtime", () => {
  test("of twice keepalive is refused", () => {
    expect(codes(timing("keepalive 1", "deadtime 2"))).toEqual(["error 2:10 deadtime"]);
  });

  test("of a millisecond more than twice keepalive is accepted", () => {
    expect(errors(timing("keepalive 1", "deadtime 2001ms"))).toEqual([]);
  });

  test("that is not given is compared too, and keepalive is shown", () => {
    expect(codes(timing("keepalive 15"))).toEqual(["error 1:11 deadtime"]);
  });

  test("of 0 is refused", () => {
    expect(errors(timing("deadtime 0"))).toEqual(["deadtime"]);
  });
});

test.each(["keepalive 0", "warntime 0", "keepalive 499us"])("%s is refused", (line) => {
  expect(errors(timing(line))).toEqual(["bad-time"]);
});

describe("warntime", () => {
  test("beyond deadtime is accepted with a warning, as by the original", () => {
    expect(codes(timing("warntime 31"))).toEqual(["warning 1:10 warntime"]);
  });

  test("within keepalive is warned of: every heartbeat would be late", () => {
    expect(codes(timing("warntime 1"))).toEqual(["warning 1:10 warntime"]);
  });

  test("of deadtime is accepted, though a lease would need it sooner", () => {
    expect(codes(timing("lease off", "warntime 30"))).toEqual(["warning 1:7 lease"]);
    expect(codes(timing("warntime 30"))).toEqual(["warning 1:10 lease"]);
  });
});

describe("initdead", () => {
  test("below deadtime is refused", () => {
    expect(codes(timing("initdead 29999ms"))).toEqual(["error 1:10 initdead"]);
  });

  test("below 10 s is only warned of", () => {
    expect(codes(timing("deadtime 5", "initdead 9999ms"))).toEqual(["warning 2:10 initdead-short"]);
    expect(codes(timing("deadtime 5", "initdead 10"))).toEqual([]);
  });

  test("below twice deadtime is warned of when it is written", () => {
    expect(codes(timing("initdead 59"))).toEqual(["warning 1:10 initdead-short"]);
  });
});

test("deadping of twice keepalive is refused", () => {
  expect(errors(timing("deadping 2"))).toEqual(["deadping"]);
  const parsed = timing("deadping 2001ms");
  expect(codes(parsed)).toEqual([]);
  expect(parsed.timing.deadping).toBe(2001);
});

test("a resource may take 60 s to start and to stop, or what is written", () => {
  expect(timing().value).toMatchObject({ startTimeout: 60_000, stopTimeout: 60_000 });
  const { value } = timing("start_timeout 5", "stop_timeout 500ms");
  expect(value).toMatchObject({ startTimeout: 5000, stopTimeout: 500 });
  expect(errors(timing("stop_timeout 0"))).toEqual(["bad-time"]);
});
