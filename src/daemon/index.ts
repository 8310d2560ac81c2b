/**
 * The daemon's door: `understudy run`, from the files to the exit status.
 *
 * The only folder where everything meets. Nothing imports it but the program's entry.
 */
import { randomBytes } from "node:crypto";
import type { Config } from "../config/index.ts";
import { leaseBound, leaseText } from "../control/index.ts";
import type { Boot, Notice } from "../core/index.ts";
import { exitNow } from "../linux/index.ts";
import type { Daemon } from "./daemon.ts";
import { startDaemon } from "./daemon.ts";
import type { Saver } from "./generation.ts";
import { nextGeneration, openSaver } from "./generation.ts";
import type { History } from "./history.ts";
import { endedBadly, openHistory } from "./history.ts";
import { lockHost } from "./host-lock.ts";
import type { Host } from "./host.ts";
import { nodeUuid } from "./identity.ts";
import type { Kernel } from "./kernel.ts";
import { openKernel } from "./kernel.ts";
import type { Log } from "./log.ts";
import { openLog, tellTo } from "./log.ts";
import type { MemoryFile } from "./memory.ts";
import { openMemory } from "./memory.ts";
import type { DaemonOptions } from "./perform.ts";
import { readSound } from "./sound-files.ts";

export interface RunOptions {
  readonly haDir: string;
  readonly runDir: string;
  readonly stateDir: string;
  /** The original's: its generation and its UUID are continued. */
  readonly heartbeatDir: string;
  readonly node: string;
  readonly version: string;
}

/**
 * @returns the exit status if it does not come to run: 1 if it could not, 2 for bad configuration.
 *   A daemon that runs ends the process itself: 0 after an orderly stop, 75 to be started again
 */
export async function runDaemon(options: RunOptions): Promise<number> {
  const read = await readSound(options);
  process.stderr.write(read.text);
  if (read.config === undefined) return 2;
  const log = await openLog(read.config.core.self, process.stdout.isTTY);
  const lock = await lockHost();
  if (lock === undefined) {
    log.logger.error("a daemon is running already in this network namespace");
    log.flush();
    return 1;
  }
  const life = beginLife(options, read.config, log);
  if (life === undefined) return 1;
  return new Promise((resolve) => {
    const crash = (error: unknown): void => crashWith(error, life.host, log);
    process.on("uncaughtException", crash);
    process.on("unhandledRejection", crash);
    startDaemon(daemonOptions(life, log, crash)).then((daemon) => {
      if (!("fault" in daemon)) return obeySignals(daemon, options, life.config.core.self);
      life.host.sweep();
      log.logger.error(daemon.fault);
      log.flush();
      return resolve(1);
    }, crash);
  });
}

/** What this life of the daemon begins with. */
interface Life extends RunOptions, Pick<Kernel, "host" | "leases" | "standIn"> {
  readonly config: Config;
  readonly boot: Boot;
  readonly uuid: Uint8Array;
  readonly saver: Saver;
  readonly memory: MemoryFile;
  readonly history: History;
  readonly tell: (notice: Notice) => void;
}

/** @returns undefined if the kernel does not let us */
function beginLife(options: RunOptions, config: Config, log: Log): Life | undefined {
  const memory = openMemory({
    stateDir: options.stateDir,
    node: config.core.self,
    warn: (fault) => log.logger.warn({ fault }, "what one life of this node leaves to the next"),
  });
  const kernel = openKernel(config, memory.last);
  if (!kernel.ok) {
    const allowed = "run as root, or with CAP_NET_ADMIN and CAP_NET_RAW";
    log.logger.error(kernel.error, `the kernel does not let us: ${allowed}`);
    log.flush();
    return undefined;
  }
  const { host, leases, standIn, leaseUntil } = kernel.value;
  const history = openHistory(options.stateDir);
  const toLog = tellTo(log.logger);
  const tell = (notice: Notice): void => {
    toLog(notice);
    history.add(notice);
  };
  if (endedBadly(history.entries())) tell({ code: "ended-badly" });
  logKernel(kernel.value, config, log);
  const { generation, uuid, saver } = identityOf(options, config, log);
  const boot = {
    boot: randomBytes(8).toString("hex"),
    generation,
    memory: memory.last,
    leaseUntil,
  };
  return { ...options, config, boot, uuid, saver, memory, history, tell, host, leases, standIn };
}

function logKernel({ leases, kept, swept }: Kernel, { core }: Config, { logger }: Log): void {
  const { kind } = leases;
  const told = {
    code: "lease-mechanism",
    mechanism: kind.mechanism,
    leaseMs: core.lease,
    ...leaseBound(kind, core),
  };
  const level = told.bothMs === 0 && kind.fault === undefined ? "info" : "warn";
  logger[level](told, leaseText(kind, core));
  if (kept.length > 0)
    logger.info({ code: "lease-inherited", kept }, "the lease of the life before goes on");
  if (swept.length > 0) {
    logger.warn(
      { code: "addresses-swept", swept },
      "a dead daemon left addresses: they are removed",
    );
  }
}

function daemonOptions(life: Life, log: Log, crash: (error: unknown) => void): DaemonOptions {
  const { saver, memory, history } = life;
  return {
    ...life,
    saveGeneration: (next) => saver.saveSoon(next),
    remember: (next) => memory.save(next),
    print: (resource, line) => log.logger.info({ resource }, line),
    notifySocket: process.env["NOTIFY_SOCKET"],
    watchdogMs: watchdogMs(),
    exit(code) {
      saver.finish();
      memory.finish();
      // At once: while Node takes itself apart it calls what still watches a descriptor, and dies
      // of that (koffi.node.poll).
      Promise.all([log.drain(), history.drain()]).then(() => exitNow(code), crash);
    },
    crash,
    rehearsalFailed: (error) =>
      log.logger.error({ err: error }, "a bug of ours: a takeover that was rehearsed failed"),
  };
}

function identityOf(
  dirs: RunOptions,
  { settings }: Config,
  log: Log,
): { readonly uuid: Uint8Array; readonly generation: number; readonly saver: Saver } {
  const next = nextGeneration(dirs, settings["hbgenmethod"] === "time");
  const warn = (fault: string): void =>
    log.logger.warn({ fault }, "the generation cannot be saved");
  const saver = openSaver(dirs, warn);
  // It is tried again.
  if (next.fault !== undefined) saver.saveSoon(next.generation);
  const { uuid, fault } = nodeUuid(dirs);
  if (fault !== undefined) log.logger.warn({ fault }, "the UUID cannot be saved");
  return { generation: next.generation, uuid, saver };
}

/** systemd's WATCHDOG_USEC, if it is meant for this process (sd_watchdog_enabled(3)). */
function watchdogMs(): number | undefined {
  const micros = Number(process.env["WATCHDOG_USEC"]);
  const pid = process.env["WATCHDOG_PID"];
  if (!(micros > 0) || (pid !== undefined && pid !== String(process.pid))) return undefined;
  return micros / 1000;
}

function obeySignals(daemon: Daemon, options: RunOptions, self: string): void {
  // Without a listener the one opens Node's debugger to every user of the host, and the other kills;
  // to the original both mean another level of debugging.
  process.on("SIGUSR1", () => undefined);
  process.on("SIGUSR2", () => undefined);
  process.on("SIGTERM", () => daemon.leave());
  process.on("SIGINT", () => daemon.leave());
  let reloaded = Promise.resolve();
  process.on("SIGHUP", () => {
    // One after the other: the last signal is about the newest files.
    reloaded = reloaded.then(() => reload(daemon, options, self));
  });
}

async function reload(daemon: Daemon, options: RunOptions, self: string): Promise<void> {
  const { config, errors } = await readSound(options);
  if (config === undefined) return daemon.refuse(errors);
  if (config.core.self === self) return daemon.reload(config);
  return daemon.refuse([
    `this node is called ${config.core.self} now: restart the daemon for that`,
  ]);
}

/**
 * A bug of ours. The addresses go first, by themselves: nobody may have to wait for a daemon that
 * does not understand its own state. Then the peer takes over.
 */
function crashWith(error: unknown, host: Host, log: Log): void {
  host.sweep();
  log.logger.fatal({ err: error }, "a bug of ours: every address is released");
  log.flush();
  exitNow(70);
}
