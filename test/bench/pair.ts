/**
 * `npm run bench -- pair`: Understudy beside keepalived and heartbeat, on the same network, through the same
 * faults, in turn. Prints what a client saw as Markdown, and how far it has come to standard error.
 *
 *     npm run --silent bench -- pair --runs 30 --json bench.jsonl >bench.md
 *     npm run bench -- pair --class fastest --program Understudy --what "daemon killed,idle"
 *     npm run bench -- pair --read bench.jsonl
 */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Contender } from "./pair/contender.ts";
import { classNames, programs } from "./pair/contender.ts";
import { factsNow, missingForBench } from "./pair/facts.ts";
import { faults } from "./pair/faults.ts";
import { heartbeats } from "./pair/heartbeat.ts";
import { measureIdle } from "./pair/idle.ts";
import { keepaliveds } from "./pair/keepalived.ts";
import type { Result } from "./pair/result.ts";
import { measuredOf } from "./pair/result.ts";
import type { Task } from "./pair/rounds.ts";
import { Clock, roundsOf, whatOf, wordsOf } from "./pair/rounds.ts";
import { markdownOf } from "./pair/table.ts";
import { runTrial } from "./pair/trial.ts";
import { understudies } from "./pair/understudy.ts";

const all: readonly Contender[] = [...understudies, ...keepaliveds, ...heartbeats];

const whats = ["idle", ...faults.map(({ name }) => name)];

const options = {
  /** Of every program with every fault. */
  runs: { type: "string", default: "10" },
  /** Of what a pair costs, and how long each takes. */
  "idle-runs": { type: "string", default: "3" },
  "idle-seconds": { type: "string", default: "20" },
  /** Words of {@link classNames}. */
  class: { type: "string", default: classNames.join(",") },
  program: { type: "string", default: programs.join(",") },
  /** Names of faults, and idle: what a pair costs while nothing happens. */
  what: { type: "string", default: whats.join(",") },
  /** Begins no round that would not end within so many minutes. */
  minutes: { type: "string", default: "Infinity" },
  /** Where each result is added as a line of JSON. */
  json: { type: "string" },
  /** Measures nothing: the tables of such a file. */
  read: { type: "string" },
} as const;

export async function main(args: readonly string[]): Promise<0 | 1> {
  const { values } = parseArgs({ args: [...args], options });
  if (values.read !== undefined) {
    console.log(markdownOf(readResults(values.read), { contenders: byClass(all), faults }));
    return 0;
  }
  const missing = missingForBench();
  if (missing !== undefined) {
    console.error(`bench: ${missing}`);
    return 1;
  }
  const chosen = {
    class: namesOf("--class", values.class, classNames),
    program: namesOf("--program", values.program, programs),
    what: namesOf("--what", values.what, whats),
  };
  const contenders = byClass(all).filter(
    ({ className, program }) => chosen.class(className) && chosen.program(program),
  );
  const [runs, idleRuns] = [Number(values.runs), Number(values["idle-runs"])];
  const rounds = roundsOf({ contenders, faults, runs, idleRuns }).map((round) =>
    round.filter((task) => chosen.what(whatOf(task))),
  );
  const seconds = Number(values["idle-seconds"]);
  const minutes = Number(values.minutes);
  const results = await measureAll(rounds, { seconds, minutes, file: values.json });
  console.log(markdownOf(results, { contenders, faults }));
  return results.some(({ type }) => type === "failed") ? 1 : 0;
}

/** @returns whether a name is one of those in the text. @throws if that has another in it */
function namesOf(
  option: string,
  text: string,
  known: readonly string[],
): (name: string) => boolean {
  const names = text.split(",");
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`${option} takes ${known.join(", ")}, not ${unknown}`);
  return (name) => names.includes(name);
}

/** The rows of a table: those that are compared stand together. */
function byClass(contenders: readonly Contender[]): readonly Contender[] {
  return classNames.flatMap((name) => contenders.filter(({ className }) => className === name));
}

interface How {
  /** Of a measurement of what a pair costs. */
  readonly seconds: number;
  readonly minutes: number;
  readonly file: string | undefined;
}

async function measureAll(
  rounds: readonly (readonly Task[])[],
  { seconds, minutes, file }: How,
): Promise<readonly Result[]> {
  if (file !== undefined) writeFileSync(file, "");
  const results: Result[] = [];
  const add = (result: Result): void => {
    results.push(result);
    if (file !== undefined) appendFileSync(file, `${JSON.stringify(result)}\n`);
  };
  add({ type: "facts", ...factsNow() });
  const clock = new Clock();
  const startedAt = performance.now();
  const queue = rounds.flat();
  const total = queue.length;
  for (const round of rounds) {
    const isEnd = performance.now() - startedAt + (clock.left(round) ?? 0) > minutes * 60_000;
    if (isEnd) console.error(`bench: ${queue.length} of ${total} were not begun: the time is over`);
    if (isEnd) break;
    for (const task of round) {
      queue.shift();
      const from = performance.now();
      const result = await resultOf(task, seconds);
      clock.note(task, performance.now() - from);
      add(result);
      tell(`${total - queue.length}/${total}`, task, result);
      console.error(`      ${minutesOf(clock.left(queue) ?? 0)} left`);
    }
  }
  return results;
}

async function resultOf(task: Task, seconds: number): Promise<Result> {
  const { contender } = task;
  const own = measuredOf(contender);
  try {
    if (task.type === "trial") {
      const trial = await runTrial(contender, task.fault);
      return { type: "trial", ...own, fault: task.fault.name, ...trial };
    }
    return { type: "idle", ...own, seconds, ...(await measureIdle(contender, seconds * 1000)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { type: "failed", ...own, what: whatOf(task), reason };
  }
}

function tell(count: string, task: Task, result: Result): void {
  console.error(`${count} ${wordsOf(task)}: ${figuresText(result)}`);
}

function figuresText(result: Result): string {
  switch (result.type) {
    case "trial": {
      const beyond =
        result.overheadMs === undefined ? "" : `, beyond detection ${ms(result.overheadMs)}`;
      const tries = result.tries === 1 ? "" : `, ${result.tries} tries`;
      const both = `two ${result.isBothOpen ? "> " : ""}${ms(result.bothMs)}`;
      const outage = `outage ${result.isOutageOpen ? "> " : ""}${ms(result.outageMs)}`;
      return `${outage}${beyond}, ${both}${tries}`;
    }
    case "idle": {
      const { holder, standby } = result;
      const cpu = `CPU ${holder.cpuPercent.toFixed(3)} and ${standby.cpuPercent.toFixed(3)} %`;
      return `${cpu}, memory ${holder.memoryMiB.toFixed(1)} and ${standby.memoryMiB.toFixed(1)} MiB`;
    }
    case "failed":
      return `FAILED: ${result.reason.split("\n", 1)[0]}`;
    case "facts":
      return result.date;
  }
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function minutesOf(value: number): string {
  return `${(value / 60_000).toFixed(1)} min`;
}

/** What `--json` has written. */
function readResults(file: string): readonly Result[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const value: unknown = JSON.parse(line);
      if (!isResult(value)) throw new Error(`not a result: ${line}`);
      return value;
    });
}

function isResult(value: unknown): value is Result {
  return typeof value === "object" && value !== null && "type" in value;
}
