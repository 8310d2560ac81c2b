/**
 * ha.cf, line by line: which directive, with which words, each checked by itself.
 *
 * Lines are cut as heartbeat 3.0.6 cuts them (config.c parse_config): at the first `#` anywhere, at
 * a carriage return, with no way to quote and none to continue a line.
 */
import type { Findings } from "./diagnostic.ts";
import { addError, addWarning, hasRoom } from "./diagnostic.ts";
import type { Directive } from "./directive.ts";
import { directives } from "./directives.ts";
import { characterFault } from "./names.ts";
import { suggestion } from "./spelling.ts";
import type { Line, Source, Word } from "./tokens.ts";
import {
  betweenBlanks,
  betweenBlanksOrCommas,
  linesOf,
  quoted,
  withoutComment,
  wordsOf,
} from "./tokens.ts";

/** A line of ha.cf that names a known directive. */
export interface Statement {
  readonly directive: Directive;
  /** Where the directive's name stands. */
  readonly at: Word;
  /** The arguments that are sound: of a line that means something as a whole, all or none. */
  readonly words: readonly Word[];
}

export function statementsOf(source: Source, findings: Findings): readonly Statement[] {
  const lines = linesOf(source.text);
  return lines.flatMap((line, index) => {
    // It was meant to be the rest of the line above, which has a secret.
    const before = lines[index - 1];
    const goesOn = before !== undefined && /\\\s*$/.test(before.text);
    if (goesOn && findings.secrets.has(before.number)) findings.secrets.add(line.number);
    return statementIn(line, findings) ?? [];
  });
}

/** ha.cf(5): heartbeat reads lines into a buffer of 5120 bytes, with a final NUL. */
const longestLine = 5119;

function statementIn(whole: Line, findings: Findings): Statement | undefined {
  if (mayHoldSecret(whole.text)) findings.secrets.add(whole.number);
  if (isTooLong(whole.text)) {
    const place = { line: whole.number, column: 1, length: 1 };
    addError(findings, place, "line-too-long", `the line is longer than ${longestLine} bytes`);
    return undefined;
  }
  const line = uptoReturn(withoutComment(whole), findings);
  const [at, ...rest] = wordsOf(line, betweenBlanks);
  if (at === undefined) return undefined;
  if ([at, ...rest].some((word) => isUnreadable(word, findings))) return undefined;
  const directive = directives.get(at.text);
  if (directive === undefined || directive.use === "refused") return refuse(at, findings);
  const after = at.column - 1 + at.length;
  const list = directive.form.type !== "line";
  const words = list ? wordsOf(line, betweenBlanksOrCommas, after) : rest;
  const statement = { directive, at, words: soundWords({ directive, at, words }, findings) };
  comment(statement, findings);
  return statement;
}

/** The parameters of a fencing device or a witness, also if its directive is misspelled. */
function mayHoldSecret(text: string): boolean {
  return /^[ \t\f]*["']?(?:sto?n|fence_(?!timeout)|wit.*@|wit\w*_a)/i.test(text);
}

function isTooLong(text: string): boolean {
  // Three bytes of UTF-8 at most for each UTF-16 unit: most lines need not be counted.
  return text.length * 3 > longestLine && new TextEncoder().encode(text).length > longestLine;
}

/** Windows ends lines with CR LF, which is fine; what follows a CR within a line is lost. */
function uptoReturn(line: Line, findings: Findings): Line {
  const end = line.text.indexOf("\r");
  if (end < 0) return line;
  if (line.text.slice(end).trim() !== "") {
    const place = { line: line.number, column: end + 1, length: 1 };
    const message = "what follows the carriage return is not read: end lines with line feeds";
    addWarning(findings, place, "carriage-return", message);
  }
  return { number: line.number, text: line.text.slice(0, end) };
}

function isUnreadable(word: Word, findings: Findings): boolean {
  const fault = characterFault(word.text);
  if (fault !== undefined) {
    const isSecret = findings.secrets.has(word.line);
    const message = isSecret ? "a word has characters that cannot be seen" : fault.message;
    addError(findings, word, fault.code, message);
  }
  const continued = word.text.endsWith("\\");
  if (continued) {
    const message = "a line of ha.cf cannot be continued: repeat the directive instead";
    addError(
      findings,
      { ...word, column: word.column + word.length - 1, length: 1 },
      "continuation",
      message,
    );
  }
  return continued || fault !== undefined;
}

function refuse(at: Word, findings: Findings): undefined {
  const known = directives.get(at.text);
  if (known !== undefined) {
    addError(
      findings,
      at,
      "unsupported-directive",
      `"${known.name}" is not supported: ${known.says}`,
    );
    return;
  }
  const isSecret = findings.secrets.has(at.line) && !mayHoldSecret(at.text);
  if (isSecret || at.text.includes("=")) {
    // A parameter, or a part of one, which may be a password.
    findings.secrets.add(at.line);
    addError(findings, at, "unknown-directive", "the line does not begin with a directive");
    return;
  }
  const hint = hasRoom(findings) ? suggestion(at.text, directives.keys()) : "";
  if (hint.includes("stonith") || hint.includes("witness_auth")) findings.secrets.add(at.line);
  addError(findings, at, "unknown-directive", `unknown directive ${quoted(at.text)}${hint}`);
}

function soundWords(statement: Statement, findings: Findings): readonly Word[] {
  const { directive, at, words } = statement;
  const { form } = directive;
  if (form.type === "line") {
    const fault = form.check(words.map((word) => word.text));
    if (fault !== undefined) addError(findings, at, fault.code, fault.message);
    return fault === undefined ? words : [];
  }
  if (words.length === 0) {
    addWarning(
      findings,
      at,
      "no-value",
      `"${at.text}" has no value: it is as if it were not there`,
    );
  }
  return words.filter((word) => {
    const fault = form.check(word.text);
    if (fault !== undefined) addError(findings, word, fault.code, fault.message);
    return fault === undefined;
  });
}

/** What is not wrong, but not what it seems either. */
function comment({ directive, at, words }: Statement, findings: Findings): void {
  const { name, aliasOf, use, harmless, says, form } = directive;
  if (aliasOf !== undefined) {
    addWarning(findings, at, "alias", `"${name}" is another name of "${aliasOf}": write that`);
  }
  const asksForNothing = (form.type === "line" ? words.slice(0, 1) : words).every(
    (word) => harmless?.includes(word.text.toLowerCase()) === true,
  );
  if (use === "unused" && words.length > 0 && !asksForNothing) {
    addWarning(findings, at, "no-effect", `"${name}" has no effect: ${says}`);
  }
}
