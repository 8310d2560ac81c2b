/**
 * What the operator was told, kept for `understudy history`: in memory, and in a file that outlives
 * the daemon.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { appendFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { HistoryEntry } from "../control/index.ts";
import { historyEntry, historyFile, isHistoryEntry } from "../control/index.ts";
import type { Notice } from "../core/index.ts";

export interface History {
  add(notice: Notice): void;
  entries(): readonly HistoryEntry[];
  /** Writes what is not written yet, for a second at most: before the process ends. */
  drain(): Promise<void>;
}

/** Kept in memory, and left in the file when the daemon starts. */
const KEPT = 1000;
/** Then the file is written anew, with what is kept. */
const APPENDED_MAX = 1024 * 1024;
/** A disk that does not answer must not stop the end. */
const PATIENCE_MS = 1000;

export function openHistory(stateDir: string): History {
  const path = join(stateDir, historyFile);
  const entries = readEntries(path);
  trim(stateDir, path, entries);
  let waiting = "";
  let appended = 0;
  // One after the other: of two writes at once the later may be done first.
  let written = Promise.resolve();
  const write = (): void => {
    const text = waiting;
    waiting = "";
    if (text === "") return;
    appended += text.length;
    if (appended > APPENDED_MAX) {
      appended = 0;
      const all = linesOf(entries);
      written = written.then(() => writeFile(path, all)).catch(() => undefined);
      return;
    }
    // Lost on a full disk: the journal has it too, and heartbeats matter more.
    written = written.then(() => appendFile(path, text)).catch(() => undefined);
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
    async drain() {
      write();
      await Promise.race([written, pause(PATIENCE_MS, undefined, { ref: false })]);
    },
  };
}

/** What says how a life of the daemon went. What else is told may come after it. */
const LIFE = ["started", "left", "away", "ended-badly"];

/** Whether a life was begun that did not end in good order, which was not told yet. */
export function endedBadly(entries: readonly HistoryEntry[]): boolean {
  const last = entries.findLast(({ code }) => LIFE.includes(code));
  return last === undefined ? entries.length > 0 : last.code === "started";
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
