/**
 * `cl_status`, as heartbeat 3.0.6's program of this name is called (cl_status(1)): its sub-commands,
 * options, texts and exit statuses, for the scripts and monitors that read them.
 */
import type { Report, RouteName, Settings } from "../../control/index.ts";
import { parseReport, parseSettings } from "../../control/index.ts";
import type { Result } from "../../std/result.ts";
import { fail, ok } from "../../std/result.ts";
import type { ClientFault } from "../client.ts";
import { ask, faultText } from "../client.ts";
import type { Options } from "../parts.ts";
import type { Terminal } from "../terminal.ts";
import type { ClAnswer } from "./answer.ts";
import { clExit, failure, said } from "./answer.ts";
import { hbparameter, hbstatus, listnodes, rscstatus, versionText } from "./cluster.ts";
import { aboutNode } from "./node.ts";
import { clNodes } from "./nodes.ts";
import type { ClQuestion } from "./question.ts";
import { clUsage, questionOf } from "./question.ts";

/** @returns 0 yes, 1 no or not running, 11 bad parameters, 12 no answer in time, 13 unknown error */
export async function clStatus(
  options: Options,
  args: readonly string[],
  terminal: Terminal,
): Promise<number> {
  const { out, err, exit } = await answerTo(options, args);
  terminal.out(out);
  terminal.err(err);
  return exit;
}

async function answerTo(options: Options, args: readonly string[]): Promise<ClAnswer> {
  const [first = "-h"] = args;
  if (first === "-h") return said(clUsage);
  const question = questionOf(args);
  if (!question.ok) return failure(clExit.badParameters, question.error);
  const { command } = question.value;
  if (command === "hbparameter") {
    const values = await settingsFrom(options, question.value.parameter);
    return values.ok ? hbparameter(values.value, question.value) : values.error;
  }
  const report = await fetched(options, "status", parseReport);
  if (report.ok) return answerOn(report.value, { ...question.value, command });
  const isHb = command === "hbstatus";
  return isHb ? hbstatusWithout(report.error) : withoutDaemon(report.error);
}

/** Told by the daemon, but for the version, which is no directive. */
async function settingsFrom(
  options: Options,
  parameter: string | undefined,
): Promise<Result<Settings["settings"], ClAnswer>> {
  if (parameter === undefined) return ok({});
  if (parameter === "hbversion") {
    const report = await fetched(options, "status", parseReport);
    if (!report.ok) return fail(withoutDaemon(report.error));
    return ok({ hbversion: versionText(report.value.software) });
  }
  const told = await fetched(options, "settings", parseSettings);
  return told.ok ? ok(told.value.settings) : fail(withoutDaemon(told.error));
}

function answerOn(
  report: Report,
  question: ClQuestion & { readonly command: Exclude<ClQuestion["command"], "hbparameter"> },
): ClAnswer {
  const { command, options } = question;
  switch (command) {
    case "hbstatus":
      return hbstatus(report, options);
    case "listnodes":
      return listnodes(report, options);
    case "rscstatus":
      return rscstatus(report, options);
    case "nodestatus":
    case "nodetype":
    case "nodeweight":
    case "nodesite":
    case "listhblinks":
    case "hblinkstatus":
    case "clientstatus":
      return aboutNode(clNodes(report), { ...question, command });
  }
}

/** The original gives up after so long. */
const timeoutMs = 5000;

async function fetched<T>(
  options: Options,
  route: RouteName,
  parse: (body: string) => T | undefined,
): Promise<Result<T, ClientFault>> {
  const body = await ask(options, { route, timeoutMs });
  if (!body.ok) return body;
  const value = parse(body.value);
  if (value !== undefined) return ok(value);
  return fail({ type: "refused", reason: "its answer is none of version 1" });
}

/** Not to be allowed to ask is not to know: it may be running. */
function hbstatusWithout(fault: ClientFault): ClAnswer {
  if (fault.type === "not-running")
    return said("Heartbeat is stopped on this machine.\n", clExit.no);
  if (fault.type !== "forbidden") return withoutDaemon(fault);
  const text = "Heartbeat is apparently running on this machine, but refuses my connection\n";
  return said(text, clExit.unknown);
}

function withoutDaemon(fault: ClientFault): ClAnswer {
  const exit = fault.type === "no-answer" ? clExit.timeout : clExit.no;
  return failure(exit, "Cannot signon with heartbeat", `REASON: ${faultText(fault)}`);
}
