/**
 * `npm run sim -- --seeds N --from SEED --workers N [--stop]`: many seeds, outside of the test runner
 * and on all processors. With `--stop` the first failure ends it.
 */
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { runSeed } from "./run-seed.ts";

/** How many seeds a worker is handed at once. */
const BATCH = 20;
const SHOWN = 3;

interface Failure {
  readonly seed: number;
  readonly story: string;
}

// A worker is this same file, and has somebody to talk to.
if (process.send === undefined) await runAll();
else process.on("message", (first: number) => process.send?.(failuresFrom(first)));

async function runAll(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "2000" },
      from: { type: "string", default: "1" },
      workers: { type: "string", default: String(availableParallelism()) },
      stop: { type: "boolean", default: false },
    },
  });
  const from = Number(values.from);
  const end = from + Number(values.seeds);
  const began = performance.now();
  const failures: Failure[] = [];
  let next = from;
  const draw = (): number | undefined => {
    if (next >= end || (values.stop && failures.length > 0)) return undefined;
    next += BATCH;
    return next - BATCH;
  };
  const report = (found: readonly Failure[]): void => {
    for (const failure of found) {
      if (failure.seed >= end) continue;
      failures.push(failure);
      if (failures.length <= SHOWN) console.log(`${failure.story}\n`);
    }
  };
  const workers = Array.from({ length: Number(values.workers) }, () => work(draw, report));
  await Promise.all(workers);
  const took = ((performance.now() - began) / 1000).toFixed(1);
  const count = Math.min(next, end) - from;
  console.log(`sim: ${count} seeds from ${from}, ${failures.length} failed, ${took} s`);
  if (failures.length === 0) return;
  const seeds = failures.map(({ seed }) => seed).toSorted((one, other) => one - other);
  console.log(`failed: ${seeds.slice(0, 50).join(" ")}`);
  process.exitCode = 1;
}

/** Keeps one worker busy until nothing is left to draw. */
function work(
  draw: () => number | undefined,
  report: (found: readonly Failure[]) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = fork(import.meta.filename, []);
    const feed = (): void => {
      const first = draw();
      if (first === undefined) worker.disconnect();
      else worker.send(first);
    };
    worker.on("message", (found: readonly Failure[]) => {
      report(found);
      feed();
    });
    worker.on("error", reject);
    worker.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))));
    feed();
  });
}

function failuresFrom(first: number): readonly Failure[] {
  const failures: Failure[] = [];
  for (let seed = first; seed < first + BATCH; seed++) {
    try {
      runSeed(seed);
    } catch (error) {
      failures.push({ seed, story: String(error) });
    }
  }
  return failures;
}
