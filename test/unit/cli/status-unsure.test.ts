import { expect, test } from "vitest";
import { statusText } from "../../../src/cli/status-text.ts";
import { plain } from "../../../src/cli/terminal.ts";
import type { Status } from "../../../src/core/index.ts";
import { groupName } from "../../../src/core/index.ts";
import { allWell, alpha, beta, group, peer, reportOf, utc } from "./reports.ts";

test("a group that a machine answers for which is not heard is not called unheld", () => {
  const nodes = [
    { node: alpha, able: false, why: "must leave it: beta answers for it", rests: false },
    { node: beta, able: false, why: "is not heard, and answers for it", rests: false },
  ];
  const reason = "beta answers for it though it is not heard";
  const elsewhere = "answered by beta, which is not heard";
  const left = group({ holder: undefined, state: "unserved", elsewhere, reason, nodes });
  const page = firstLines(allWell, { groups: [left] }, 4);
  expect(page).toMatchInlineSnapshot(`
    "10.0.0.100: answered by beta, which is not heard since 19:12:03 (2 h 3 min):
           beta answers for it though it is not heard
    standby: NONE: alpha must leave it: beta answers for it, beta is not heard, and
           answers for it"
  `);
  expect(shown(allWell, { groups: [left, group({ name: groupName("db") })] })).toContain(
    "2 groups: 1 answered by beta, which is not heard (10.0.0.100), 1 held by alpha;",
  );
});

test("a holder that does not answer says so, for how long and why, before anything else", () => {
  const why = "this node did not run for 4.4 s";
  const lease = { ...allWell.lease, lapsed: { why, sinceMs: 1250 } };
  const silent = group({ silent: why });
  expect(firstLines(allWell, { groups: [silent], lease }, 2)).toMatchInlineSnapshot(`
    "10.0.0.100: held by alpha, which does NOT answer for 1.2 s: this node did not
           run for 4.4 s"
  `);
  const both = [silent, group({ name: groupName("db"), silent: why })];
  expect(firstLines(allWell, { groups: both, lease }, 2)).toMatchInlineSnapshot(`
    "2 groups: 2 held by alpha, which does NOT answer; this node did not run for 4.4
           s"
  `);
  expect(shown(allWell, { groups: both, lease })).toContain(
    "10.0.0.100  SILENT on alpha  19:12:03",
  );
});

test("that this node did not run lately stands below the three answers, for ten minutes", () => {
  const stall = { agoMs: 1100, lostMs: 4400 };
  expect(shown(allWell, { stall }).split("\n")[3]).toBe(
    "stalled: alpha did not run for 4.4 s, until 1.1 s ago",
  );
  expect(shown(allWell, { stall: { ...stall, agoMs: 600_000 } })).not.toContain("stalled: ");
});

test("a peer whose daemon is being replaced is away, and not deaf", () => {
  const peers = [peer({ hearsUs: false, backMs: 12_000 })];
  expect(shown(allWell, { peers })).toContain("beta    up     312 ms ago  is away      the same");
});

function shown(status: Status, changes: Partial<Status> = {}): string {
  return statusText(reportOf(status, changes), { paint: plain, clock: utc, width: 80 });
}

function firstLines(status: Status, changes: Partial<Status>, count: number): string {
  return shown(status, changes).split("\n").slice(0, count).join("\n");
}
