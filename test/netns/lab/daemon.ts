/**
 * A running daemon of a node: its log, its signals, its end.
 */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import type { NoticeCode } from "../../../src/core/index.ts";
import type { Namespace } from "./namespace.ts";
import { program } from "./program.ts";
import { until } from "./until.ts";

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Daemon {
  readonly pid: number;
  readonly log: readonly LogLine[];
  /** Everything that it wrote to standard error. */
  complaints(): string;
  /** The notices of a kind that were told since it started, oldest first. */
  notices(code: NoticeCode): readonly LogLine[];
  /** Waits until it has told this, with these fields. */
  told(code: NoticeCode, fields?: Readonly<Record<string, unknown>>): Promise<LogLine>;
  /** What it tells from now on only. */
  fromNow(): Pick<Daemon, "notices" | "told">;
  signal(signal: NodeJS.Signals): void;
  /** Of its memory, what is in RAM: VmRSS of proc_pid_status(5). */
  residentKiB(): number;
  readonly exited: Promise<Exit>;
}

export interface DaemonPlace {
  readonly namespace: Namespace;
  /** For all commands: `--ha-dir` and so on. */
  readonly options: readonly string[];
  /** What becomes the daemon, with its arguments. */
  readonly under?: readonly string[];
}

export function startDaemon({ namespace, options, under = [] }: DaemonPlace): Daemon {
  const [first, ...rest] = [...under, process.execPath, program, "run", ...options];
  const child = namespace.spawn(first!, rest);
  const log: LogLine[] = [];
  let complaints = "";
  createInterface({ input: child.stdout! }).on("line", (line) => log.push(parseLine(line)));
  child.stderr!.setEncoding("utf8").on("data", (chunk: string) => {
    complaints += chunk;
  });
  return {
    pid: child.pid!,
    log,
    complaints: () => complaints,
    ...reader(log, 0, () => complaints),
    fromNow: () => reader(log, log.length, () => complaints),
    signal: (signal) => void child.kill(signal),
    residentKiB: () => residentKiB(child.pid!),
    exited: exitOf(child),
  };
}

function reader(
  log: readonly LogLine[],
  from: number,
  complaints: () => string,
): Pick<Daemon, "notices" | "told"> {
  const notices = (code: NoticeCode): readonly LogLine[] =>
    log.slice(from).filter((line) => line["code"] === code);
  return {
    notices,
    async told(code, fields = {}) {
      const matches = (line: LogLine): boolean =>
        Object.entries(fields).every(([name, value]) => line[name] === value);
      const what = `${code} ${JSON.stringify(fields)}`;
      try {
        return await until(what, () => notices(code).find(matches));
      } catch (error) {
        const story = log.slice(from).map((line) => JSON.stringify(line));
        throw new Error(`${String(error)}\n${complaints()}${story.join("\n")}`, { cause: error });
      }
    },
  };
}

function parseLine(line: string): LogLine {
  const value: unknown = JSON.parse(line);
  if (!isLogLine(value)) throw new Error(`not a line of a log: ${line}`);
  return value;
}

function isLogLine(value: unknown): value is LogLine {
  return typeof value === "object" && value !== null && "level" in value && "msg" in value;
}

/** When its output was read to the end, too. */
function exitOf(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
}

function residentKiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]);
}
