import type { Report } from "../../../src/control/index.ts";
import { parseReport } from "../../../src/control/index.ts";
/**
 * Understudy on a machine, in the place of an original.
 */
import type { Daemon, Exit, LogLine } from "../../netns/lab/daemon.ts";
import { startDaemon } from "../../netns/lab/daemon.ts";
import type { Ran } from "../../netns/lab/node.ts";
import { program } from "../../netns/lab/program.ts";
import { until } from "../../netns/lab/until.ts";
import type { Sandbox } from "./sandbox.ts";

export interface Understudy {
  /** Of the latest start. @throws if there was none */
  readonly daemon: Daemon;
  start(): void;
  /** In good order; waits until it is gone. */
  stop(): Promise<Exit>;
  /** A command of `understudy`. */
  cli(...args: readonly string[]): Promise<Ran>;
  /** What `status --json` says. @throws if it says nothing */
  status(): Promise<Report>;
  /** Waits until `status` says that all is well, by its exit status. */
  isWell(): Promise<unknown>;
  /** A command that must be done, and is waited for. @throws if it is refused or fails */
  does(...args: readonly string[]): Promise<void>;
  /** The logs of all starts. */
  story(): readonly LogLine[];
}

export function understudyOn(sandbox: Sandbox): Understudy {
  const daemons: Daemon[] = [];
  const cli = (...args: readonly string[]): Promise<Ran> =>
    sandbox.exec(process.execPath, program, ...args);
  const understudy: Understudy = {
    get daemon() {
      const latest = daemons.at(-1);
      if (latest === undefined) throw new Error("it was not started");
      return latest;
    },
    start() {
      daemons.push(startDaemon({ namespace: sandbox.namespace, options: [] }));
    },
    async stop() {
      understudy.daemon.signal("SIGTERM");
      return understudy.daemon.exited;
    },
    cli,
    async status() {
      const { stdout, stderr } = await cli("status", "--json");
      const report = parseReport(stdout);
      if (report === undefined) throw new Error(`no report: ${stdout}${stderr}`);
      return report;
    },
    async isWell() {
      let last: Ran | undefined;
      try {
        await until("all well", async () => (last = await cli("status")).code === 0, 60_000, 250);
      } catch {
        throw new Error(`not all is well (${last?.code}):\n${last?.stdout}${last?.stderr}`);
      }
    },
    async does(...args) {
      const { code, stdout, stderr } = await cli(...args, "--wait");
      if (code !== 0) throw new Error(`${args.join(" ")}: ${code} ${stdout}${stderr}`);
    },
    story: () => daemons.flatMap(({ log }) => log),
  };
  return understudy;
}
