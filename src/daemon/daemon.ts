/**
 * The daemon: everything that acts, around the core that decides.
 */
import { readFileSync } from "node:fs";
import type { Config } from "../config/index.ts";
import { answer, history as historyOf, report } from "../control/index.ts";
import type {
  Command,
  Effect,
  Input,
  JobId,
  JobOutcome,
  Notice,
  RequestId,
  State,
  Task,
} from "../core/index.ts";
import { createState, requestId, statusOf } from "../core/index.ts";
import type { Errno, KernelWatch } from "../linux/index.ts";
import { notify, now, watchKernel } from "../linux/index.ts";
import { unreachable } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import { elapsed } from "../std/time.ts";
import type { Stamp } from "../wire/index.ts";
import type { ControlServer } from "./control-server.ts";
import { openControl } from "./control-server.ts";
import type { History } from "./history.ts";
import type { Host } from "./host.ts";
import type { Loop } from "./loop.ts";
import { startLoop } from "./loop.ts";
import type { Media } from "./media.ts";
import { openMedia } from "./media.ts";
import { scriptEnvironment } from "./script-environment.ts";
import type { Scripts } from "./scripts.ts";
import { openScripts } from "./scripts.ts";

export interface DaemonOptions {
  readonly haDir: string;
  readonly runDir: string;
  readonly version: string;
  readonly config: Config;
  readonly boot: { readonly boot: string; readonly generation: number };
  readonly host: Host;
  readonly history: History;
  readonly tell: (notice: Notice) => void;
  /** A line that a resource's program printed. */
  readonly print: (resource: string, line: string) => void;
  /** NOTIFY_SOCKET, and the interval at which systemd wants to be fed (sd_watchdog_enabled(3)). */
  readonly notifySocket: string | undefined;
  readonly watchdogMs: number | undefined;
  /** The last thing that is called: with the exit status. */
  readonly exit: (code: number) => void;
  readonly crash: (error: unknown) => void;
}

export interface Daemon {
  reload(config: Config): void;
  /** The files have errors. */
  refuse(errors: readonly string[]): void;
  leave(): void;
}

export async function startDaemon(options: DaemonOptions): Promise<Daemon | { fault: string }> {
  let { config } = options;
  const startedAt = now();
  const state = createState(config.core, options.boot, startedAt);
  const replies: Parts["replies"] = new Map();
  const post = (input: Input): void => loop.post(input);
  const look = (): void => post({ type: "host", addresses: options.host.look(groupsOf(state)) });

  const control = await openControl({
    runDir: options.runDir,
    status: () => reportOf(options, state, startedAt),
    history: () => historyOf(config.core.self, options.history.entries()),
    command: asking(replies, post),
  });
  if ("fault" in control) return { fault: faultSentence(control.fault, options.runDir) };

  const scripts = openScripts({
    haDir: options.haDir,
    env: () => scriptEnvironment(config, options.haDir),
    done: (job, outcome) => post({ type: "jobDone", job, outcome }),
    print: options.print,
  });
  const fed = feeder(options);
  const loop: Loop = startLoop(state, {
    now,
    perform: (effect) => perform(effect),
    turned: () => fed(),
    crash: options.crash,
  });
  const media = openMedia({
    media: config.media,
    keys: config.keys,
    host: options.host,
    post,
    stamp: () => stampOf(config),
  });
  const watch = watchKernel(() => {
    look();
    media.kernelChanged();
  });
  if (!watch.ok) return unwatched(control, watch.error);
  const parts: Parts = { options, control, scripts, media, loop, watch: watch.value, replies };
  const perform = (effect: Effect): void => act(parts, config, effect);
  look();
  return {
    reload(next) {
      config = next;
      post({ type: "configured", config: next.core });
      // What becomes of new media is news only to a core that knows of them.
      media.reconfigure(next.media, next.keys);
      // The groups are new from the next turn on: what the kernel has of them is looked up then.
      setImmediate(look);
    },
    refuse(errors) {
      post({ type: "misconfigured", errors: errors.length, first: errors[0] ?? "" });
    },
    leave() {
      notify(options.notifySocket, "STOPPING=1");
      post({ type: "leave" });
    },
  };
}

function unwatched(control: ControlServer, { call, errno }: Errno): { readonly fault: string } {
  control.close();
  return { fault: `the kernel does not tell of changes: ${call}: ${errno}` };
}

interface Parts {
  readonly options: DaemonOptions;
  readonly control: ControlServer;
  readonly scripts: Scripts;
  readonly media: Media;
  readonly loop: Loop;
  readonly watch: KernelWatch;
  readonly replies: Map<RequestId, (body: object) => void>;
}

function reportOf(options: DaemonOptions, state: State, startedAt: Instant): object {
  const at = now();
  const extra = { software: options.version, uptimeMs: elapsed(startedAt, at) };
  return report(statusOf(state, at), Date.now(), extra);
}

/** Hands commands to the core, each under a number by which its answer finds back. */
function asking(
  replies: Parts["replies"],
  post: (input: Input) => void,
): (command: Command, reply: (body: object) => void) => void {
  let last = 0;
  return (command, reply) => {
    last += 1;
    const request = requestId(last);
    replies.set(request, reply);
    post({ type: "command", request, command });
  };
}

function groupsOf(state: State): Config["core"]["groups"] {
  return [...state.groups.values()].map((group) => group.config);
}

function act(parts: Parts, config: Config, effect: Effect): void {
  const { options } = parts;
  switch (effect.type) {
    case "send":
      return parts.media.send(effect.message);
    case "announce":
      return options.host.announce(effect.ips);
    case "run":
      return runTask(parts, effect.job, effect.task);
    case "cancel":
      return parts.scripts.cancel(effect.job);
    case "reply": {
      parts.replies.get(effect.request)?.(answer(config.core.self, effect.reply));
      parts.replies.delete(effect.request);
      return undefined;
    }
    case "tell":
      return options.tell(effect.notice);
    case "exit":
      return finish(parts, effect.code);
    default:
      return unreachable(effect);
  }
}

function runTask(parts: Parts, job: JobId, task: Task): void {
  const done = (outcome: JobOutcome): void => parts.loop.post({ type: "jobDone", job, outcome });
  switch (task.type) {
    case "addAddresses":
      return done(parts.options.host.add(task.ips));
    case "removeAddresses":
      return done(parts.options.host.remove(task.ips));
    case "start":
    case "stop":
      return parts.scripts.run(job, task.type, task.resource);
    default:
      return unreachable(task);
  }
}

function finish(parts: Parts, code: number): void {
  // What did not stop keeps its address configured, and nobody is left who would remove it.
  if (code !== 0) parts.options.host.sweep();
  parts.loop.stop();
  parts.control.close();
  parts.watch.close();
  parts.media.close();
  parts.options.exit(code);
}

/** READY when the first turn is done; then a sign of life at the end of turns, not more often. */
function feeder({ notifySocket, watchdogMs }: DaemonOptions): () => void {
  let isReady = false;
  let fedAt = 0;
  return () => {
    if (!isReady) {
      isReady = true;
      notify(notifySocket, "READY=1");
    }
    if (watchdogMs === undefined || now() - fedAt < watchdogMs / 4) return;
    fedAt = now();
    notify(notifySocket, "WATCHDOG=1");
  };
}

function stampOf(config: Config): Stamp {
  return {
    seconds: Date.now() / 1000,
    load: loadAverage(),
    ttl: config.core.peers.length + 2,
  };
}

/** What the original sends too; nobody decides by it. */
function loadAverage(): string {
  try {
    return readFileSync("/proc/loadavg", "latin1").trim();
  } catch {
    return "0.00 0.00 0.00 1/1 1";
  }
}

function faultSentence(
  fault:
    | { readonly type: "already-running" }
    | { readonly type: "failed"; readonly reason: string },
  runDir: string,
): string {
  return fault.type === "already-running"
    ? `a daemon is running already (it answers in ${runDir})`
    : `the control socket in ${runDir} cannot be opened: ${fault.reason}`;
}
