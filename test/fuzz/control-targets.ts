/**
 * The parsers of the control socket: what a client may ask, and what the command line reads back.
 */
import { historyText } from "../../src/cli/history.ts";
import { statusText } from "../../src/cli/status-text.ts";
import { whyText } from "../../src/cli/why.ts";
import {
  clean,
  parseAnswer,
  parseCommand,
  parseConfirm,
  parseConfirmation,
  parseHistory,
  parseMaintain,
  parseOutcome,
  parseRefusal,
  parseReport,
  parseRestart,
  parseSettings,
  routeOf,
  routes,
} from "../../src/control/index.ts";
import { groupName } from "../../src/core/index.ts";
import { allWell, failover, group, reportOf } from "../unit/cli/reports.ts";
import type { Target } from "./target.ts";
import { holds, same, wordsOf } from "./target.ts";

const json = ["{", "}", "[", "]", ":", ",", '"', "null", "true", "false", "0", "-1e9", "1e999"];
const odd = [
  String.raw`\u001b[31m`,
  String.raw`\ud800`,
  "\u202e",
  "__proto__",
  "\n",
  "\x1b]0;x\x07",
];
const selections = ["all", "local", "foreign", "failback", "web", "selection", "wait", "node"];
const methods = ["GET ", "POST ", "HEAD ", "?", "/", "//"];

export const controlTargets: readonly Target[] = [
  {
    name: "control-request",
    words: [
      ...json,
      ...odd,
      ...selections,
      ...methods,
      ...Object.values(routes).map(({ path }) => path),
    ],
    seeds: () =>
      [
        '{"selection":"all"}',
        '{"selection":"web","wait":true}',
        '{"selection":"failback","wait":false}',
        '{"node":"beta"}',
        '{"on":true,"forMs":7200000,"reason":"kernel"}',
        '{"withinMs":15000}',
        "GET /v1/status?x",
        "POST /v1/takeover",
      ].map((text) => Buffer.from(text)),
    check: (input) => readRequest(input.toString("utf8")),
  },
  {
    name: "control-answer",
    words: [...json, ...odd, ...wordsOf("control"), "2025-11-17T21:15:03.000Z"],
    seeds: () => [...answers, report(), reportMoved()].map((text) => Buffer.from(text)),
    check: (input) => readAnswers(input.toString("utf8")),
  },
];

const answers: readonly string[] = [
  '{"version":1,"node":"alpha","groups":[{"group":"web","result":{"type":"done","holder":"beta","tookMs":12}}]}',
  '{"version":1,"node":"alpha","groups":[{"group":"web","result":{"type":"refused","reason":"no"}}]}',
  '{"version":1,"node":"alpha","groups":[{"group":"web","result":{"type":"already","holder":"beta"}}]}',
  '{"version":1,"node":"alpha","confirmed":"beta","refusal":null}',
  '{"version":1,"node":"alpha","settings":{"deadtime":"10"}}',
  '{"version":1,"node":"alpha","entries":[{"time":"2025-11-17T21:15:03.000Z","level":"warn","code":"peer-dead","message":"a","silent":12}]}',
  '{"version":1,"error":"no such path"}',
  '{"version":1,"node":"alpha","refusal":null}',
];

function report(): string {
  return JSON.stringify(reportOf(allWell));
}

function reportMoved(): string {
  return JSON.stringify(reportOf(allWell, { groups: [group({ lastMove: failover })] }));
}

function readRequest(text: string): void {
  for (const type of ["takeover", "standby"] as const) {
    const command = parseCommand(type, text);
    if (!command.ok) {
      checkText(command.error.message);
      continue;
    }
    const { selection, wait } = command.value;
    const word = selection.type === "group" ? selection.group : selection.type;
    checkText(word);
    same(
      "a command that was asked for again",
      parseCommand(type, JSON.stringify({ selection: word, wait })),
      command,
    );
    if (selection.type === "group") same("a group's name", groupName(word), selection.group);
  }
  const confirmed = parseConfirm(text);
  if (!confirmed.ok) checkText(confirmed.error.message);
  const restart = parseRestart(text);
  if (!restart.ok) checkText(restart.error.message);
  else holds(restart.value.within > 0, "a time to come back");
  readMaintain(text);
  const [method = "", target = ""] = text.split(" ", 2);
  const route = routeOf(method, target);
  if (route.ok) same("a route's method", routes[route.value].method, method);
  else checkText(route.error.message);
}

function readMaintain(text: string): void {
  const maintain = parseMaintain(text);
  if (!maintain.ok) return checkText(maintain.error.message);
  const { on, lasts, reason } = maintain.value;
  checkText(reason);
  const again = parseMaintain(JSON.stringify({ on, forMs: lasts, reason }));
  return same("a maintenance that was asked for again", again, maintain);
}

/** One answer is read as each of them: a daemon of another version may send what nobody expects. */
function readAnswers(text: string): void {
  for (const parse of [parseAnswer, parseConfirmation, parseOutcome, parseSettings, parseRefusal]) {
    checkClean(parse(text));
  }
  const plain = { paint: (_: unknown, each: string) => each, clock: (iso: string) => iso };
  const history = parseHistory(text);
  if (history !== undefined) {
    checkClean(history);
    checkPage(historyText(history.entries, plain));
  }
  const status = parseReport(text);
  if (status === undefined) return;
  checkClean(status);
  for (const width of [80, Number.POSITIVE_INFINITY]) {
    checkPage(statusText(status, { ...plain, width }));
  }
  checkPage(whyText(status, status.groups, plain.clock));
}

/** Nothing in it can steer a terminal. */
function checkClean(value: unknown): void {
  if (typeof value === "string") checkText(value);
  if (typeof value !== "object" || value === null) return;
  for (const [name, each] of Object.entries(value)) {
    checkText(name);
    checkClean(each);
  }
}

function checkText(text: string): void {
  holds(clean(text) === text, `no control characters: ${JSON.stringify(text)}`);
}

function checkPage(page: string): void {
  for (const line of page.split("\n")) checkText(line);
}
