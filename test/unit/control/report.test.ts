import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { health, parseReport, report } from "../../../src/control/index.ts";
import type { Status } from "../../../src/core/index.ts";
import { allWell, beta, failover, group, moment, peer, reportOf } from "../cli/reports.ts";

const extra = { software: "0.1.0", uptimeMs: 1000.00049 };

test("a report has every promised field, moments in UTC, and null for what is not known", () => {
  const unheard = peer({
    state: "unknown",
    lastHeardMs: undefined,
    sameConfig: undefined,
    links: [],
  });
  const groups = [group({ holder: undefined, state: "unserved", sinceMs: 2500 })];
  const pings = [
    { name: "gateway", state: "up", lastHeardMs: 20.12504 },
    { name: "tester", state: "unknown", lastHeardMs: undefined },
  ] as const;
  expect(report({ ...allWell, peers: [unheard], pings, groups }, moment, extra)).toEqual({
    version: 1,
    node: "alpha",
    time: "2025-11-17T21:15:03.000Z",
    software: "0.1.0",
    uptimeMs: 1000,
    phase: "active",
    peers: [
      {
        node: "beta",
        state: "unknown",
        lastHeardMs: null,
        original: false,
        hearsUs: true,
        backMs: null,
        sameConfig: null,
        links: [],
      },
    ],
    groups: [
      {
        name: "10.0.0.100",
        preferred: "alpha",
        holder: null,
        state: "unserved",
        elsewhere: null,
        silent: null,
        since: "2025-11-17T21:15:00.500Z",
        sinceMs: 2500,
        reason: "it belongs here",
        term: 1,
        nodes: [
          { node: "alpha", able: true, why: null, rests: false },
          { node: "beta", able: true, why: null, rests: false },
        ],
        lastMove: null,
      },
    ],
    pings: [
      { name: "gateway", state: "up", lastHeardMs: 20.125 },
      { name: "tester", state: "unknown", lastHeardMs: null },
    ],
    media: [
      { medium: "eth0", fault: null },
      { medium: "eth1", fault: null },
    ],
    lease: {
      mechanism: "nftables",
      fault: null,
      lengthMs: 1800,
      lateMs: 0,
      leftMs: 1652.5,
      lapsed: null,
    },
    maintenance: null,
    witness: null,
    isolated: false,
    stall: null,
    redundancy: { state: "ok", why: [] },
    rejected: {},
  });
});

test("the last move has its moment and its lengths to the microsecond", () => {
  const { groups } = report({ ...allWell, groups: [group({ lastMove: failover })] }, moment, extra);
  expect(groups[0]?.lastMove).toEqual({
    from: "alpha",
    to: "beta",
    reason: "alpha is dead",
    at: "2025-11-17T21:14:58.800Z",
    agoMs: 4200,
    detectMs: 2000.123,
    phases: { decideMs: 0.21, leaseMs: 0.04, addressMs: 0.3, announceMs: 0.05 },
    startMs: 1.25,
    outageMs: 2001.9,
  });
});

test("what guards against two that answer is told with its moments, and null for what is not", () => {
  const changes: Partial<Status> = {
    lease: {
      mechanism: undefined,
      fault: "nft is missing",
      lengthMs: undefined,
      lateMs: undefined,
      leftMs: undefined,
      lapsed: { why: "it was not renewed", sinceMs: 12.00049 },
    },
    maintenance: { by: beta, reason: "kernel", sinceMs: 3000, leftMs: undefined, unaware: [beta] },
    witness: { leftMs: 4000.12345, owner: undefined, fault: undefined },
    isolated: true,
    stall: { agoMs: 2000, lostMs: 4400.5 },
  };
  expect(report({ ...allWell, ...changes }, moment, extra)).toMatchObject({
    lease: {
      mechanism: null,
      fault: "nft is missing",
      lengthMs: null,
      lateMs: null,
      leftMs: null,
      lapsed: { why: "it was not renewed", sinceMs: 12 },
    },
    maintenance: {
      by: "beta",
      reason: "kernel",
      since: "2025-11-17T21:15:00.000Z",
      sinceMs: 3000,
      leftMs: null,
      unaware: ["beta"],
    },
    witness: { leftMs: 4000.123, owner: null, fault: null },
    isolated: true,
    stall: { at: "2025-11-17T21:15:01.000Z", agoMs: 2000, lostMs: 4400.5 },
  });
  const text = JSON.stringify(report({ ...allWell, ...changes }, moment, extra));
  expect(parseReport(text)).toEqual(JSON.parse(text));
});

describe("the exit status of status is", () => {
  test.each([
    ["0 when all is well", 0, {}],
    ["0 when there is nothing to hold", 0, { groups: [] }],
    ["1 when the redundancy is degraded", 1, { redundancy: { state: "degraded", why: [] } }],
    ["1 while a group is being taken", 1, { groups: [group({ state: "starting" })] }],
    ["1 when a group is stuck", 1, { groups: [group({ state: "stuck" })] }],
    [
      "2 when one group of two is held by nobody",
      2,
      { groups: [group(), group({ holder: undefined })] },
    ],
    [
      "1 when a machine answers for it that is not heard",
      1,
      { groups: [group({ holder: undefined, state: "unserved", elsewhere: "answered by beta" })] },
    ],
    ["2 when its holder does not answer", 2, { groups: [group({ silent: "it was stalled" })] }],
    ["2 when a group is unserved", 2, { groups: [group({ state: "unserved", holder: beta })] }],
  ] as const)("%s", (_, expected, changes) => {
    expect(health(reportOf(allWell, changes))).toBe(expected);
  });
});

describe("a report that is read back", () => {
  const text = JSON.stringify(
    report({ ...allWell, groups: [group({ lastMove: failover })] }, moment, extra),
  );

  test("is the report that was sent", () => {
    expect(parseReport(text)).toEqual(JSON.parse(text));
  });

  test("may have fields that a newer daemon has added", () => {
    expect(parseReport(text.replace("{", '{"weather":{"wind":3},'))).toMatchObject({
      node: "alpha",
    });
  });

  test("is refused if it is of another version or lacks any field", () => {
    expect(parseReport(text.replace('"version":1', '"version":2'))).toBeUndefined();
    const fields = [...text.matchAll(/"([a-zA-Z]+)":/gu)].map((match) => match[0]);
    for (const field of fields) {
      expect(parseReport(text.replaceAll(field, '"x":')), field).toBeUndefined();
    }
  });

  test("holds no control character, wherever one was sent", () => {
    const evil = peer({ node: beta, links: [] });
    const sent = { ...allWell, peers: [evil], rejected: { "a\u001b[2Jb": 1 } };
    const read = parseReport(JSON.stringify(report(sent, moment, extra)));
    expect(read?.rejected).toEqual({ "a\ufffd[2Jb": 1 });
  });

  test("never makes the reader throw, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (any) => parseReport(any) === undefined),
    );
    expect(parseReport("[".repeat(1_000_000) + "]".repeat(1_000_000))).toBeUndefined();
  });
});
