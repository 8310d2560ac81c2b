/**
 * `understudy takeover` and `understudy standby`: a move at the operator's word.
 */
import type { Answer, CommandText, GroupAnswer } from "../control/index.ts";
import { parseAnswer } from "../control/index.ts";
import { answerMs, ask, faultText } from "./client.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Options } from "./parts.ts";
import { fetchReport } from "./status.ts";
import type { Terminal } from "./terminal.ts";
import { noSuchGroup } from "./why.ts";
import { measured } from "./words.ts";

/** Longer than the daemon lets any move take. Ctrl-C ends the waiting, and not the move. */
const waitMs = 600_000;

/** @returns 0 done or accepted, 1 refused or failed for a group, 3 not running, 64 no such group */
export async function move(
  options: Options,
  command: CommandText & { readonly type: "takeover" | "standby" },
  terminal: Terminal,
): Promise<number> {
  const { type, ...text } = command;
  const timeoutMs = text.wait === true ? waitMs : answerMs;
  const body = await ask(options, { route: type, body: JSON.stringify(text), timeoutMs });
  if (!body.ok) {
    terminal.err(`${faultText(body.error)}\n`);
    return body.error.type === "refused" ? 1 : exitCodes.notRunning;
  }
  const answer = parseAnswer(body.value);
  if (answer === undefined) {
    terminal.err(`understudy's answer to ${type} is none of version 1\n`);
    return 1;
  }
  const unknown = await unknownGroup(options, text.selection, answer);
  if (unknown !== undefined) {
    terminal.err(`understudy: ${unknown}\n`);
    return exitCodes.usage;
  }
  for (const each of answer.groups) tell(each, terminal);
  if (answer.groups.length === 0) terminal.out("no group is meant: nothing to do\n");
  return answer.groups.some(({ result }) => result.type === "refused") ? 1 : 0;
}

/** Looked for only where the daemon has refused: it knows best which groups there are. */
async function unknownGroup(
  options: Options,
  word: string,
  { groups }: Answer,
): Promise<string | undefined> {
  const isRefused = groups.some(({ group, result }) => group === word && result.type === "refused");
  const report = isRefused ? await fetchReport(options) : undefined;
  if (report?.ok !== true || report.value.groups.some(({ name }) => name === word))
    return undefined;
  return noSuchGroup(word, report.value.groups);
}

function tell({ group, result }: GroupAnswer, { out, err }: Terminal): void {
  switch (result.type) {
    case "already":
      return out(`${group}: held by ${result.holder} already\n`);
    case "accepted":
      return out(`${group}: accepted; it is under way\n`);
    case "done":
      return out(`${group}: held by ${result.holder}, took ${measured(result.tookMs)}\n`);
    case "refused":
      return err(`${group}: refused: ${result.reason}\n`);
  }
}
