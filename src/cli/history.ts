/**
 * `understudy history`: what happened on this node, oldest first.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { HistoryEntry } from "../control/index.ts";
import { historyFile, parseHistory } from "../control/index.ts";
import { answerMs, ask, faultText } from "./client.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Options } from "./parts.ts";
import type { Paint, Terminal, Tone } from "./terminal.ts";
import type { Clock } from "./words.ts";
import { localTime } from "./words.ts";

/** @returns 0, or 3: not running; then it is what the last daemon left */
export async function history(
  options: Options,
  { json }: { readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const body = await ask(options, { route: "history", timeoutMs: answerMs });
  const told = body.ok ? parseHistory(body.value) : undefined;
  if (told === undefined) {
    const why = body.ok ? "understudy's answer is no history of version 1" : faultText(body.error);
    terminal.err(`${why}\n`);
  }
  // A daemon that does not run has left its history behind, and now it is wanted most.
  const left = told ?? parseHistory(leftBehind(options));
  const shown = told === undefined && left?.entries.length === 0 ? undefined : left;
  if (shown !== undefined && json) terminal.out(`${JSON.stringify(shown, undefined, 2)}\n`);
  else if (shown !== undefined) {
    terminal.out(historyText(shown.entries, { paint: terminal.paint, clock: localTime }));
  }
  return told === undefined ? exitCodes.notRunning : 0;
}

/** As `history --json` has it; what cannot be read is left out. */
function leftBehind({ stateDir, node }: Options): string {
  return JSON.stringify({ version: 1, node, entries: linesOf(join(stateDir, historyFile)) });
}

function linesOf(path: string): readonly unknown[] {
  try {
    return readFileSync(path, "utf8").split("\n").flatMap(parsed);
  } catch {
    // There is none: no daemon ever ran here.
    return [];
  }
}

function parsed(line: string): readonly unknown[] {
  try {
    return [JSON.parse(line)];
  } catch {
    // Cut off, by a power loss as a rule.
    return [];
  }
}

const tones: { readonly [L in HistoryEntry["level"]]: Tone } = {
  info: "good",
  warn: "doubtful",
  error: "bad",
};

/** One line for each entry: its moment, its level, its sentence and what it is about. */
export function historyText(
  entries: readonly HistoryEntry[],
  { paint, clock }: { readonly paint: Paint; readonly clock: Clock },
): string {
  if (entries.length === 0) return "nothing has happened yet\n";
  return entries
    .map((entry) => {
      const level = paint(tones[entry.level], entry.level.padEnd(5));
      return `${clock(entry.time)}${fraction(entry.time)}  ${level}  ${entry.message}${about(entry)}\n`;
    })
    .join("");
}

/** The milliseconds, which are the same on every clock. */
function fraction(iso: string): string {
  return /\.\d{3}(?=Z$)/u.exec(iso)?.[0] ?? "";
}

function about({
  time: _time,
  level: _level,
  code: _code,
  message: _message,
  ...fields
}: HistoryEntry): string {
  const parts = Object.entries(fields)
    .filter(([, value]) => ["string", "number", "boolean"].includes(typeof value))
    .map(([name, value]) => `${name} ${String(value)}${lengths.has(name) ? " ms" : ""}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** The fields of notices that are lengths of time. */
const lengths: ReadonlySet<string> = new Set([
  "silent",
  "lost",
  "took",
  "detect",
  "decide",
  "lease",
  "address",
  "announce",
  "outage",
  "left",
  "within",
]);
