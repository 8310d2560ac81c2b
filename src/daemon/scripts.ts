/**
 * Runs the programs behind resources, and reports how each ended.
 */
import { writeFileSync } from "node:fs";
import { execa } from "execa";
import type { JobId, JobOutcome, ScriptedResource } from "../core/index.ts";
import { assert } from "../std/assert.ts";
import type { Invocation } from "./agents.ts";
import { agentOf, saysRunning, whereabouts } from "./agents.ts";
import { openOutput } from "./output.ts";

export interface Scripts {
  /** Ends in exactly one call of `done`, whatever becomes of the program. */
  run(job: JobId, action: "start" | "stop", resource: ScriptedResource): void;
  /** Kills what the job runs, its descendants included. It still ends in `done`. */
  cancel(job: JobId): void;
}

export interface ScriptsOptions {
  readonly haDir: string;
  /** What every program sees besides our own environment. */
  readonly env: () => Readonly<Record<string, string>>;
  readonly done: (job: JobId, outcome: JobOutcome) => void;
  /** A line that a program printed. */
  readonly print: (resource: string, line: string) => void;
}

export function openScripts(options: ScriptsOptions): Scripts {
  const running = new Map<JobId, AbortController>();
  const known = new Set<string>();
  return {
    run(job, action, resource) {
      const controller = new AbortController();
      running.set(job, controller);
      const task: Run = { options, action, resource, signal: controller.signal, known };
      perform(task)
        // A bug in the runner is the failure of the job: the core waits for its end.
        .catch((error: unknown): JobOutcome => ({ type: "failed", reason: String(error) }))
        .then((outcome) => {
          running.delete(job);
          return options.done(job, outcome);
        })
        // A bug of ours in what follows: it ends the process, as any other.
        .catch((error: unknown) => setImmediate(() => rethrow(error)));
    },
    cancel(job) {
      running.get(job)?.abort();
    },
  };
}

function rethrow(error: unknown): never {
  throw error;
}

interface Run {
  readonly options: ScriptsOptions;
  readonly action: "start" | "stop";
  readonly resource: ScriptedResource;
  readonly signal: AbortSignal;
  /** The resources whose programs were found since the daemon has started. */
  readonly known: Set<string>;
}

async function perform(run: Run): Promise<JobOutcome> {
  const { action, resource, options, known } = run;
  const agent = agentOf(resource, options.haDir);
  if (agent === undefined) {
    // What never could be started need not be stopped: the group is free to go where it can run.
    if (action === "stop" && !known.has(resource.name)) return { type: "succeeded" };
    const reason = `there is no such program: ${whereabouts(resource, options.haDir)}`;
    return { type: "failed", reason };
  }
  known.add(resource.name);
  if (action === "start" && agent.status !== undefined) {
    const status = await call(run, agent.status, { isQuiet: true });
    if (status.ended === "cancelled") return { type: "cancelled" };
    const runs = agent.status.reads === "text" ? saysRunning(status.text) : status.exitCode === 0;
    if (runs) return { type: "succeeded" };
  }
  const ended = await call(run, agent[action], { isQuiet: false });
  if (ended.ended === "cancelled") return { type: "cancelled" };
  if (ended.exitCode === 0) return { type: "succeeded" };
  return { type: "failed", reason: `${action}: ${ended.reason}` };
}

interface Ended {
  readonly ended: "exited" | "cancelled";
  readonly exitCode: number | undefined;
  readonly reason: string;
  /** What it printed until then, or the first of it. */
  readonly text: string;
}

async function call(
  { options, resource, signal }: Run,
  { file, args, env }: Invocation,
  { isQuiet }: { readonly isQuiet: boolean },
): Promise<Ended> {
  const output = openOutput((line) => {
    if (!isQuiet) options.print(resource.name, line);
  });
  const { fd } = output;
  assert(isDescriptor(fd), "a descriptor");
  const child = execa(file, args, {
    cancelSignal: signal,
    cwd: "/",
    env: { ...options.env(), ...env, ...notOurs },
    forceKillAfterDelay: 2000,
    killDescendants: true,
    reject: false,
    // No pipe of execa's: it waits until that is closed, and what a start script leaves running
    // would hold it open for ever. See output.ts.
    stdio: ["ignore", fd, fd],
    // No `timeout`: how long a job may take is the core's to say.
  });
  shareTheFate(child.pid);
  const result = await child;
  const text = output.finish();
  return {
    ended: result.isCanceled ? "cancelled" : "exited",
    exitCode: result.exitCode,
    reason: reasonOf(result, text),
    text,
  };
}

/** What systemd tells the daemon is not meant for what it starts (sd_notify(3)). */
const notOurs = { NOTIFY_SOCKET: undefined, WATCHDOG_USEC: undefined, WATCHDOG_PID: undefined };

/**
 * The daemon is the last to be killed when memory runs out (OOMScoreAdjust of its unit); a service
 * that it starts must not inherit that (proc(5), oom_score_adj).
 */
function shareTheFate(pid: number | undefined): void {
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
    readonly shortMessage?: string | undefined;
  },
  text: string,
): string {
  const last = text.trim().split("\n").at(-1) ?? "";
  const said = last === "" ? "" : `: ${last.slice(0, 200)}`;
  if (result.exitCode !== undefined) return `exit status ${result.exitCode}${said}`;
  if (result.signal !== undefined) return `ended by ${result.signal}${said}`;
  return result.shortMessage ?? "it could not be run";
}
