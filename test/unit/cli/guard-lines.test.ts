import { describe, expect, test } from "vitest";
import { guardLines } from "../../../src/cli/guard-lines.ts";
import { plain } from "../../../src/cli/terminal.ts";
import { noLease } from "../../../src/control/index.ts";
import type { Status } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import { allWell, alpha, beta, group, reportOf, utc } from "./reports.ts";

describe("what keeps two nodes from answering at once", () => {
  const lease: Status["lease"] = {
    mechanism: "lifetime",
    fault: "nft is missing",
    lengthMs: 2000,
    lateMs: 1350,
    leftMs: undefined,
    lapsed: undefined,
  };

  test("is the lease, with its length and what is left of it", () => {
    expect(guards({})).toEqual([
      "lease by nftables: silent 1.8 s after the last renewal; 1.6 s left",
    ]);
    expect(guards({ lease })).toEqual([
      "lease by address lifetimes (nft is missing): silent 2.0 s after the last",
      "  renewal, 1.3 s later at the worst; nothing is held",
    ]);
    expect(guards({ lease: { ...lease, mechanism: "none", fault: "lease off" } })).toEqual([
      "lease: NONE (lease off)",
    ]);
    expect(guards({ lease: { ...lease, mechanism: "none", fault: noLease.fault } })).toEqual([
      "lease: off, as ha.cf says: if this daemon freezes or is killed, two nodes may",
      "  answer",
    ]);
    expect(guards({ lease: { ...lease, mechanism: undefined } })).toEqual([]);
  });

  test("is silent: one that has lapsed says why", () => {
    const lapsed = { why: "this node did not run for 4.4 s", sinceMs: 1250 };
    expect(
      guards({ lease: { ...lease, lapsed }, stall: { agoMs: 700_000, lostMs: 4400 } }),
    ).toEqual([
      "lease: LAPSED 1.2 s ago, this node does not answer: this node did not run for",
      "  4.4 s",
      "the daemon was stalled for 4.4 s, until 11 min ago",
    ]);
    // That is at the top of the page.
    expect(guards({ stall: { agoMs: 1100, lostMs: 4400 } })).toHaveLength(1);
  });

  test.each([
    [
      { leftMs: undefined, owner: undefined, fault: undefined },
      "can be asked; its vote is not needed",
    ],
    [{ leftMs: 4200, owner: alpha, fault: undefined }, "its vote is here for 4.2 s"],
    [{ leftMs: undefined, owner: beta, fault: undefined }, "its vote is beta's"],
    [{ leftMs: undefined, owner: undefined, fault: "refused" }, "cannot be asked: refused"],
  ])("is the witness: %j", (witness, words) => {
    expect(guards({ witness })[1]).toBe(`witness: ${words}`);
  });

  test("is maintenance, which says who said so, and when it ends", () => {
    const maintenance = {
      by: beta,
      reason: "kernel",
      sinceMs: 60_000,
      leftMs: 7_200_000,
      unaware: [],
    };
    expect(guards({ maintenance }).slice(1)).toEqual([
      "in maintenance since 21:14:03 (60 s), said at beta, 2 h left: kernel",
    ]);
    expect(guards({ maintenance: { ...maintenance, leftMs: undefined, reason: "" } })[1]).toBe(
      "in maintenance since 21:14:03 (60 s), said at beta, until it is taken back",
    );
  });

  test("and a node at rest is no fault, but said", () => {
    const nodes = [
      { node: alpha, able: true, why: undefined, rests: true },
      { node: beta, able: true, why: undefined, rests: false },
    ];
    const groups = [group({ nodes, holder: beta }), group({ name: groupName("db"), nodes })];
    expect(guards({ groups }).slice(1)).toEqual(["alpha stands by (operator): 10.0.0.100, db"]);
  });
});

function guards(changes: Partial<Status>): readonly string[] {
  const lines = guardLines(reportOf(allWell, changes), { paint: plain, clock: utc, width: 80 });
  return lines.flatMap((line) => line.split("\n"));
}
