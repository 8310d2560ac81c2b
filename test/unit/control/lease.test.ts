import { describe, expect, test } from "vitest";
import { leaseBound, leaseKind, leaseText, noLease } from "../../../src/control/index.ts";
import { millis } from "../../../src/std/time.ts";

const timing = {
  keepalive: millis(100),
  warntime: millis(500),
  deadtime: millis(1000),
  initdead: millis(12_000),
  deadping: millis(1000),
};
const config = { timing, lease: millis(900) };

describe("what a lease is worth", () => {
  test("by nftables: two never answer", () => {
    const kind = leaseKind({ hasEgress: true });
    expect(leaseBound(kind, config)).toEqual({ silentMs: 904, takenMs: 1000, bothMs: 0 });
    expect(leaseText(kind, config)).toBe(
      "a lease of 900 ms by nftables, renewed every 100 ms: if this daemon stops, this node is " +
        "silent after at most 904 ms, and its peer takes over after 1000 ms: never do two answer",
    );
  });

  test("by lifetimes: whole seconds, and up to 0.35 s more", () => {
    const kind = leaseKind({ fault: "nftables: EPERM" });
    expect(leaseBound(kind, config)).toEqual({ silentMs: 2250, takenMs: 1000, bothMs: 1250 });
    expect(leaseText(kind, config)).toMatch(
      /^a lease of 900 ms by the lifetime of addresses, in whole seconds \(not by nftables: nftables: EPERM\), .*: two may answer for 1250 ms$/,
    );
  });

  test("by lifetimes that end long before deadtime: two never answer", () => {
    const slow = { timing: { ...timing, deadtime: millis(30_000) }, lease: millis(28_000) };
    expect(leaseBound(leaseKind({ fault: "none" }), slow)).toMatchObject({ bothMs: 0 });
  });

  test("is said to be less where what goes out cannot be filtered", () => {
    const kind = leaseKind({ hasEgress: false });
    expect(kind.mechanism).toBe("nftables");
    expect(kind.fault).toContain("Linux 5.16");
    expect(leaseText(kind, config)).toContain(kind.fault);
  });

  test("is nothing if there is none: two answer until somebody ends it", () => {
    const none = { ...config, lease: undefined };
    const bound = { silentMs: undefined, takenMs: 1000, bothMs: undefined };
    expect(leaseBound(noLease, none)).toEqual(bound);
    expect(leaseText(noLease, none)).toMatch(
      /^no lease \(ha\.cf has switched it off\): .*two answer/,
    );
  });
});
