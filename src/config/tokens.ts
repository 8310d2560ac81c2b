/**
 * Text to lines and words, each knowing where it stands.
 */

/** A file as it was read. `file` is what diagnostics call it. */
export interface Source {
  readonly file: string;
  readonly text: string;
}

/** A stretch of one line. Line and column count from 1, in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

export interface Word extends Place {
  readonly text: string;
}

export interface Line {
  readonly number: number;
  /** Without its line feed. */
  readonly text: string;
}

/** What separates words: a pattern of a word, with the flag g. */
export const betweenBlanks: RegExp = /[^ \t\r\n\f]+/g;
export const betweenBlanksOrCommas: RegExp = /[^ \t\r\n\f,]+/g;

/** What follows the last line feed is a line only if there is something. */
export function linesOf(text: string): readonly Line[] {
  const lines = text.split("\n").map((each, index) => ({ number: index + 1, text: each }));
  return lines.at(-1)?.text === "" ? lines.slice(0, -1) : lines;
}

/** The words of `line` from `start` on, a word being what `pattern` matches. */
export function wordsOf(line: Line, pattern: RegExp, start = 0): readonly Word[] {
  return [...line.text.slice(start).matchAll(pattern)].map((match) => ({
    text: match[0],
    line: line.number,
    column: start + match.index + 1,
    length: match[0].length,
  }));
}

/** Heartbeat cuts at the first `#`, wherever it stands: there is no way to quote one. */
export function withoutComment(line: Line): Line {
  const end = line.text.indexOf("#");
  return end < 0 ? line : { number: line.number, text: line.text.slice(0, end) };
}

/** Without the blanks at its end. A regular expression would try at every blank of a long run. */
export function trimmedEnd(text: string): string {
  let end = text.length;
  while (end > 0 && " \t\r\f".includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

/** No control or format characters, no blanks of any kind, nothing that was not UTF-8. */
export function isPrintable(text: string): boolean {
  return !/[\p{C}\p{Z}\uFFFD]/u.test(text);
}

/** For a terminal: blanks are spaces, and what could move the cursor is shown as U+FFFD. */
export function printable(text: string): string {
  return text.replace(/[\t\p{Z}]/gu, " ").replace(/\p{C}/gu, "\uFFFD");
}

/** For a sentence: in quotes, of bounded length, with what cannot be seen written as `\u{7}`. */
export function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  const seen = short.replace(
    /[\p{C}\p{Zl}\p{Zp}\uFFFD]/gu,
    (each) => `\\u{${each.codePointAt(0)?.toString(16) ?? ""}}`,
  );
  return `"${seen}"`;
}
