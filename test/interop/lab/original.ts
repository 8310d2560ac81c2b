/**
 * The original heartbeat on a machine: its daemon, its commands, its log.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Holding } from "../../../src/core/index.ts";
import { until } from "../../netns/lab/until.ts";
import { heartbeatProgram } from "./requirements.ts";
import type { Sandbox } from "./sandbox.ts";

export interface OriginalLine {
  /** `Nov 21 00:13:20`, of the wall clock. */
  readonly time: string;
  /** heartbeat itself, or a script of it. */
  readonly program: string;
  /** As it writes them: `info`, `WARN`, `ERROR`, `CRIT`, `debug`. */
  readonly level: string;
  readonly text: string;
}

export interface Original {
  /** @throws if it refuses to start */
  start(): Promise<void>;
  /** In good order; waits until it is gone. @throws if it does not go */
  stop(): Promise<void>;
  /** `heartbeat -r`: it looks which of its files have changed. */
  reload(): Promise<void>;
  isRunning(): Promise<boolean>;
  /** What `cl_status rscstatus` prints. */
  holding(): Promise<Holding | "transition" | "not running">;
  /** What `cl_status nodestatus` prints. */
  nodeStatus(node: string): Promise<string>;
  /** Waits until `holding` is one of these. */
  holds(...wanted: readonly Holding[]): Promise<unknown>;
  standby(which: Which): Promise<void>;
  takeover(which: Which): Promise<void>;
  /** All of all its starts. */
  log(): readonly OriginalLine[];
  /** Waits for a line that it has written since the call, or since `from`. */
  logged(pattern: RegExp, from?: number): Promise<OriginalLine>;
}

export type Which = "all" | "local" | "foreign" | "failback";

export function originalOn(sandbox: Sandbox): Original {
  const { exec, logDir } = sandbox;
  const must = async (program: string, ...args: readonly string[]): Promise<void> => {
    const { code, stdout, stderr } = await exec(program, ...args);
    if (code !== 0) throw new Error(`${program} ${args.join(" ")}: ${code} ${stdout}${stderr}`);
  };
  const log = (): readonly OriginalLine[] => readLog(join(logDir, "ha-log"));
  const holding = async (): Promise<Holding | "transition" | "not running"> => {
    const { code, stdout } = await exec("cl_status", "rscstatus");
    const said = stdout.trim();
    return code === 0 && isHolding(said) ? said : "not running";
  };
  return {
    start: () => must(heartbeatProgram),
    stop: () => must(heartbeatProgram, "-k"),
    reload: () => must(heartbeatProgram, "-r"),
    isRunning: async () => (await exec("cl_status", "hbstatus")).code === 0,
    holding,
    nodeStatus: async (node) => (await exec("cl_status", "nodestatus", node)).stdout.trim(),
    async holds(...wanted) {
      const what = `cl_status rscstatus to say ${wanted.join(" or ")}`;
      await until(what, async () => isOneOf(wanted, await holding()), 60_000, 250);
    },
    standby: (which) => must("/usr/share/heartbeat/hb_standby", which),
    takeover: (which) => must("/usr/share/heartbeat/hb_takeover", which),
    log,
    logged(pattern, from = log().length) {
      const what = `the original to log ${pattern}`;
      const find = (): OriginalLine | undefined =>
        log()
          .slice(from)
          .find(({ text }) => pattern.test(text));
      return until(what, find, 60_000, 100);
    },
  };
}

function isOneOf(wanted: readonly string[], said: string): boolean {
  return wanted.includes(said);
}

function isHolding(text: string): text is Holding | "transition" {
  return ["none", "local", "foreign", "all", "transition"].includes(text);
}

/** `Nov 21 00:13:20 alpha heartbeat: [51]: info: Status update for node beta: status up` */
const form = /^(\w+ +\d+ [\d:]+) \S+ (\S+?):? ?\[\d+\]: (\w+): (.*)$/;

function readLog(file: string): readonly OriginalLine[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.filter((line) => line !== "").map(parseLine);
  } catch {
    // It was never started.
    return [];
  }
}

/** What is in another form was printed by a script. */
function parseLine(line: string): OriginalLine {
  const [, time = "", program = "", level = "", text = line] = form.exec(line) ?? [];
  return { time, program, level, text };
}
