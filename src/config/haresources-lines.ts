/**
 * The lines of haresources: comments cut, continued lines joined, each as its words.
 *
 * Read as ResourceManager reads it, save for two defects of the original: a comment is a comment on
 * the continuation lines of a group too, and a carriage return at the end of a line is no part of
 * the last word.
 */
import type { Findings } from "./diagnostic.ts";
import { addWarning } from "./diagnostic.ts";
import type { Line, Word } from "./tokens.ts";
import { betweenBlanks, trimmedEnd, withoutComment, wordsOf } from "./tokens.ts";

/** The words of each group, never none; a backslash at the end of a line joins the next one to it. */
export function logicalLines(
  lines: readonly Line[],
  findings: Findings,
): readonly (readonly Word[])[] {
  const groups: Word[][] = [];
  let words: Word[] = [];
  let joins = false;
  checkReturns(lines, findings);
  for (const whole of lines) {
    const uncommented = withoutComment(whole);
    const line = { ...uncommented, text: trimmedEnd(uncommented.text) };
    const continued = line.text.endsWith("\\");
    if (continued) checkBackslash(whole, line, findings);
    const text = continued ? line.text.slice(0, -1) : line.text;
    append(words, { ...line, text }, joins);
    joins = continued && !/[ \t]$/.test(text);
    if (continued) continue;
    if (words.length > 0) groups.push(words);
    words = [];
  }
  return words.length > 0 ? [...groups, words] : groups;
}

/** Said once: a file has them everywhere or nowhere. */
function checkReturns(lines: readonly Line[], findings: Findings): void {
  const line = lines.find(({ text }) => text.endsWith("\r"));
  if (line === undefined) return;
  const place = { line: line.number, column: line.text.length, length: 1 };
  const message =
    "lines end with carriage returns, which heartbeat takes for a part of the last word";
  addWarning(findings, place, "carriage-return", message);
}

/** Joining puts nothing in between: `foo\` and `bar` are `foobar`, unless a blank begins the line. */
function append(words: Word[], line: Line, joins: boolean): void {
  const [first, ...rest] = wordsOf(line, betweenBlanks);
  if (first === undefined) return;
  const last = joins && first.column === 1 ? words.pop() : undefined;
  words.push(last === undefined ? first : { ...last, text: last.text + first.text }, ...rest);
}

function checkBackslash(whole: Line, line: Line, findings: Findings): void {
  if (whole.text.replace(/\r$/, "") === line.text) return;
  const place = { line: line.number, column: line.text.length, length: 1 };
  const message = "something follows the backslash: heartbeat does not continue the line then";
  addWarning(findings, place, "continuation", message);
}
