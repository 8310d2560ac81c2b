/**
 * What the operator was told, as `history --json` and `GET /v1/history` have it.
 */
import type { Level, NodeName, Notice } from "../core/index.ts";
import { notices } from "../core/index.ts";
import type { Is } from "./guard.ts";
import { isString, list, oneOf, parseCleanJson, record } from "./guard.ts";
import { isoTime, rounded } from "./time-text.ts";

export interface History {
  readonly version: 1;
  readonly node: string;
  /** Oldest first. */
  readonly entries: readonly HistoryEntry[];
}

/** A notice, its sentence and its moment. The notice's own fields stand beside these four. */
export interface HistoryEntry {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly level: Level;
  readonly code: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** In the state directory: one entry a line, as JSON. */
export const historyFile = "history.jsonl";

export function historyEntry(notice: Notice, wallClockMs: number): HistoryEntry {
  const [level, message] = notices[notice.code];
  const fields: Record<string, unknown> = { ...notice };
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number") fields[name] = rounded(value);
  }
  return { time: isoTime(wallClockMs), level, code: notice.code, message, ...fields };
}

export function history(node: NodeName, entries: readonly HistoryEntry[]): History {
  return { version: 1, node, entries };
}

/** Undefined: the text is no history of this version. Texts and names of fields come cleaned. */
export function parseHistory(text: string): History | undefined {
  const value = parseCleanJson(text);
  return isHistory(value) ? value : undefined;
}

/** Whether it is an entry, from the socket or from a file. Nothing is known of the other fields. */
export const isHistoryEntry: Is<HistoryEntry> = record<HistoryEntry>({
  time: isString,
  level: oneOf("info", "warn", "error"),
  code: isString,
  message: isString,
});

const isHistory = record<History>({
  version: oneOf(1),
  node: isString,
  entries: list(isHistoryEntry),
});
