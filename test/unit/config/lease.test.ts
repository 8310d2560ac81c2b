import { describe, expect, test } from "vitest";
import { readConfig } from "../../../src/config/index.ts";
import { codes, errors, haCf, haCfWith, soundHaCf, sources } from "./support.ts";

/** A sound ha.cf with no other times than these, and nothing below them that is warned of. */
function timed(...lines: readonly string[]) {
  const parsed = haCf(`${lines.join("\n")}\nnode a b\nbcast eth0 eth1\nauto_failback on\n`);
  return { ...parsed, lease: parsed.value.lease };
}

describe("lease auto", () => {
  test.each([
    // A tenth of deadtime, at least 10 ms and at most 200 ms.
    ["30", 29_800],
    ["2", 1800],
    ["1", 900],
    ["500ms", 450],
    ["100ms", 90],
    ["50ms", 40],
    // A quarter, where 10 ms were more.
    ["39ms", 29],
    ["30ms", 22],
  ])("of a deadtime of %s is %d ms, and is what is not said", (deadtime, expected) => {
    const times = ["keepalive 5ms", `deadtime ${deadtime}`, "initdead 60"];
    expect(timed(...times).lease).toBe(expected);
    expect(timed(...times, "lease auto").lease).toBe(expected);
  });

  test("is what the core gets", () => {
    expect(readConfig(sources({})).value?.core.lease).toBe(9800);
  });
});

describe("lease off", () => {
  test("is no lease, and says what that means", () => {
    const parsed = haCfWith("lease off");
    expect(parsed.value.lease).toBeUndefined();
    expect(codes(parsed)).toEqual(["warning 7:7 lease"]);
    expect(parsed.diagnostics[0]?.message).toContain("two may answer for as long as that lasts");
    const { value } = readConfig(sources({ haCf: `${soundHaCf}lease off\n` }));
    expect(value?.core).toMatchObject({ lease: undefined });
  });
});

describe("a lease of a written length", () => {
  test("must leave a twentieth of deadtime", () => {
    expect(timed("deadtime 10", "lease 9.5")).toMatchObject({ lease: 9500, diagnostics: [] });
    const parsed = timed("deadtime 10", "lease 9501ms");
    expect(errors(parsed)).toEqual(["lease"]);
    expect(parsed.diagnostics[0]).toMatchObject({ line: 2, column: 7 });
    expect(parsed.diagnostics[0]?.message).toBe(
      "lease (9501 ms) must end 500 ms before deadtime (10000 ms) at the latest: write lease auto, " +
        "which is 9800 ms here, or at most 9500 ms",
    );
  });

  test("must leave 10 ms of a short deadtime", () => {
    const times = ["keepalive 10ms", "deadtime 100ms", "warntime 50ms", "initdead 60"];
    expect(timed(...times, "lease 90ms")).toMatchObject({ lease: 90, diagnostics: [] });
    expect(errors(timed(...times, "lease 91ms"))).toEqual(["lease"]);
  });

  test("may be what auto would be, though that leaves less", () => {
    expect(errors(timed("deadtime 10", "lease 9800ms"))).toEqual([]);
  });

  test.each([
    ["soon", "bad-word"],
    ["no", "bad-word"],
    ["10s", "bad-time"],
    ["0", "bad-time"],
    ["-1", "bad-time"],
  ])("of %s is refused", (text, code) => {
    expect(errors(timed(`lease ${text}`))).toEqual([code]);
  });
});

describe("a lease that two lost heartbeats end", () => {
  test("is warned of, with the keepalive that mends it", () => {
    const times = ["deadtime 5", "initdead 30"];
    // As the warntime of 2.5 s that goes without saying leaves too little then, it is written.
    const early = [...times, "warntime 1590ms"];
    expect(codes(timed("keepalive 1580ms", ...early))).toEqual([]);
    const parsed = timed("keepalive 1601ms", ...times);
    expect(codes(parsed)).toEqual(["warning 2:10 lease"]);
    expect(parsed.diagnostics[0]?.message).toContain("write keepalive 1600ms");
  });

  test("is not warned of where deadtime itself is refused", () => {
    expect(codes(timed("keepalive 5", "deadtime 10"))).toEqual(["error 2:10 deadtime"]);
  });
});

test("a warntime that leaves the lease less than two keepalives is warned of", () => {
  const times = ["keepalive 1", "deadtime 5"];
  expect(codes(timed(...times, "warntime 2799ms"))).toEqual([]);
  const parsed = timed(...times, "warntime 2800ms");
  expect(codes(parsed)).toEqual(["warning 3:10 lease"]);
  expect(parsed.diagnostics[0]?.message).toContain("write warntime 2799ms, or less");
});

describe("on_isolated", () => {
  test("is keep unless release is written", () => {
    expect(haCfWith().value.onIsolated).toBe("keep");
    const released = haCfWith("ping 10.0.0.254", "on_isolated release");
    expect(released.diagnostics).toEqual([]);
    expect(released.value.onIsolated).toBe("release");
    expect(errors(haCfWith("on_isolated stop"))).toEqual(["bad-word"]);
  });

  test("release needs a ping node, wherever that stands", () => {
    expect(errors(haCfWith("on_isolated release", "ping_group out 10.0.0.254"))).toEqual([]);
    const parsed = haCfWith("on_isolated release");
    expect(codes(parsed)).toEqual(["error 7:13 isolated"]);
    expect(parsed.diagnostics[0]?.message).toContain("add `ping`");
  });
});
