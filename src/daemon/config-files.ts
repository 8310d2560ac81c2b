/**
 * Reads the files of the ha directory, whole, and judges nothing of what they say.
 */
import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuthkeysSource, ConfigSources } from "../config/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import { distrust } from "./trusted-file.ts";

/** One that is missing is undefined; one that is there and cannot be read is a fault. */
export interface ConfigFiles extends Omit<ConfigSources, "hostname"> {
  readonly faults: readonly FileFault[];
  /** Those that somebody but root can write: who writes ha.cf says what is run as root. */
  readonly distrusted: readonly FileFault[];
}

export interface FileFault {
  readonly file: string;
  /** An errno, or what is the matter with the file. */
  readonly reason: string;
}

/** A file of a thousand nodes has some 100 KiB. */
const limitBytes = 4 * 1024 * 1024;

/** @param haDir - /etc/ha.d, as a rule */
export function readFiles(haDir: string): ConfigFiles {
  const haCf = readOne(haDir, "ha.cf");
  const haresources = readOne(haDir, "haresources");
  const authkeys = readOne(haDir, "authkeys");
  const nodeinfo = readOne(haDir, "nodeinfo");
  const faults = [haCf, haresources, authkeys, nodeinfo].flatMap((each) =>
    each.ok || each.error.reason === "ENOENT" ? [] : [each.error],
  );
  return {
    haCf: valueOf(haCf),
    haresources: valueOf(haresources),
    authkeys: valueOf(authkeys),
    nodeinfo: valueOf(nodeinfo)?.text,
    faults,
    distrusted: distrustedIn(haDir),
  };
}

/** Of several that are so for the same folder, the first. */
function distrustedIn(haDir: string): readonly FileFault[] {
  const found = new Map<string, FileFault>();
  for (const file of ["ha.cf", "haresources", "authkeys"]) {
    const reason = distrust(join(haDir, file));
    const isThere = existsSync(join(haDir, file));
    if (reason !== undefined && isThere && !found.has(reason)) found.set(reason, { file, reason });
  }
  return [...found.values()];
}

type Read = Result<AuthkeysSource, FileFault>;

/** Text and mode are of the same file, also when it is replaced in between. */
function readOne(haDir: string, file: string): Read {
  let fd: number | undefined;
  try {
    // Without O_NONBLOCK to open a named pipe is to wait for its writer, for ever.
    fd = openSync(join(haDir, file), constants.O_RDONLY | constants.O_NONBLOCK);
    const { mode, size } = fstatSync(fd);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG)
      return fault(file, "it is no regular file");
    if (size > limitBytes) return fault(file, `it is over ${limitBytes / 1024 / 1024} MiB long`);
    return ok({ file, text: readFileSync(fd, "utf8"), mode: mode & 0o7777 });
  } catch (error) {
    return fault(file, reasonOf(error));
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function fault(file: string, reason: string): Read {
  return fail({ file, reason });
}

function reasonOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function valueOf(read: Read): AuthkeysSource | undefined {
  return read.ok ? read.value : undefined;
}
