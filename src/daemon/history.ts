/**
 * What the operator was told, kept for `understudy history`: in memory, and in a file that outlives
 * the daemon.
 */
import { appendFile, mkdirSync, readFileSync, writeFile, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HistoryEntry } from "../control/index.ts";
import { historyEntry, historyFile, isHistoryEntry } from "../control/index.ts";
import type { Notice } from "../core/index.ts";

export interface History {
  add(notice: Notice): void;
  entries(): readonly HistoryEntry[];
}

/** Kept in memory, and left in the file when the daemon starts. */
const KEPT = 1000;
/** Then the file is written anew, with what is kept. */
const APPENDED_MAX = 1024 * 1024;

export function openHistory(stateDir: string): History {
  const path = join(stateDir, historyFile);
  const entries = readEntries(path);
  trim(stateDir, path, entries);
  let waiting = "";
  let appended = 0;
  const write = (): void => {
    const text = waiting;
    waiting = "";
    appended += text.length;
    if (appended > APPENDED_MAX) {
      appended = 0;
      writeFile(path, linesOf(entries), () => undefined);
      return;
    }
    // Lost on a full disk: the journal has it too, and heartbeats matter more.
    appendFile(path, text, () => undefined);
  };
  return {
    add(notice) {
      const entry = historyEntry(notice, Date.now());
      entries.push(entry);
      if (entries.length > KEPT) entries.shift();
      if (waiting === "") setImmediate(write);
      waiting += `${JSON.stringify(entry)}\n`;
    },
    entries: () => entries,
  };
}

function readEntries(path: string): HistoryEntry[] {
  try {
    const lines = readFileSync(path, "utf8")
      .split("\n")
      .slice(-KEPT - 1);
    return lines.flatMap((line) => parseEntry(line) ?? []);
  } catch {
    // None yet, or none that can be read: history begins here.
    return [];
  }
}

/** A line that was cut off by a power loss is left out. */
function parseEntry(line: string): HistoryEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isHistoryEntry(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function linesOf(entries: readonly HistoryEntry[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

function trim(stateDir: string, path: string, entries: readonly HistoryEntry[]): void {
  try {
    mkdirSync(stateDir, { recursive: true });
    writeFileSync(path, linesOf(entries));
  } catch {
    // A history that cannot be kept is no reason not to start.
  }
}
