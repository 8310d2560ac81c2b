/**
 * `npm run faults`: every fault, injected into real daemons, for three deadtimes, without and with a
 * planned takeover in its midst; prints for how long a client had no answer, and for how long both
 * nodes answered (verdict.ts says what that is), as Markdown.
 *
 * Ends with exit status 1 if two answered where that is promised never to be, or if a fault could
 * not be injected. `--lease off` shows that the harness sees two where there are two.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { missingRequirement } from "../netns/lab/requirements.ts";
import type { Cell, Outcome } from "./cell.ts";
import { isBroken, runCell } from "./cell.ts";
import { hostFaults } from "./host-faults.ts";
import { networkFaults } from "./network-faults.ts";
import { processFaults } from "./process-faults.ts";
import type { Result } from "./table.ts";
import { tableOf, timeOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    ipv6: { type: "boolean", default: false },
    deadtime: { type: "string", default: "100ms,1s,5s" },
    only: { type: "string", default: "" },
    runs: { type: "string", default: "1" },
    /** `none`: no planned takeovers; `only`: nothing else. */
    takeover: { type: "string", default: "both" },
    lease: { type: "string" },
    /** Cells at once. */
    jobs: { type: "string" },
    stories: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});

// Namespaces are removed at the exit of the process, however it comes about: see namespace.ts.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
  process.once(signal, () => process.exit(1));
process.exitCode = await main();

async function main(): Promise<0 | 1> {
  const missing = missingRequirement() ?? missingTool();
  if (missing !== undefined) {
    console.error(`faults: ${missing}`);
    return 1;
  }
  const results = cellsOf().map((cell): OpenResult => ({ cell, outcomes: [] }));
  for (const deadtime of new Set(results.map(({ cell }) => cell.options.deadtime)))
    await runAll(results.filter(({ cell }) => cell.options.deadtime === deadtime));
  console.log(values.json ? JSON.stringify(results.flatMap(plainOf), null, 1) : tableOf(results));
  const all = results
    .flatMap(({ outcomes }) => outcomes)
    .filter((each) => typeof each !== "string");
  const blind = Math.max(0, ...all.map((each) => each.blindMs));
  console.error(`faults: the clients never stood still for longer than ${blind.toFixed(1)} ms`);
  const isBad = results.some(({ cell, outcomes }) =>
    outcomes.some((each) => typeof each === "string" || isBroken(cell, each)),
  );
  return isBad ? 1 : 0;
}

function missingTool(): string | undefined {
  const isThere = spawnSync("tcpdump", ["--version"]).error === undefined;
  return isThere ? undefined : "tcpdump is missing: install tcpdump";
}

interface OpenResult extends Result {
  readonly outcomes: (Outcome | string)[];
}

/** @param results - filled; all of one deadtime */
async function runAll(results: readonly OpenResult[]): Promise<void> {
  const queue = results.flatMap((result) =>
    Array.from({ length: Number(values.runs) }, () => result),
  );
  const total = queue.length;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const outcome = await outcomeOf(next.cell);
      next.outcomes.push(outcome);
      done += 1;
      tell(`${done}/${total}`, next.cell, outcome);
    }
  };
  const jobs = Number(values.jobs ?? jobsFor(results[0]!.cell.options.deadtime));
  await Promise.all(Array.from({ length: jobs }, work));
}

/** Of a long deadtime most is waiting; of a short one every millisecond counts. */
function jobsFor(deadtime: number): number {
  return deadtime >= 5000 ? 3 : 1;
}

/** By deadtime, so that those who look on see a whole column early. */
function cellsOf(): readonly Cell[] {
  const takeovers = { both: [false, true], none: [false], only: [true] }[values.takeover];
  if (takeovers === undefined) throw new Error("--takeover is both, none or only");
  const more = values.lease === undefined ? [] : [`lease ${values.lease}`];
  const family = values.ipv6 ? 6 : 4;
  const faults = [...processFaults, ...networkFaults, ...hostFaults].filter(({ name }) =>
    name.includes(values.only),
  );
  return values.deadtime.split(",").flatMap((deadtime) =>
    faults.flatMap((fault) =>
      takeovers.map((isWithTakeover) => ({
        fault,
        isWithTakeover,
        options: { family, deadtime: millisOf(deadtime), more },
      })),
    ),
  );
}

/** `100ms`, `1s` */
function millisOf(text: string): number {
  const [, count = "", unit] = /^(\d+)(ms|s)$/.exec(text.trim()) ?? [];
  if (unit === undefined) throw new Error(`--deadtime takes times like 100ms or 1s, not ${text}`);
  return Number(count) * (unit === "s" ? 1000 : 1);
}

async function outcomeOf(cell: Cell): Promise<Outcome | string> {
  const missing = cell.fault.missing?.();
  if (missing !== undefined) return missing;
  try {
    return await runCell(cell);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function tell(count: string, cell: Cell, outcome: Outcome | string): void {
  const { fault, isWithTakeover, options } = cell;
  const when = isWithTakeover ? ", planned takeover" : "";
  const what = `${count} ${timeOf(options.deadtime)}: ${fault.name}${when}`;
  if (typeof outcome === "string") {
    console.error(`${what}: FAILED: ${outcome}`);
    return;
  }
  const outages = outcome.outages.map(({ ms, isOpen }) => `${isOpen ? ">" : ""}${ms.toFixed(1)}`);
  const both = `both ${outcome.bothMs.toFixed(1)} (${outcome.bothSeenMs.toFixed(1)})`;
  const tries = outcome.tries === 1 ? "" : `, ${outcome.tries} tries`;
  const blind = `blind ${outcome.blindMs.toFixed(1)}${tries}`;
  const broken = isBroken(cell, outcome);
  console.error(
    `${what}: outage ${outages.join("/")} ms, ${both}, ${blind}${broken ? " BROKEN" : ""}`,
  );
  if (outcome.answer !== undefined) console.error(`        takeover: ${outcome.answer}`);
  if (values.stories || broken) console.error(outcome.story.join("\n"));
}

function plainOf({
  cell: { fault, isWithTakeover, options },
  outcomes,
}: Result): readonly object[] {
  const { name, promise } = fault;
  return outcomes.map((outcome) => ({
    fault: name,
    promise,
    isWithTakeover,
    ...options,
    ...(typeof outcome === "string" ? { failed: outcome } : outcome),
  }));
}
