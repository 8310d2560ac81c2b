/**
 * authkeys: the keys that sign heartbeats. Nothing of its text is ever quoted in a message.
 */
import type { Key, KeyMethod } from "../wire/index.ts";
import type { KeyRing } from "./config.ts";
import type { Findings, Parsed } from "./diagnostic.ts";
import { addError, addWarning, diagnosticsOf, newFindings, wholeFile } from "./diagnostic.ts";
import { isPrintable, linesOf, betweenBlanks, wordsOf } from "./tokens.ts";
import type { Source, Word } from "./tokens.ts";

/** The file and who may read it: the permission bits of stat(2) `st_mode`. */
export interface AuthkeysSource extends Source {
  readonly mode: number;
}

/**
 * @returns undefined if and only if there is an error: half a file of keys is no file of keys
 */
export function parseAuthkeys(source: AuthkeysSource): Parsed<KeyRing | undefined> {
  const findings = newFindings(source, true);
  checkMode(source.mode, findings);
  const keys = new Map<number, PlacedKey>();
  let auth: Auth | undefined;
  for (const line of linesOf(source.text)) {
    const [first, ...rest] = wordsOf(line, betweenBlanks);
    if (first === undefined || first.text.startsWith("#")) continue;
    if (first.text.startsWith("a")) auth = authIn([first, ...rest], auth, findings);
    else addKey([first, ...rest], keys, findings);
  }
  const value = ringOf(keys, auth, findings);
  const diagnostics = diagnosticsOf(findings);
  return { value: findings.count.error === 0 ? value : undefined, diagnostics };
}

/**
 * A fresh authkeys.
 *
 * @param secretHex - random, 64 hex digits for the strength of SHA-256
 */
export function authkeysText(secretHex: string): string {
  return `# The same on every node, mode 0600. Whoever has it can take over.\nauth 1\n1 sha256 ${secretHex}\n`;
}

/** The secret of the example in ha.d, which everybody knows. */
export const exampleSecret = "replace-me--run--understudy-keygen";

interface Auth {
  readonly index: number;
  readonly at: Word;
}

interface PlacedKey {
  readonly key: Key;
  readonly at: Word;
}

/** heartbeat 3.0.6 refuses a file that group or others may read. */
function checkMode(mode: number, findings: Findings): void {
  const octal = (mode & 0o777).toString(8).padStart(4, "0");
  const hint = `mode ${octal}: chmod 600 ${findings.file}`;
  if ((mode & 0o044) !== 0) {
    addError(findings, wholeFile, "file-mode", `others may read the keys, ${hint}`);
  } else if ((mode & 0o022) !== 0) {
    addWarning(findings, wholeFile, "file-mode", `others may replace the keys, ${hint}`);
  }
}

function authIn(
  words: readonly Word[],
  former: Auth | undefined,
  findings: Findings,
): Auth | undefined {
  const [at, number] = words;
  if (at === undefined) return former;
  const index = at.text === "auth" && number !== undefined ? indexOf(number.text) : undefined;
  if (index === undefined) {
    addError(
      findings,
      at,
      "bad-word",
      'a line that begins with "a" must be: auth, a number from 0 to 15',
    );
    return former;
  }
  if (former !== undefined) {
    const message = `this replaces the auth of line ${former.at.line}: the last one counts`;
    addWarning(findings, at, "repeated", message);
  }
  return { index, at };
}

function addKey(words: readonly Word[], keys: Map<number, PlacedKey>, findings: Findings): void {
  const [at, method, secret] = words;
  if (at === undefined) return;
  const key = keyIn(at, method, secret, findings);
  if (key === undefined) return;
  const former = keys.get(key.index);
  if (former !== undefined) {
    const message = `this replaces key ${key.index} of line ${former.at.line}: the last one counts`;
    addWarning(findings, at, "duplicate-key", message);
  }
  keys.set(key.index, { key, at });
}

function keyIn(
  at: Word,
  methodWord: Word | undefined,
  secretWord: Word | undefined,
  findings: Findings,
): Key | undefined {
  const index = indexOf(at.text);
  const method = methodOf(methodWord?.text);
  const secret = secretWord?.text ?? "";
  if (index === undefined) {
    addError(findings, at, "bad-integer", "a line is: a number from 0 to 15, a method, a key");
  } else if (method === undefined) {
    const place = methodWord ?? at;
    addError(findings, place, "bad-word", `the method is none of ${methods.join(", ")}`);
  } else if (method === "crc" && secretWord !== undefined) {
    addError(findings, secretWord, "extra-argument", "crc has no key, and nothing may follow it");
  } else if (method !== "crc" && secret === "") {
    addError(
      findings,
      at,
      "missing-argument",
      `${method} needs a key: understudy keygen makes one`,
    );
  } else if (!isPrintable(secret)) {
    addError(
      findings,
      secretWord ?? at,
      "bad-character",
      "the key has characters that cannot be seen",
    );
  } else {
    return { index, method, secret };
  }
  return undefined;
}

function ringOf(
  keys: ReadonlyMap<number, PlacedKey>,
  auth: Auth | undefined,
  findings: Findings,
): KeyRing | undefined {
  for (const placed of keys.values()) checkStrength(placed, findings);
  if (auth === undefined) {
    addError(
      findings,
      wholeFile,
      "no-active-key",
      "no auth line says which key signs: write auth 1",
    );
    return undefined;
  }
  const active = keys.get(auth.index);
  if (active === undefined) {
    if (findings.count.error > 0) return undefined;
    addError(findings, auth.at, "no-active-key", `there is no key ${auth.index}`);
    return undefined;
  }
  if (active.at.line < auth.at.line) {
    const message = "heartbeat refuses this: put the auth line above the key that it names";
    addWarning(findings, auth.at, "key-order", message);
  }
  return { active: active.key, all: [...keys.values()].map(({ key }) => key) };
}

function checkStrength({ key, at }: PlacedKey, findings: Findings): void {
  if (key.method === "crc") {
    const message = "crc protects from nothing: whoever reaches the port can take over; use sha256";
    addWarning(findings, at, "crc", message);
  } else if (key.secret === exampleSecret) {
    const message = "this is the key of the example, which everybody knows: run understudy keygen";
    addWarning(findings, at, "example-secret", message);
  } else if (key.secret.length < 8) {
    const message = "the key is short enough to be guessed: run understudy keygen";
    addWarning(findings, at, "weak-secret", message);
  }
}

const methods: readonly KeyMethod[] = ["crc", "md5", "sha1", "sha256", "sha512"];

function methodOf(text: string | undefined): KeyMethod | undefined {
  return methods.find((method) => method === text);
}

function indexOf(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) && Number(text) <= 15 ? Number(text) : undefined;
}
