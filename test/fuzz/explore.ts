/**
 * Searches for inputs that run what no other has run, and for those that break a property.
 */
import type { Rng } from "../sim/rng.ts";
import { pick } from "../sim/rng.ts";
import type { Coverage } from "./coverage.ts";
import { mutate } from "./mutate.ts";
import type { Target } from "./target.ts";

export interface Explored {
  readonly executions: number;
  /** Ways through functions of src: those of the inputs that it began with, and all. */
  readonly before: number;
  readonly after: number;
  /** As few inputs as take all of these ways. */
  readonly corpus: readonly Buffer[];
  /** The blocks that none of them runs, of the functions that they call. */
  readonly missed: readonly string[];
  readonly findings: readonly Finding[];
  readonly slowestMs: number;
}

export interface Finding {
  readonly input: Buffer;
  readonly error: unknown;
}

export interface Search {
  readonly target: Target;
  readonly corpus: readonly Buffer[];
  readonly seconds: number;
  readonly rng: Rng;
  readonly coverage: Coverage;
}

/** An input of 4 KiB that takes longer, every time, is a finding. */
const SLOW_MS = 100;
const FINDINGS_MAX = 20;

export function explore(search: Search): Explored {
  const { target, coverage, rng } = search;
  const seen = new Set<string>();
  const inputs: Buffer[] = [];
  const findings: Finding[] = [];
  let [executions, slowestMs] = [0, 0];
  const run = (input: Buffer): void => {
    executions += 1;
    coverage.taken();
    const at = cpuMs();
    const error = errorOf(target, input);
    const took = cpuMs() - at;
    const news = coverage.taken().features.filter((feature) => !seen.has(feature));
    for (const feature of news) seen.add(feature);
    if (news.length > 0) inputs.push(input);
    if (error !== undefined && isNew(error, findings)) findings.push({ input, error });
    slowestMs = Math.max(slowestMs, took);
    if (took > SLOW_MS && isSlow(target, input, SLOW_MS)) {
      findings.push({ input, error: new Error(`it takes ${took} ms`) });
    }
  };
  for (const input of [...search.corpus, ...target.seeds()]) run(input);
  const before = seen.size;
  const end = performance.now() + search.seconds * 1000;
  while (performance.now() < end && findings.length < FINDINGS_MAX) {
    run(mutate(pick(inputs, rng), { words: target.words, others: inputs }, rng));
  }
  const corpus = fewest(inputs, search);
  const missed = missedBy(corpus, search);
  return { executions, before, after: seen.size, corpus, missed, findings, slowestMs };
}

function errorOf(target: Target, input: Buffer): unknown {
  try {
    target.check(input);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** One of each kind is enough: the same message, whatever names and numbers are in it. */
function isNew(error: unknown, findings: readonly Finding[]): boolean {
  const kind = kindOf(error);
  return findings.every((finding) => kindOf(finding.error) !== kind);
}

function kindOf(error: unknown): string {
  return String(error).split(/[:\n]/, 2).join().replaceAll(/\d+/g, "0");
}

/** Of this thread: what else runs on the machine is of no matter. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Whether it takes longer than so many milliseconds three times in a row: once, others may be to blame. */
export function isSlow(target: Target, input: Buffer, limitMs: number): boolean {
  return [1, 2, 3].every(() => {
    const at = cpuMs();
    errorOf(target, input);
    return cpuMs() - at > limitMs;
  });
}

/** The shorter ones first: a longer one that adds nothing is left out, the others are cut down. */
function fewest(
  inputs: readonly Buffer[],
  { target, coverage, seconds }: Search,
): readonly Buffer[] {
  const featuresOf = (input: Buffer): ReadonlySet<string> => {
    coverage.taken();
    errorOf(target, input);
    return new Set(coverage.taken().features);
  };
  const end = performance.now() + seconds * 1000;
  const covered = new Set<string>();
  const kept: Buffer[] = [];
  for (const input of inputs.toSorted((one, other) => one.length - other.length)) {
    const own = [...featuresOf(input)].filter((feature) => !covered.has(feature));
    if (own.length === 0) continue;
    const small = cutDown(input, (shorter) => {
      if (performance.now() > end) return false;
      const features = featuresOf(shorter);
      return own.every((feature) => features.has(feature));
    });
    for (const feature of featuresOf(small)) covered.add(feature);
    kept.push(small);
  }
  return kept;
}

function missedBy(inputs: readonly Buffer[], { target, coverage }: Search): readonly string[] {
  coverage.taken();
  for (const input of inputs) errorOf(target, input);
  return coverage.taken().missed;
}

/** Without every part that may go, from halves to sixteenths. */
function cutDown(input: Buffer, isGood: (shorter: Buffer) => boolean): Buffer {
  let small = input;
  for (let size = small.length >> 1; size >= Math.max(1, input.length >> 4); size >>= 1) {
    for (let at = 0; at < small.length;) {
      const shorter = Buffer.concat([small.subarray(0, at), small.subarray(at + size)]);
      if (isGood(shorter)) small = shorter;
      else at += size;
    }
  }
  return small;
}
