/**
 * Runs the programs behind resources, and reports how each ended.
 */
import type { JobId, JobOutcome, ScriptedResource } from "../core/index.ts";
import type { Invocation } from "./agents.ts";
import { agentFault, agentOf, saysRunning, whereabouts } from "./agents.ts";
import type { Ended } from "./call.ts";
import { callProgram } from "./call.ts";
import { openJobs } from "./jobs.ts";

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
  const jobs = openJobs(options);
  const known = new Set<string>();
  return {
    run(job, action, resource) {
      jobs.run(job, (signal) => perform({ options, action, resource, signal, known }));
    },
    cancel(job) {
      jobs.cancel(job);
    },
  };
}

interface Run {
  readonly options: ScriptsOptions;
  readonly action: "start" | "stop";
  readonly resource: ScriptedResource;
  readonly signal: AbortSignal;
  /** The resources whose programs were found fit to be run since the daemon has started. */
  readonly known: Set<string>;
}

async function perform(run: Run): Promise<JobOutcome> {
  const { action, resource, options, known } = run;
  const agent = agentOf(resource, options.haDir);
  const fault =
    agent === undefined
      ? `there is no such program: ${whereabouts(resource, options.haDir)}`
      : agentFault(agent);
  if (agent === undefined || fault !== undefined) {
    // What never could be started need not be stopped: the group is free to go where it can run.
    if (action === "stop" && !known.has(resource.name)) return { type: "succeeded" };
    return { type: "failed", reason: fault ?? "there is no such program" };
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

function call(
  { options, resource, signal }: Run,
  { file, args, env }: Invocation,
  { isQuiet }: { readonly isQuiet: boolean },
): Promise<Ended> {
  return callProgram({
    file,
    args,
    env: { ...options.env(), ...env },
    input: undefined,
    signal,
    print(line) {
      if (!isQuiet) options.print(resource.name, line);
    },
  });
}
