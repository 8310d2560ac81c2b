/**
 * Runs one program to its end, and nothing that it leaves behind.
 */
import { closeSync, writeFileSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { execa } from "execa";
import { openPipe } from "../linux/index.ts";
import { assert } from "../std/assert.ts";
import { openOutput } from "./output.ts";

export interface Call {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from its standard input, {@link INPUT_MAX} at most; undefined: nothing. */
  readonly input: string | undefined;
  /** Kills it, its descendants included. */
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
  /** What is to be seen of what it printed; missing: all. Before any of it is cut off. */
  readonly shown?: (text: string) => string;
}

/** In bytes: what a pipe holds, so that nobody has to wait until it is read (pipe(7)). */
export const INPUT_MAX: number = 60_000;

export interface Ended {
  readonly ended: "exited" | "cancelled";
  readonly exitCode: number | undefined;
  /** How it ended, with the last line that it printed. */
  readonly reason: string;
  /** What it printed until then, or the first of it. */
  readonly text: string;
}

export async function callProgram(call: Call): Promise<Ended> {
  await roundOfItsOwn();
  if (call.signal.aborted) return { ended: "cancelled", exitCode: undefined, reason: "", text: "" };
  const output = openOutput(call.print);
  const { fd } = output;
  const stdin = call.input === undefined ? undefined : filledPipe(call.input);
  assert(isDescriptor(fd) && (stdin === undefined || isDescriptor(stdin)), "descriptors");
  const child = execa(call.file, call.args, {
    cancelSignal: call.signal,
    cwd: "/",
    env: { ...call.env, ...notOurs },
    forceKillAfterDelay: 2000,
    killDescendants: true,
    reject: false,
    // No pipe of execa's: it waits until that is closed, and what a start script leaves running
    // would hold it open for ever. See output.ts.
    stdio: [stdin ?? "ignore", fd, fd],
    // No `timeout`: how long a job may take is the core's to say.
  });
  if (stdin !== undefined) closeSync(stdin);
  shareTheFate(child.pid);
  const result = await child;
  const printed = output.finish();
  const text = call.shown?.(printed) ?? printed;
  return {
    ended: result.isCanceled ? "cancelled" : "exited",
    exitCode: result.exitCode,
    reason: reasonOf(result, text),
    text,
  };
}

let lastRound = Promise.resolve();

/**
 * One program is started in a round of the event loop, in the order of the calls: it takes
 * milliseconds, and a node that takes a hundred groups must be heard meanwhile.
 */
function roundOfItsOwn(): Promise<void> {
  lastRound = lastRound.then(() => setImmediate());
  return lastRound;
}

/** The reading end of a pipe with this in it, and nobody who could write more. */
function filledPipe(text: string): number {
  const opened = openPipe();
  assert(opened.ok, "a pipe");
  const { reader, writer } = opened.value;
  const bytes = Buffer.from(text);
  assert(bytes.length <= INPUT_MAX, "an input that fits into a pipe");
  writeSync(writer, bytes);
  closeSync(writer);
  return reader;
}

/** What systemd tells the daemon is not meant for what it starts (sd_notify(3)). */
export const notOurs = {
  NOTIFY_SOCKET: undefined,
  WATCHDOG_USEC: undefined,
  WATCHDOG_PID: undefined,
};

/**
 * The daemon is the last to be killed when memory runs out (OOMScoreAdjust of its unit); a service
 * that it starts must not inherit that (proc(5), oom_score_adj).
 */
export function shareTheFate(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "0");
  } catch {
    // It has ended already.
  }
}

/** execa takes any descriptor; its types know those up to 9. */
function isDescriptor(fd: number): fd is 3 {
  return Number.isInteger(fd) && fd > 2;
}

function reasonOf(
  result: {
    readonly exitCode?: number | undefined;
    readonly signal?: string | undefined;
    readonly originalMessage?: string | undefined;
  },
  text: string,
): string {
  const last = text.trim().split("\n").at(-1) ?? "";
  const said = last === "" ? "" : `: ${last.slice(0, 200)}`;
  if (result.exitCode !== undefined) return `exit status ${result.exitCode}${said}`;
  if (result.signal !== undefined) return `ended by ${result.signal}${said}`;
  // Not the message that has the arguments, which may be secrets.
  return result.originalMessage ?? "it could not be run";
}
