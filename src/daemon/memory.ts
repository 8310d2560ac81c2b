/**
 * What the next life of this node must know, in `memory.json` of the state directory.
 *
 * Written off the hot path: a heartbeat must not wait for a disk, nor a takeover. So what was
 * remembered in the last tenth of a second may be lost with the machine, and must not be relied on.
 */
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Memory, NodeName } from "../core/index.ts";
import { now } from "../linux/index.ts";
import type { Moment } from "./memory-text.ts";
import { memoryFrom, memoryText } from "./memory-text.ts";
import { readSmallFile, saveFile } from "./small-file.ts";

export interface MemoryFile {
  /** What the life before left; undefined: there was none, or it cannot be read. */
  readonly last: Memory | undefined;
  /** Saves soon, and never waits. */
  save(memory: Memory): void;
  /** Saves at once what still waits. */
  finish(): void;
}

export interface MemoryOptions {
  readonly stateDir: string;
  /** This node's name: what another one has left, on a disk that was copied, is not ours. */
  readonly node: NodeName;
  /** Called with what refuses, once until it is saved again, and at the start with what cannot be read. */
  readonly warn: (fault: string) => void;
  /** Instead of this machine's clocks: for tests. */
  readonly moment?: () => Moment;
}

const FILE = "memory.json";
/** 10,000 groups with long names, and some peers. */
const BYTES_MAX = 4 * 1024 * 1024;
const SAVE_AFTER_MS = 100;
/** A disk that was full may have room again. */
const SAVE_AGAIN_MS = 10_000;

export function openMemory(options: MemoryOptions): MemoryFile {
  const { stateDir, node, warn, moment = momentOf } = options;
  const path = join(stateDir, FILE);
  let latest: Memory | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isWriting = false;
  let isFinished = false;
  let hasFailed = false;
  const text = (): string =>
    latest === undefined ? "" : memoryText({ node, at: moment(), memory: latest });
  const note = (fault: string | undefined): void => {
    if (fault !== undefined && !hasFailed) warn(fault);
    hasFailed = fault !== undefined;
  };
  const arm = (delayMs: number): void => {
    if (timer === undefined && !isWriting && !isFinished)
      timer = setTimeout(write, delayMs).unref();
  };
  const ended = (written: Memory | undefined, fault: string | undefined): void => {
    isWriting = false;
    if (isFinished) return;
    note(fault);
    if (fault !== undefined) arm(SAVE_AGAIN_MS);
    else if (written !== latest) arm(SAVE_AFTER_MS);
  };
  const write = (): void => {
    timer = undefined;
    isWriting = true;
    const written = latest;
    void saveApart(path, text(), () => isFinished).then((fault) => ended(written, fault));
  };
  return {
    last: read(path, { node, warn, now: moment() }),
    save(memory) {
      latest = memory;
      arm(SAVE_AFTER_MS);
    },
    finish() {
      const isSaved = timer === undefined && !isWriting;
      isFinished = true;
      clearTimeout(timer);
      if (isSaved) return;
      note(
        faultOf(() => {
          mkdirSync(stateDir, { recursive: true });
          // What is being put in place and is older finds nothing to put there, or has been put there.
          rmSync(temporaryOf(path), { recursive: true, force: true });
          saveFile(path, Buffer.from(text()));
        }),
      );
    },
  };
}

function read(
  path: string,
  about: { readonly node: NodeName; readonly warn: (fault: string) => void; readonly now: Moment },
): Memory | undefined {
  const bytes = readSmallFile(path, BYTES_MAX);
  if (bytes === undefined || bytes.length === 0) return undefined;
  const remembered = memoryFrom(bytes.toString("utf8"), about.now);
  if (remembered === undefined) {
    about.warn(`${path} cannot be read: what the last life of this node knew is forgotten`);
    return undefined;
  }
  if (remembered.node !== about.node) {
    about.warn(`${path} was written by ${remembered.node}: it is not used`);
    return undefined;
  }
  return remembered.memory;
}

/**
 * Writes beside the file and puts it in place. All of it in another thread: to remove the file that
 * was there takes a disk that is told what it need not keep (mount(8) discard) 12 ms and more.
 *
 * @param isOver - whether something newer is in place meanwhile
 * @returns why it could not be saved, if so; never rejects
 */
async function saveApart(
  path: string,
  text: string,
  isOver: () => boolean,
): Promise<string | undefined> {
  const temporary = temporaryOf(path);
  try {
    await mkdir(join(path, ".."), { recursive: true });
    await rm(temporary, { force: true });
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (isOver()) await rm(temporary, { force: true });
    else await rename(temporary, path);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

/** Another name than that of `saveFile`, which may write at the end while this one still waits. */
function temporaryOf(path: string): string {
  return `${path}.next`;
}

function faultOf(save: () => void): string | undefined {
  try {
    save();
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function momentOf(): Moment {
  return { kernel: kernelId(), clockMs: now(), wallMs: Date.now() };
}

/** Random at every boot of the machine. */
function kernelId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  } catch {
    // A container without /proc/sys: no kernel is taken for the same as another.
    return `unknown-${Math.random()}`;
  }
}
