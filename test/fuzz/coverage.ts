/**
 * What of src was run, as V8 counts it (inspector protocol, Profiler.takePreciseCoverage).
 */
import type { Profiler } from "node:inspector";
import { Session } from "node:inspector";

export interface Coverage {
  /** What was run since the last call. */
  taken(): Taken;
  close(): void;
}

export interface Taken {
  /**
   * For each function that was called which of its blocks were not run, and whether it was called once,
   * a few times, or often. Two inputs that have all of this in common take the same way.
   */
  readonly features: readonly string[];
  /** The blocks that were not run, of the functions that were: `wire/auth.ts:120-240`. */
  readonly missed: readonly string[];
}

export function openCoverage(): Coverage {
  const session = new Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return {
    taken() {
      let taken: Taken = { features: [], missed: [] };
      // The answer comes before `post` returns.
      session.post("Profiler.takePreciseCoverage", (error, { result }) => {
        if (error !== null) throw error;
        taken = takenOf(result);
      });
      return taken;
    },
    close: () => session.disconnect(),
  };
}

function takenOf(scripts: readonly Profiler.ScriptCoverage[]): Taken {
  const features: string[] = [];
  const missed: string[] = [];
  for (const { url, functions } of scripts) {
    const file = /\/src\/(.*)$/.exec(url)?.[1];
    for (const { ranges } of file === undefined ? [] : functions) {
      const [whole] = ranges;
      // One that was not called is no news; a block is what differs from what is around it.
      if (whole === undefined || whole.count === 0) continue;
      const place = `${file}:${whole.startOffset}`;
      const unrun = ranges
        .filter(({ count }) => count === 0)
        .map(({ startOffset, endOffset }) => `${startOffset}-${endOffset}`);
      features.push(`${place} ${unrun.join()}`, `${place} ${sizeOf(whole.count)}`);
      missed.push(...unrun.map((each) => `${file}:${each}`));
    }
  }
  return { features, missed };
}

function sizeOf(count: number): string {
  return count === 1 ? "once" : count < 8 ? "some" : "often";
}
