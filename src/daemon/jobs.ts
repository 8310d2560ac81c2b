/**
 * The jobs that take time: each ends in exactly one report, whatever becomes of it.
 */
import type { JobId, JobOutcome } from "../core/index.ts";

export interface Jobs {
  /** @param perform - ends soon after its signal is aborted */
  run(job: JobId, perform: (signal: AbortSignal) => Promise<JobOutcome>): void;
  cancel(job: JobId): void;
}

export interface JobsOptions {
  readonly done: (job: JobId, outcome: JobOutcome) => void;
}

export function openJobs(options: JobsOptions): Jobs {
  const running = new Map<JobId, AbortController>();
  return {
    run(job, perform) {
      const controller = new AbortController();
      running.set(job, controller);
      perform(controller.signal)
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
