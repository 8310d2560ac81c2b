import { expect, test } from "vitest";
import { history, historyEntry, parseHistory } from "../../../src/control/index.ts";
import { millis } from "../../../src/std/time.ts";
import { alpha, beta, moment, web } from "../cli/reports.ts";

test("an entry is the notice with its moment, its level and its sentence", () => {
  const notice = { code: "peer-dead", peer: beta, silent: millis(2000.12345) } as const;
  expect(historyEntry(notice, moment)).toEqual({
    time: "2025-11-17T21:15:03.000Z",
    level: "error",
    code: "peer-dead",
    message: "peer is dead",
    peer: "beta",
    silent: 2000.123,
  });
});

test("a history is read back as it was sent, with control characters made visible", () => {
  const reason = "exit\u001b[31m 1\n";
  const notice = { code: "start-failed", group: web, resource: "nginx", reason } as const;
  const sent = JSON.stringify(history(alpha, [historyEntry(notice, moment)]));
  expect(parseHistory(sent)).toEqual({
    version: 1,
    node: "alpha",
    entries: [{ ...historyEntry(notice, moment), reason: "exit\ufffd[31m 1 " }],
  });
});

test("an entry of an unknown level is no history", () => {
  const sent = JSON.stringify(history(alpha, [historyEntry({ code: "left" }, moment)]));
  expect(parseHistory(sent.replace('"info"', '"fatal"'))).toBeUndefined();
});
