/**
 * The number that tells one life of this node from the next: saved before the first heartbeat.
 *
 * In the original's format, 15 columns, right-aligned, and a line feed, and in the original's file
 * too, if its folder is there: so either daemon continues the other's numbers. The higher one counts.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { readSmallFile, saveFile } from "./small-file.ts";

/** The two folders that may know this node's past. */
export interface IdentityDirs {
  /** Ours; made if it is missing. */
  readonly stateDir: string;
  /** The original's, `/var/lib/heartbeat`; never made. */
  readonly heartbeatDir: string;
}

export interface Generation {
  readonly generation: number;
  /** Why it could not be saved, if it could not: the clock then stands in for it next time. */
  readonly fault: string | undefined;
}

const FILE = "hb_generation";

/**
 * One more than the last, or, for the first, more than the seconds since 1970.
 *
 * @param byClock - `hbgenmethod time`: not less than the seconds since 1970, as the original would
 * have begun
 */
export function nextGeneration(dirs: IdentityDirs, byClock = false): Generation {
  const seconds = Math.floor(Date.now() / 1000);
  const known = [dirs.stateDir, dirs.heartbeatDir].flatMap((dir) => readGeneration(dir) ?? []);
  const next = Math.max(...(known.length === 0 ? [seconds] : known)) + 1;
  const generation = byClock ? Math.max(next, seconds) : next;
  const fault = saveGeneration(dirs, generation);
  if (fault === undefined) return { generation, fault };
  // A full disk must not keep a node from serving. It must not be taken for its past either.
  const later = Math.max(generation, seconds);
  // Where it can be saved it is: what is read at the next start must not be lower than this life.
  if (later !== generation) saveGeneration(dirs, later);
  return { generation: later, fault };
}

export interface Saver {
  /** Does not wait. */
  saveSoon(generation: number): void;
  /** The daemon ends: what is not saved yet is saved now. */
  finish(): void;
}

/** A takeover is under way: what it waits for comes first. */
const SAVE_AFTER_MS = 100;
/** A disk that was full may have room again. */
const SAVE_AGAIN_MS = 10_000;

/**
 * Saves the numbers of lives that begin while the daemon runs, the latest only, and until it is saved:
 * an original ignores a node that comes back with a lower one.
 *
 * @param warn - what refuses, once until it is saved again
 */
export function openSaver(dirs: IdentityDirs, warn: (fault: string) => void): Saver {
  let latest = 0;
  let timer: NodeJS.Timeout | undefined;
  let hasFailed = false;
  const save = (): void => {
    const fault = saveGeneration(dirs, latest);
    if (fault !== undefined && !hasFailed) warn(fault);
    hasFailed = fault !== undefined;
    timer = undefined;
    // Nothing that ends waits for that.
    if (hasFailed) timer = setTimeout(save, SAVE_AGAIN_MS).unref();
  };
  return {
    saveSoon(generation) {
      latest = generation;
      clearTimeout(timer);
      timer = setTimeout(save, SAVE_AFTER_MS);
    },
    finish() {
      clearTimeout(timer);
      if (timer !== undefined) save();
    },
  };
}

/**
 * Saves the number of the life that begins now.
 *
 * @returns why it could not be saved in one of the places, if so
 */
export function saveGeneration(
  { stateDir, heartbeatDir }: IdentityDirs,
  generation: number,
): string | undefined {
  const bytes = Buffer.from(`${String(generation).padStart(15)}\n`, "latin1");
  const faults = [
    faultOf(() => {
      mkdirSync(stateDir, { recursive: true });
      saveFile(join(stateDir, FILE), bytes);
    }),
    faultOf(() => {
      if (existsSync(heartbeatDir)) saveFile(join(heartbeatDir, FILE), bytes);
    }),
  ].filter((fault) => fault !== undefined);
  return faults.length === 0 ? undefined : faults.join("; ");
}

function faultOf(save: () => void): string | undefined {
  try {
    save();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function readGeneration(dir: string): number | undefined {
  const text = readSmallFile(join(dir, FILE))?.toString("latin1") ?? "";
  return /^ *\d{1,15}\n?$/.test(text) ? Number(text) : undefined;
}
