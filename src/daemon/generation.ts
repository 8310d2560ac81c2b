/**
 * The number that tells one life of this node from the next: saved before the first heartbeat.
 *
 * In the original's format, so that either daemon continues the other's: 15 columns, right-aligned,
 * and a line feed.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";

const FILE = "hb_generation";
/** Where the original keeps its own. */
const ORIGINAL = "/var/lib/heartbeat/hb_generation";

export interface Generation {
  readonly generation: number;
  /** Why it could not be saved, if it could not: the clock then stands in for it next time. */
  readonly fault: string | undefined;
}

/** One more than the last, or, for the first, more than the seconds since 1970. */
export function nextGeneration(stateDir: string): Generation {
  const before = readGeneration(join(stateDir, FILE)) ?? readGeneration(ORIGINAL);
  const generation = (before ?? Math.floor(Date.now() / 1000)) + 1;
  try {
    mkdirSync(stateDir, { recursive: true });
    save(join(stateDir, FILE), generation);
    return { generation, fault: undefined };
  } catch (error) {
    // A full disk must not keep a node from serving. It must not be taken for its past either.
    const later = Math.max(generation, Math.floor(Date.now() / 1000));
    return { generation: later, fault: error instanceof Error ? error.message : String(error) };
  }
}

function readGeneration(path: string): number | undefined {
  try {
    const text = readFileSync(path, "latin1");
    return /^ *\d{1,15}\n?$/.test(text) ? Number(text) : undefined;
  } catch {
    // Not there, or not for us: the next source is asked.
    return undefined;
  }
}

function save(path: string, generation: number): void {
  const temporary = `${path}.new`;
  const fd = openSync(temporary, "w", 0o600);
  try {
    writeSync(fd, `${String(generation).padStart(15)}\n`);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}
