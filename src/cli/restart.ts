/**
 * `understudy restart`: the daemon is replaced, and nothing moves. It says to its peers within what time
 * it is back, lets the kernel go on answering for so long, and ends; systemd starts it again.
 */
import { setTimeout as pause } from "node:timers/promises";
import { readConfig } from "../config/index.ts";
import type { Report } from "../control/index.ts";
import { parseOutcome } from "../control/index.ts";
import { ask, faultText } from "./client.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Options, SourceFiles } from "./parts.ts";
import { fetchReport } from "./status.ts";
import type { Terminal } from "./terminal.ts";
import { length } from "./words.ts";

const lookEveryMs = 50;
/** The daemon first waits until its peers know: seconds, if one of them does not answer. */
const agreedMs = 10_000;

/** @returns 0 back with all that it held, 1 refused or not back in time, 3 not running */
export async function restart(
  options: Options,
  { withinMs, files }: { readonly withinMs: number; readonly files: SourceFiles },
  terminal: Terminal,
): Promise<number> {
  const unread = files.faults.find(({ reason }) => reason === "EACCES" || reason === "EPERM");
  if (unread !== undefined) {
    terminal.err(`restart: ${unread.file} may not be read: a restart takes root\n`);
    return 1;
  }
  if (readConfig({ ...files, hostname: options.node }).value === undefined) {
    terminal.err("restart: the files have errors, with which no daemon starts: understudy check\n");
    return 1;
  }
  const before = await fetchReport(options);
  if (!before.ok) {
    terminal.err(`${before.error}\n`);
    return exitCodes.notRunning;
  }
  const body = JSON.stringify({ withinMs });
  const askedAt = performance.now();
  const reply = await ask(options, { route: "restart", body, timeoutMs: agreedMs });
  if (!reply.ok) {
    terminal.err(`${faultText(reply.error)}\n`);
    return reply.error.type === "refused" ? 1 : exitCodes.notRunning;
  }
  const answer = parseOutcome(reply.value);
  if (answer === undefined || answer.refusal !== null) {
    terminal.err(`restart: refused: ${answer?.refusal ?? "the answer is none of version 1"}\n`);
    return 1;
  }
  const missing = await untilBack(options, { before: before.value, askedAt, withinMs });
  if (missing !== undefined) {
    terminal.err(`${missing}\n`);
    return 1;
  }
  const took = length(performance.now() - askedAt);
  terminal.out(`${before.value.node}: back after ${took}, with all that it held\n`);
  return 0;
}

interface Absence {
  readonly before: Report;
  readonly askedAt: number;
  readonly withinMs: number;
}

/** @returns undefined once it is back; else what is missing when the time is over */
async function untilBack(options: Options, absence: Absence): Promise<string | undefined> {
  const { before, askedAt, withinMs } = absence;
  for (;;) {
    const report = await fetchReport(options);
    const passed = performance.now() - askedAt;
    const missing = report.ok ? missingIn(report.value, before, passed) : "it does not answer";
    if (missing === undefined) return undefined;
    if (passed >= withinMs) {
      return `${before.node} is not back within ${length(withinMs)}: ${missing}; see 'systemctl status understudy'`;
    }
    await pause(lookEveryMs);
  }
}

function missingIn(report: Report, before: Report, passedMs: number): string | undefined {
  // A daemon that has run for longer than we wait is the old one.
  if (report.uptimeMs > passedMs) return "the daemon has not ended";
  const lost = heldBy(before).filter((name) => !heldBy(report).includes(name));
  return lost.length === 0 ? undefined : `it does not hold ${lost.join(", ")}`;
}

function heldBy({ node, groups }: Report): readonly string[] {
  const held = groups.filter(({ holder, state }) => holder === node && state === "held");
  return held.map(({ name }) => name);
}
