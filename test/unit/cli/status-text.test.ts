import { describe, expect, test } from "vitest";
import { statusText } from "../../../src/cli/status-text.ts";
import { colors, plain } from "../../../src/cli/terminal.ts";
import type { Report } from "../../../src/control/index.ts";
import type { Status } from "../../../src/core/index.ts";
import { groupName, mediumName, nodeName } from "../../../src/core/index.ts";
import { allWell, alpha, beta, failover, gamma, group, link, peer } from "./reports.ts";
import { reportOf, utc } from "./reports.ts";

const betaCannot = [
  { node: alpha, able: true, why: undefined, rests: false },
  { node: beta, able: false, why: "is dead", rests: false },
];

test("the page of a healthy pair says so in its first three lines", () => {
  expect(shown(allWell)).toMatchInlineSnapshot(`
    "10.0.0.100: held by alpha since 19:12:03 (2 h 3 min): it belongs here
    standby: beta could take it now
    wrong: nothing

    peer    state  heard       hears alpha  files
    beta    up     312 ms ago  yes          the same
      eth0  up     312 ms ago
      eth1  up     313 ms ago

    group       place          since                 preferred  standby
    10.0.0.100  held by alpha  19:12:03 (2 h 3 min)  alpha      beta

    medium  state
    eth0    open
    eth1    open

    lease by nftables: silent 1.8 s after the last renewal; 1.6 s left

    told by alpha at 2025-11-17 21:15:03; understudy 0.1.0, up for 3 d 4 h
    "
  `);
});

test("a dead standby is what the second line is about, with how long it has been silent", () => {
  const dead = peer({
    state: "dead",
    lastHeardMs: 412_000,
    links: [link("eth0", 412_000), link("eth1", undefined)],
  });
  const redundancy = { state: "degraded", why: ["beta is dead"] } as const;
  expect(shown(allWell, { peers: [dead], groups: [group({ nodes: betaCannot })], redundancy }))
    .toMatchInlineSnapshot(`
      "10.0.0.100: held by alpha since 19:12:03 (2 h 3 min): it belongs here
      standby: NONE: beta is dead
      wrong: beta is dead

      peer    state  heard           hears alpha  files
      beta    dead   6 min 52 s ago               the same
        eth0  dead   6 min 52 s ago
        eth1  dead   never

      group       place          since                 preferred  standby
      10.0.0.100  held by alpha  19:12:03 (2 h 3 min)  alpha      NONE

      cannot be taken  by    because
      10.0.0.100       beta  is dead

      medium  state
      eth0    open
      eth1    open

      lease by nftables: silent 1.8 s after the last renewal; 1.6 s left

      told by alpha at 2025-11-17 21:15:03; understudy 0.1.0, up for 3 d 4 h
      "
    `);
});

test("a late peer is told with the age of its last heartbeat", () => {
  const late = peer({
    state: "late",
    lastHeardMs: 1500,
    links: [link("eth0", 1500), link("eth1", 9000)],
  });
  const redundancy = {
    state: "degraded",
    why: ["beta is late", "beta is not heard on eth1"],
  } as const;
  expect(shown(allWell, { peers: [late], redundancy })).toMatchInlineSnapshot(`
    "10.0.0.100: held by alpha since 19:12:03 (2 h 3 min): it belongs here
    standby: beta could take it now
    wrong: beta is late
           beta is not heard on eth1

    peer    state  heard      hears alpha  files
    beta    late   1.5 s ago  yes          the same
      eth0  up     1.5 s ago
      eth1  dead   9.0 s ago

    group       place          since                 preferred  standby
    10.0.0.100  held by alpha  19:12:03 (2 h 3 min)  alpha      beta

    medium  state
    eth0    open
    eth1    open

    lease by nftables: silent 1.8 s after the last renewal; 1.6 s left

    told by alpha at 2025-11-17 21:15:03; understudy 0.1.0, up for 3 d 4 h
    "
  `);
});

test("a group that nobody holds is told first, with every node's reason", () => {
  const unserved = group({
    holder: undefined,
    state: "unserved",
    sinceMs: 61_000,
    reason: "no living node can hold it",
    nodes: [
      { node: alpha, able: false, why: "could not start nginx: exit status 1", rests: false },
      { node: beta, able: false, why: "is dead", rests: false },
    ],
  });
  const redundancy = { state: "degraded", why: ["nobody can hold 10.0.0.100"] } as const;
  expect(shown(allWell, { groups: [unserved], redundancy })).toMatchInlineSnapshot(`
    "10.0.0.100: held by NOBODY since 21:14:02 (61 s): no living node can hold it
    standby: NONE: alpha could not start nginx: exit status 1, beta is dead
    wrong: nobody can hold 10.0.0.100

    peer    state  heard       hears alpha  files
    beta    up     312 ms ago  yes          the same
      eth0  up     312 ms ago
      eth1  up     313 ms ago

    group       place           since            preferred  standby
    10.0.0.100  held by NOBODY  21:14:02 (61 s)  alpha      NONE

    cannot be taken  by     because
    10.0.0.100       alpha  could not start nginx: exit status 1
    10.0.0.100       beta   is dead

    medium  state
    eth0    open
    eth1    open

    lease by nftables: silent 1.8 s after the last renewal; 1.6 s left

    told by alpha at 2025-11-17 21:15:03; understudy 0.1.0, up for 3 d 4 h
    "
  `);
});

test("two holders are told as what is wrong", () => {
  const redundancy = {
    state: "degraded",
    why: ["two nodes hold 10.0.0.100: alpha and beta; alpha has the better claim and keeps it"],
  } as const;
  expect(firstLines(allWell, { redundancy }, 4)).toMatchInlineSnapshot(`
    "10.0.0.100: held by alpha since 19:12:03 (2 h 3 min): it belongs here
    standby: beta could take it now
    wrong: two nodes hold 10.0.0.100: alpha and beta; alpha has the better claim and
           keeps it"
  `);
});

test("a link that works one way only is told as a peer that does not hear this node", () => {
  const redundancy = { state: "degraded", why: ["beta is heard but does not hear alpha"] } as const;
  const peers = [peer({ hearsUs: false, sameConfig: false })];
  expect(shown(allWell, { peers, redundancy })).toMatchInlineSnapshot(`
    "10.0.0.100: held by alpha since 19:12:03 (2 h 3 min): it belongs here
    standby: beta could take it now
    wrong: beta is heard but does not hear alpha

    peer    state  heard       hears alpha  files
    beta    up     312 ms ago  NO           DIFFERENT
      eth0  up     312 ms ago
      eth1  up     313 ms ago

    group       place          since                 preferred  standby
    10.0.0.100  held by alpha  19:12:03 (2 h 3 min)  alpha      beta

    medium  state
    eth0    open
    eth1    open

    lease by nftables: silent 1.8 s after the last renewal; 1.6 s left

    told by alpha at 2025-11-17 21:15:03; understudy 0.1.0, up for 3 d 4 h
    "
  `);
});

test("three nodes, several groups: who holds how many, and what changed last", () => {
  const nodes = [alpha, beta, gamma].map((node) => ({
    node,
    able: true,
    why: undefined,
    rests: false,
  }));
  const db = groupName("10.0.0.101");
  const groups = [
    group({ nodes }),
    group({
      name: db,
      holder: beta,
      sinceMs: 4200,
      reason: "alpha is dead",
      nodes,
      lastMove: { ...failover, group: db },
    }),
    group({ name: groupName("nginx"), nodes, sinceMs: 90_000_000 }),
  ];
  const peers = [peer(), peer({ node: gamma, state: "left", sameConfig: undefined, links: [] })];
  expect(shown(allWell, { groups, peers })).toMatchInlineSnapshot(`
    "3 groups: 2 held by alpha, 1 held by beta; last change 4.2 s ago, 10.0.0.101:
           alpha is dead
    standby: every group has one
    wrong: nothing

    peer    state  heard       hears alpha  files
    beta    up     312 ms ago  yes          the same
      eth0  up     312 ms ago
      eth1  up     313 ms ago
    gamma   left   312 ms ago

    group       place          since                    preferred  standby
    10.0.0.100  held by alpha  19:12:03 (2 h 3 min)     alpha      beta or gamma
    10.0.0.101  held by beta   21:14:58 (4.2 s)         alpha      alpha or gamma
    nginx       held by alpha  2025-11-16 20:15 (25 h)  alpha      beta or gamma

    last move   from   to    when       detect     start   outage
    10.0.0.101  alpha  beta  4.2 s ago  2000.1 ms  1.3 ms  2001.9 ms

    medium  state
    eth0    open
    eth1    open

    lease by nftables: silent 1.8 s after the last renewal; 1.6 s left

    told by alpha at 2025-11-17 21:15:03; understudy 0.1.0, up for 3 d 4 h
    "
  `);
});

test("groups without a standby are named, three of them at most", () => {
  const groups = [1, 2, 3, 4, 5].map((each) =>
    group({ name: groupName(`10.0.0.${each}`), nodes: betaCannot }),
  );
  const redundancy = { state: "degraded", why: ["beta is dead"] } as const;
  expect(firstLines(allWell, { groups, redundancy }, 5)).toMatchInlineSnapshot(`
    "5 groups: 5 held by alpha; last change 2 h 3 min ago, 10.0.0.1: it belongs here
    standby: NONE for 10.0.0.1: beta is dead; 10.0.0.2: beta is dead; 10.0.0.3: beta
           is dead; and 2 more
    wrong: beta is dead
    "
  `);
});

test("a group under way is not called well though nothing else is wrong", () => {
  const groups = [group({ state: "starting", holder: beta, sinceMs: 12, reason: "takeover" })];
  expect(firstLines(allWell, { groups }, 3)).toMatchInlineSnapshot(`
    "10.0.0.100: being taken by beta since 21:15:02 (12 ms): takeover
    standby: alpha could take it now
    wrong: 10.0.0.100 is being taken by beta"
  `);
});

test("a daemon that still listens for its peers says so", () => {
  expect(firstLines(allWell, { phase: "up", groups: [] }, 3)).toMatchInlineSnapshot(`
    "no resource group is configured
    standby: none is needed
    wrong: alpha still listens for its peers, and takes nothing yet"
  `);
});

test("media that failed and datagrams that were dropped are told", () => {
  const media = [
    { medium: mediumName("eth0"), fault: undefined },
    { medium: mediumName("eth1"), fault: "there is no such interface" },
  ];
  const page = shown(allWell, {
    media,
    rejected: { "bad-signature": 12, malformed: 0, replayed: 1 },
  });
  expect(page.split("\n").slice(-9).join("\n")).toMatchInlineSnapshot(`
    "eth0    open
    eth1    there is no such interface

    lease by nftables: silent 1.8 s after the last renewal; 1.6 s left

    datagrams dropped since the start: 12 bad-signature, 1 replayed

    told by alpha at 2025-11-17 21:15:03; understudy 0.1.0, up for 3 d 4 h
    "
  `);
});

test("ping nodes are shown with their last answer", () => {
  const pings = [
    { name: "10.0.0.254", state: "up", lastHeardMs: 312.5 },
    { name: "gateways", state: "dead", lastHeardMs: undefined },
  ] as const;
  expect(shown(allWell, { pings })).toContain(
    [
      "ping node   state  answered",
      "10.0.0.254  up     312 ms ago",
      "gateways    dead   never",
    ].join("\n"),
  );
});

test("long names widen their columns and stay whole", () => {
  const long = nodeName(`${"a".repeat(60)}.example.org`);
  const page = shown(allWell, { peers: [peer({ node: long })], groups: [group({ holder: long })] });
  const rows = page.split("\n").filter((line) => line.includes(long));
  expect(rows).toHaveLength(3);
  const [heading, row] = page.split("\n").filter((line) => /^(?:peer|a+)/u.test(line));
  expect(heading?.indexOf("state")).toBe(row?.indexOf("up  "));
});

describe("what comes from outside", () => {
  const evil = "be\u001B[2Jta\u009B31m\u202E\r\n10.0.0.100: held by evil";

  test("cannot steer the terminal, begin a line or turn the writing round", () => {
    const page = shown(allWell, {
      peers: [peer({ node: nodeName(evil), links: [link(evil, 1)] })],
      groups: [group({ name: groupName(evil), reason: evil, holder: nodeName(evil) })],
      media: [{ medium: mediumName(evil), fault: evil }],
      redundancy: { state: "degraded", why: [evil] },
      rejected: { [evil]: 1 },
    });
    // oxlint-disable-next-line no-control-regex -- Control characters are what this is about.
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e]/u);
    expect(page.split("\n").filter((line) => line.startsWith("10.0.0.100: held by evil"))).toEqual(
      [],
    );
  });
});

test("a page of ordinary names is 80 columns wide at most", () => {
  const dead = peer({ state: "dead", lastHeardMs: 412_000, sameConfig: false });
  const page = shown(allWell, {
    peers: [dead, peer({ node: gamma })],
    groups: [group({ lastMove: failover, nodes: betaCannot, sinceMs: 300_000_000 })],
    redundancy: {
      state: "degraded",
      why: ["beta is dead and nobody could take 10.0.0.100 if alpha died too"],
    },
  });
  expect(Math.max(...page.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("colours add nothing but escape sequences to the words", () => {
  const report = reportOf(allWell, { redundancy: { state: "degraded", why: ["beta is late"] } });
  const colored = statusText(report, { paint: colors, clock: utc, width: 80 });
  expect(colored).toContain("\u001B[33mwrong: beta is late\u001B[39m");
  // oxlint-disable-next-line no-control-regex -- Escape sequences are what this is about.
  expect(colored.replaceAll(/\u001B\[\d+m/gu, "")).toBe(textOf(report));
});

function shown(status: Status, changes: Partial<Status> = {}): string {
  return textOf(reportOf(status, changes));
}

function firstLines(status: Status, changes: Partial<Status>, count: number): string {
  return shown(status, changes).split("\n").slice(0, count).join("\n");
}

function textOf(report: Report): string {
  return statusText(report, { paint: plain, clock: utc, width: 80 });
}
