/**
 * The file that has a password, and nothing else.
 */
import { lstatSync } from "node:fs";
import type { Result } from "../../std/result.ts";
import { fail, ok } from "../../std/result.ts";
import { readSmallFile } from "../small-file.ts";

/** @returns the first line; or what is wrong with the file, as a sentence */
export function readPassword(path: string): Result<string, string> {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && (found.mode & 0o077) !== 0) {
    return fail(`the password in ${path} is not secret: chmod 600 ${path}`);
  }
  const [line = ""] = readSmallFile(path)?.toString("utf8").split(/\r?\n/) ?? [];
  return line === "" ? fail(`${path} has no password, or cannot be read`) : ok(line);
}
