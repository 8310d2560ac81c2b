/**
 * The order of a benchmark: round by round, and in each round every program once with every fault, so that what
 * else the machine does meets all of them alike, and so that it can end after any round.
 */
import type { Contender } from "./contender.ts";
import type { Fault } from "./faults.ts";

export type Task =
  | { readonly type: "trial"; readonly contender: Contender; readonly fault: Fault }
  | { readonly type: "idle"; readonly contender: Contender };

export interface Plan {
  readonly contenders: readonly Contender[];
  readonly faults: readonly Fault[];
  readonly runs: number;
  readonly idleRuns: number;
}

export function roundsOf({
  contenders,
  faults,
  runs,
  idleRuns,
}: Plan): readonly (readonly Task[])[] {
  return Array.from({ length: Math.max(runs, idleRuns) }, (_, round) => [
    ...(round < idleRuns ? contenders.map((contender): Task => ({ type: "idle", contender })) : []),
    ...(round < runs
      ? faults.flatMap((fault) =>
          contenders.map((contender): Task => ({ type: "trial", contender, fault })),
        )
      : []),
  ]);
}

export function wordsOf(task: Task): string {
  const { program, className, setting } = task.contender;
  return `${className} ${program} (${setting}): ${whatOf(task)}`;
}

/** What is measured. */
export function whatOf(task: Task): string {
  return task.type === "idle" ? "idle" : task.fault.name;
}

/** How long what is left takes, by how long the same took before, or anything. */
export class Clock {
  readonly #took = new Map<string, number[]>();

  note(task: Task, ms: number): void {
    const words = wordsOf(task);
    this.#took.set(words, [...(this.#took.get(words) ?? []), ms]);
  }

  /** Milliseconds; undefined: nothing was done yet. */
  left(tasks: readonly Task[]): number | undefined {
    const all = [...this.#took.values()].flat();
    if (all.length === 0) return undefined;
    const usual = mean(all);
    return tasks.reduce((sum, task) => sum + mean(this.#took.get(wordsOf(task)) ?? [usual]), 0);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
