import { expect, test } from "vitest";
import { whyText } from "../../../src/cli/why.ts";
import type { Status } from "../../../src/core/index.ts";
import { allWell, alpha, beta, group, reportOf, utc } from "./reports.ts";

function text(changes: Partial<Status>): string {
  const report = reportOf(allWell, changes);
  return whyText(report, report.groups, utc);
}

test("a group that is held and not answered for says so, on the node that is silent", () => {
  const lapsed = { why: "this node did not run for 4.4 s", sinceMs: 1250 };
  const lease = { ...allWell.lease, lapsed };
  expect(text({ lease })).toContain(
    "\nalpha has not answered for it for 1.2 s: this node did not run for 4.4 s\n",
  );
  expect(text({ lease, groups: [group({ holder: beta })] })).not.toContain("has not answered");
});

test("a node at rest is told, with what ends that", () => {
  const nodes = [
    { node: alpha, able: true, why: undefined, rests: true },
    { node: beta, able: true, why: undefined, rests: false },
  ];
  expect(text({ groups: [group({ holder: beta, nodes })] })).toContain(
    "\nalpha stands by (operator): understudy takeover 10.0.0.100 there ends that\n",
  );
});

test("maintenance is the reason for all that does not move", () => {
  const maintenance = { by: beta, reason: "", sinceMs: 60_000, leftMs: undefined, unaware: [] };
  expect(text({ maintenance })).toContain(
    "\nNothing moves by itself: in maintenance since 21:14:03 (60 s), said at beta, until it is taken back\n",
  );
  expect(text({})).not.toContain("Nothing moves");
});
