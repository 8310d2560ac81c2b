import { describe, expect, test } from "vitest";
import type { Input } from "../../../src/core/index.ts";
import { nextDeadline } from "../../../src/core/index.ts";
import { rightUntil } from "../../../src/core/right.ts";
import { instant, millis } from "../../../src/std/time.ts";
import { vip } from "../../sim/configs.ts";
import {
  acts,
  of,
  holder,
  leased,
  pass,
  said,
  told,
  types,
  unacknowledged,
} from "./lease-support.ts";
import { claim, gamma, groupOf, peerOf } from "./support.ts";

describe("how long a node may answer", () => {
  test("until a margin before the peer that acknowledged it last can call it dead", () => {
    const state = holder();
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    expect(rightUntil(state)).toBe(3600);
    expect(state.lease.until).toBe(3600);
  });

  test("longer with every acknowledgement, at once", () => {
    const state = holder();
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    acts(state, [], 1100);
    expect(acts(state, [said(state, 1200)], 1200)).toContainEqual({ type: "renew", until: 4700 });
  });

  test("not longer with heartbeats that acknowledge nothing new", () => {
    const state = holder();
    acts(state, [], 0);
    const old = said(state, 100);
    acts(state, [old], 100);
    const hears = old.type === "message" ? old.message.hears : [];
    const effects = pass(state, { from: 200, to: 3500 }, (at) => [said(state, at, { hears })]);
    expect(types(effects)).not.toContain("renew");
    const end = acts(state, [said(state, 3600, { hears })], 3600);
    expect(told(end)).toContain("lease-lapsed");
    expect(types(end)).toContain("revoke");
  });

  test("as long as ever when the peer is silent, which may be its death", () => {
    const state = holder();
    acts(state, [], 0);
    acts(state, [said(state, 100)], 100);
    const effects = pass(state, { from: 200, to: 9000 });
    expect(told(effects)).toContain("peer-dead");
    expect(told(effects)).not.toContain("lease-lapsed");
    expect(state.lease.until! - 9000).toBeGreaterThan(3000);
  });

  test("shorter, when a peer is heard again that has not heard this node for long", () => {
    const state = holder();
    acts(state, [], 0);
    const old = said(state, 100);
    acts(state, [old], 100);
    pass(state, { from: 200, to: 3000 });
    expect(state.lease.until).toBeGreaterThan(5000);
    const hears = old.type === "message" ? old.message.hears : [];
    const effects = acts(state, [said(state, 3100, { hears })], 3100);
    expect(effects).toContainEqual({ type: "renew", until: 3600 });
  });

  test("by the least that any living peer has promised", () => {
    const state = holder({ names: ["alpha", "beta", "gamma"] });
    acts(state, [], 0);
    acts(state, [said(state, 100), said(state, 100, of(gamma))], 100);
    const { generation, sequence } = state;
    const old = [{ node: state.config.self, generation, sequence }];
    acts(state, [], 1100);
    acts(state, [said(state, 1200), said(state, 1200, { ...of(gamma), hears: old })], 1200);
    expect(rightUntil(state)).toBe(3700);
  });

  test("as long as ever beside one that has stopped, is stopping, or is in maintenance", () => {
    for (const change of [
      { phase: "gone" },
      { phase: "leaving", ...unacknowledged },
      {
        maintenance: { on: true, version: 1, by: gamma, left: undefined, reason: "" },
        ...unacknowledged,
      },
    ] as const) {
      const state = holder();
      acts(state, [], 0);
      acts(state, [said(state, 100, change)], 100);
      pass(state, { from: 200, to: 6000 }, (at) => [said(state, at, change)]);
      expect(state.lease.lapsed).toBeUndefined();
    }
  });

  test("without a lease in the files nobody says a word of it", () => {
    const state = holder();
    state.config = { ...state.config, lease: undefined };
    state.lease.until = undefined;
    const effects = pass(state, { from: 0, to: 9000 });
    expect(types(effects)).not.toContain("renew");
    expect(types(effects)).not.toContain("revoke");
  });

  test("where the kernel has nothing for it neither", () => {
    const state = holder();
    state.lease.until = undefined;
    acts(
      state,
      [{ type: "leaseKind", kind: { mechanism: "none", late: millis(0), fault: "no nft" } }],
      0,
    );
    expect(types(pass(state, { from: 100, to: 3000 }))).not.toContain("renew");
  });
});

/** beta is heard and acknowledges, then alpha does not run from 1.1 s to 6 s. */
function stalled() {
  const state = holder();
  acts(state, [], 0);
  acts(state, [said(state, 100)], 100);
  acts(state, [], 1000);
  acts(state, [said(state, 1100)], 1100);
  const { generation, sequence } = state;
  return { state, hears: [{ node: state.config.self, generation, sequence }] };
}

describe("a lease that has run out", () => {
  test("is told with how long the node did not run, and nothing is announced", () => {
    const { state, hears } = stalled();
    const effects = acts(state, [said(state, 5900, { hears })], 6000);
    expect(effects).toContainEqual({
      type: "tell",
      notice: { code: "lease-lapsed", reason: "this node did not run for 4.9 s" },
    });
    expect(types(effects)).toContain("revoke");
    expect(types(effects)).not.toContain("announce");
    expect(types(effects)).not.toContain("renew");
  });

  test("begins anew, and is announced, when the peer knows of this life and claims nothing", () => {
    const { state, hears } = stalled();
    acts(state, [said(state, 5900, { hears })], 6000);
    const effects = acts(state, [said(state, 6010)], 6010);
    expect(types(effects)).toEqual(expect.arrayContaining(["grant", "announce"]));
    expect(told(effects)).toContain("lease-regained");
    expect(types(effects).indexOf("grant")).toBeLessThan(types(effects).indexOf("announce"));
    expect(state.lease.lapsed).toBeUndefined();
  });

  test("does not begin anew by what the peer said before", () => {
    const { state, hears } = stalled();
    acts(state, [said(state, 5900, { hears })], 6000);
    const effects = pass(state, { from: 6010, to: 7010 }, (at) => [said(state, at, { hears })]);
    expect(types(effects)).not.toContain("grant");
  });

  test("ends for good when a peer has taken what was held", () => {
    const { state, hears } = stalled();
    const claims = [claim({ term: 2 })];
    const effects = acts(state, [said(state, 5900, { hears, claims })], 6000);
    expect(told(effects)).toContain("group-giving-up");
    expect(types(effects)).not.toContain("grant");
  });

  test("begins anew when the peer is dead, after its whole deadtime and a look at the network", () => {
    const { state } = stalled();
    acts(state, [], 6000);
    const early = pass(state, { from: 6100, to: 9900 });
    expect(types(early)).not.toContain("grant");
    const late = pass(state, { from: 10_000, to: 10_500 });
    expect(types(late)).toEqual(expect.arrayContaining(["probe", "grant", "announce"]));
  });

  test("is one that the kernel did not renew, too", () => {
    const { state } = stalled();
    const effects = acts(state, [{ type: "lapsed", reason: "the lease had run out" }], 1200);
    expect(told(effects)).toContain("lease-lapsed");
  });

  test("nothing is taken, and nothing put back, until it begins anew", () => {
    const { state, hears } = stalled();
    acts(state, [said(state, 5900, { hears })], 6000);
    const facts = [...groupOf(state).config.resources].map(({ name }) => ({
      group: groupOf(state).config.name,
      resource: name,
      present: "absent" as const,
      obstacle: undefined,
    }));
    expect(types(acts(state, [{ type: "host", addresses: facts }], 6001))).not.toContain("run");
    expect(types(acts(state, [said(state, 6010)], 6010))).toContain("grant");
    expect(types(acts(state, [], 6011))).toContain("run");
  });
});

test("what is taken is taken under a lease, granted before the address is added", () => {
  const state = leased();
  acts(state, [], 0);
  const effects = [10, 20, 30].flatMap((at) => [...acts(state, [said(state, at)], at)]);
  const order = types(effects);
  expect(groupOf(state).local.at).toBe("starting");
  expect(order).toContain("grant");
  expect(order.indexOf("grant")).toBeLessThan(order.indexOf("run"));
});

const cable = (doubt: string | undefined): Input => ({
  type: "host",
  addresses: [{ group: vip, resource: "10.0.0.100", present: "ours", obstacle: undefined, doubt }],
});

test("a holder without carrier falls silent, and asks the network when the cable is back", () => {
  const state = holder();
  acts(state, [], 0);
  acts(state, [said(state, 100)], 100);
  const out = acts(state, [cable("eth0 has no carrier")], 200);
  expect(out).toContainEqual({
    type: "tell",
    notice: { code: "lease-lapsed", reason: "eth0 has no carrier" },
  });
  expect(types(out)).toContain("revoke");
  const dead = pass(state, { from: 300, to: 9000 });
  expect(told(dead)).toContain("peer-dead");
  expect(types(dead)).not.toContain("grant");
  const back = [...acts(state, [cable(undefined)], 9100)];
  expect(types(back)).not.toContain("grant");
  expect(types(back)).toContain("probe");
  expect(types(pass(state, { from: 9200, to: 9700 }))).toContain("grant");
});

test("the lease ends with the last claim", () => {
  const state = holder();
  groupOf(state).local = { at: "stopped" };
  state.peers.clear();
  state.config = { ...state.config, groups: [], peers: [] };
  state.groups.clear();
  expect(types(acts(state, [], 100))).toContain("revoke");
  expect(state.lease.until).toBeUndefined();
});

test("its end, and the moment from which a peer counts as quiet, are deadlines", () => {
  const state = holder();
  acts(state, [], 0);
  acts(state, [said(state, 100)], 100);
  state.nextKeepalive = instant(9000);
  peerOf(state).joinsAt = instant(9000);
  state.nextRemember = instant(9000);
  expect(nextDeadline(state).at).toBe(1600);
});
