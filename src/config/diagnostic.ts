/**
 * A mistake in a file: where it is, what it is, how it is shown, and how many are shown at most.
 */
import { printable } from "./tokens.ts";
import type { Place, Source } from "./tokens.ts";

export type Severity = "error" | "warning";

/** What is wrong, for programs. The sentence may be bettered, the code stays. */
export type Code =
  | "alias"
  | "auto-failback"
  | "bad-address"
  | "bad-boolean"
  | "bad-character"
  | "bad-integer"
  | "bad-name"
  | "bad-path"
  | "bad-resource"
  | "bad-time"
  | "bad-word"
  | "baud-late"
  | "broadcast"
  | "carriage-return"
  | "continuation"
  | "crc"
  | "deadping"
  | "deadtime"
  | "duplicate-address"
  | "duplicate-group"
  | "duplicate-key"
  | "duplicate-medium"
  | "duplicate-node"
  | "duplicate-ping"
  | "example-secret"
  | "extra-argument"
  | "fence-target"
  | "file-mode"
  | "initdead"
  | "initdead-short"
  | "isolated"
  | "key-order"
  | "lease"
  | "line-too-long"
  | "logging"
  | "missing-argument"
  | "missing-file"
  | "more"
  | "name-lookup"
  | "no-active-key"
  | "no-effect"
  | "no-groups"
  | "no-media"
  | "no-nodes"
  | "no-value"
  | "nodeinfo"
  | "order"
  | "pacemaker"
  | "repeated"
  | "self"
  | "single-link"
  | "single-node"
  | "slow-line"
  | "too-many"
  | "udpport-late"
  | "unknown-directive"
  | "unknown-node"
  | "unsupported-directive"
  | "warntime"
  | "weak-secret"
  | "witness";

/**
 * Lines and columns count from 1, columns in UTF-16 units; line 0 is the file as a whole.
 */
export interface Diagnostic extends Place {
  readonly severity: Severity;
  readonly code: Code;
  readonly file: string;
  readonly message: string;
  /** The line may hold a secret: it is not shown, and the message quotes nothing of it. */
  readonly confidential: boolean;
}

/** What a parser returns: what it understood, and all that it did not. */
export interface Parsed<T> {
  readonly value: T;
  readonly diagnostics: readonly Diagnostic[];
}

/** What is wrong with a word or a line, before it is known where that stands. */
export interface Fault {
  readonly code: Code;
  readonly message: string;
}

/** The diagnostics of one file while they are collected. Bounded, however bad the file is. */
export interface Findings {
  readonly file: string;
  readonly confidential: boolean;
  /** Lines that may hold a secret, of a file that is shown otherwise. */
  readonly secrets: Set<number>;
  readonly error: Diagnostic[];
  readonly warning: Diagnostic[];
  readonly count: Record<Severity, number>;
}

/** Of each file. Nobody reads the hundred and first. */
export const shownAtMost = 100;

export function newFindings(source: Pick<Source, "file">, confidential = false): Findings {
  const count = { error: 0, warning: 0 };
  return { file: source.file, confidential, secrets: new Set(), error: [], warning: [], count };
}

export function addError(findings: Findings, place: Place, code: Code, message: string): void {
  add(findings, "error", place, { code, message });
}

export function addWarning(findings: Findings, place: Place, code: Code, message: string): void {
  add(findings, "warning", place, { code, message });
}

/** Whether another error would still be shown: what costs time to word may be left out otherwise. */
export function hasRoom(findings: Findings): boolean {
  return findings.error.length < shownAtMost;
}

/** In the order of the file. Errors come before warnings only when there are too many for both. */
export function diagnosticsOf(findings: Findings): readonly Diagnostic[] {
  const { error, warning, count } = findings;
  const shown = [...error, ...warning].slice(0, shownAtMost).toSorted(byPlace);
  const hidden = count.error + count.warning - shown.length;
  if (hidden === 0) return shown;
  const severity = count.error > shownAtMost ? "error" : "warning";
  return [...shown, diagnostic(findings, severity, wholeFile, more(hidden))];
}

/** By line, then column; what is said of the file as a whole first, `and 7 more` last. */
export function byPlace(a: Diagnostic, b: Diagnostic): number {
  const order = Number(a.code === "more") - Number(b.code === "more");
  return order || a.line - b.line || a.column - b.column;
}

export function hasError(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((each) => each.severity === "error");
}

/** Of what is missing rather than wrong. */
export const wholeFile: Place = { line: 0, column: 0, length: 0 };

/** One line, as compilers write it: `ha.cf:12:9: error: ...`. */
export function headline(shown: Diagnostic): string {
  const { file, line, column, severity, message } = shown;
  const where = line === 0 ? file : `${file}:${line}:${column}`;
  return `${where}: ${severity}: ${message}`;
}

/**
 * The headline, the line in question and a caret below it. A long line is cut to what surrounds the
 * caret, and every blank is shown as one space, so that the caret stands where it belongs.
 *
 * @param text - of the file that the diagnostic is about
 */
export function render(shown: Diagnostic, text: string): string {
  const line = shown.confidential ? undefined : text.split("\n", shown.line)[shown.line - 1];
  if (line === undefined) return headline(shown);
  const at = shown.column - 1;
  const from = at < widest - margin ? 0 : at - margin;
  const excerpt = printable(line.replace(/\r$/, "").slice(from, from + widest));
  const before = from > 0 ? "..." : "";
  const after = line.length > from + widest ? "..." : "";
  const pad = " ".repeat(before.length + at - from);
  const caret = `^${"~".repeat(Math.max(0, Math.min(shown.length, from + widest - at) - 1))}`;
  return `${headline(shown)}\n    ${before}${excerpt}${after}\n    ${pad}${caret}`;
}

/** Fits a terminal of 80 columns with the indent and the dots. */
const widest = 68;
/** How much of a long line is shown before the caret. */
const margin = 30;

function add(findings: Findings, severity: Severity, place: Place, fault: Fault): void {
  findings.count[severity]++;
  if (findings[severity].length >= shownAtMost) return;
  findings[severity].push(diagnostic(findings, severity, place, fault));
}

function diagnostic(
  findings: Findings,
  severity: Severity,
  place: Place,
  fault: Fault,
): Diagnostic {
  const { file, secrets } = findings;
  const { line, column, length } = place;
  const confidential = findings.confidential || secrets.has(line);
  return { severity, ...fault, file, line, column, length, confidential };
}

function more(hidden: number): Fault {
  return { code: "more", message: `and ${hidden} more` };
}
