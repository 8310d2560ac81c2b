/**
 * `understudy status`: one page, or one a second.
 */
import type { Report } from "../control/index.ts";
import { health, parseReport } from "../control/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import { answerMs, ask, faultText } from "./client.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Options } from "./parts.ts";
import { statusText } from "./status-text.ts";
import type { Terminal } from "./terminal.ts";
import { localTime, terminalWidth } from "./words.ts";

/** @returns 0 all well, 1 degraded, 2 nobody answers for a group, 3 not running */
export async function status(
  options: Options,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const report = await fetchReport(options);
  if (!report.ok) {
    terminal.err(await withLeftover(report.error));
    return exitCodes.notRunning;
  }
  terminal.out(
    json ? `${JSON.stringify(report.value, undefined, 2)}\n` : page(report.value, terminal),
  );
  return health(report.value);
}

/** A daemon that does not answer may hold addresses all the same: the kernel knows. */
export async function withLeftover(fault: string): Promise<string> {
  const { findLeftover, leftoverText } = await import("./leftover.ts");
  return `${fault}\n${leftoverText(findLeftover())}`;
}

/** Lines are broken for people only: a script looks for whole sentences. */
export function page(report: Report, { paint, interactive }: Terminal): string {
  const width = interactive ? terminalWidth : Infinity;
  return statusText(report, { paint, clock: localTime, width });
}

/** The daemon's report, or one line that says why there is none. */
export async function fetchReport(options: Options): Promise<Result<Report, string>> {
  const body = await ask(options, { route: "status", timeoutMs: answerMs });
  if (!body.ok) return fail(faultText(body.error));
  const report = parseReport(body.value);
  return report === undefined ? fail("understudy's answer is no status of version 1") : ok(report);
}
