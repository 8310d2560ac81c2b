/**
 * How lengths of time, moments and lists are said.
 */

/** A length of time in the two units that matter: `3 d 4 h`, `2 h 3 min`, `42 s`, `350 ms`. */
export function length(ms: number): string {
  if (ms < 1000) return `${Math.floor(ms)} ms`;
  if (ms < 10_000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return pair(minutes, "min", seconds % 60, "s");
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return pair(hours, "h", minutes % 60, "min");
  return pair(Math.floor(hours / 24), "d", hours % 24, "h");
}

/** @param ms - null: it never was */
export function ago(ms: number | null): string {
  return ms === null ? "never" : `${length(ms)} ago`;
}

/** A measured time, to a tenth: `12.3 ms`. */
export function measured(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}

/** One of the phases of a takeover, to a hundredth: `0.31 ms`. */
export function measuredFinely(ms: number): string {
  return `${ms.toFixed(2)} ms`;
}

/** How a moment is shown: {@link localTime}, or what a test wants it to be. */
export type Clock = (iso: string) => string;

/** Date and time on this machine's clock, `2025-11-17 21:15:03`. */
export function localTime(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  const date = [moment.getFullYear(), moment.getMonth() + 1, moment.getDate()];
  const time = [moment.getHours(), moment.getMinutes(), moment.getSeconds()];
  return `${date.map(twoDigits).join("-")} ${time.map(twoDigits).join(":")}`;
}

/** A moment and how long ago it is: the hour if it was within half a day, else the day. */
export function since(moment: { since: string; sinceMs: number }, clock: Clock): string {
  const halfDay = 12 * 3_600_000;
  const text = clock(moment.since);
  const short = moment.sinceMs < halfDay ? text.slice("2025-11-17 ".length) : text.slice(0, -3);
  return `${short} (${length(moment.sinceMs)})`;
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `alpha`, `alpha or beta`, `alpha, beta or gamma`. */
export function either(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : `${names.slice(0, -1).join(", ")} or ${last}`;
}

/** How wide a text may be, and what its lines after the first begin with. */
export interface Shape {
  /** In columns; Infinity: each text is one line. */
  readonly width: number;
  readonly indent: string;
}

/** Lines of at most the width where words allow it; those after the first begin with the indent. */
export function wrap(text: string, { width, indent }: Shape, firstIndent = ""): string {
  const lines: string[] = [];
  let line = firstIndent;
  for (const word of text.split(" ")) {
    const empty = line.trim() === "";
    const longer = empty ? line + word : `${line} ${word}`;
    const fits = empty || longer.length <= width;
    if (!fits) lines.push(line);
    line = fits ? longer : indent + word;
  }
  return [...lines, line].join("\n");
}

/** What a terminal has whose window nobody made larger. */
export const terminalWidth = 80;

function pair(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
