/**
 * `npm run bench`, in its smallest form: that it measures all three programs, and prints what it has measured
 * where it belongs. How fast they are is for the benchmark itself.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { programs } from "../bench/pair/contender.ts";
import { missingForBench } from "../bench/pair/facts.ts";

const missing = missingForBench();
if (missing !== undefined) {
  if (process.env["CI"] !== undefined) throw new Error(`nothing can be compared: ${missing}`);
  console.warn(`the test of the benchmark is skipped: ${missing}`);
}

const root = new URL("../../", import.meta.url).pathname;
const TWO_FAULTS = "idle,daemon killed,planned move";
/** Each of the nine pairs takes as long as its start, most of all that of heartbeat. */
const LIMIT_MS = 600_000;

interface Line {
  readonly type: string;
  readonly program?: string;
  readonly fault?: string;
  readonly [figure: string]: unknown;
}

interface Ran {
  readonly code: number;
  readonly markdown: string;
  readonly progress: string;
  readonly lines: readonly Line[];
}

describe.skipIf(missing !== undefined)("the benchmark of pairs", () => {
  let ran: Ran;

  beforeAll(async () => {
    ran = await bench("--class", "1s", "--runs", "1", "--idle-runs", "1", "--idle-seconds", "1");
  }, LIMIT_MS);

  test("has measured everything", () => {
    expect(linesOf("failed")).toEqual([]);
    expect(ran.code, ran.progress).toBe(0);
    expect(ran.lines.map(({ type, program, fault }) => [type, program, fault])).toEqual([
      ["facts", undefined, undefined],
      ...programs.map((program) => ["idle", program, undefined]),
      ...programs.map((program) => ["trial", program, "daemon killed"]),
      ...programs.map((program) => ["trial", program, "planned move"]),
    ]);
  });

  test("has figures of every fault, and a time beyond the detection where there is one", () => {
    for (const line of linesOf("trial")) {
      const figures = ["detectionMs", "outageMs", "sinceFaultMs", "bothMs", "blindMs"];
      const more = line.fault === "daemon killed" ? ["overheadMs"] : [];
      for (const figure of [...figures, ...more])
        expect(line[figure], `${line.program}: ${figure}`).toEqual(expect.any(Number));
      expect(Number(line["outageMs"])).toBeGreaterThan(0);
      expect("overheadMs" in line).toBe(line.fault === "daemon killed");
    }
  });

  test("sees that nobody but Understudy falls silent when its daemon is killed", () => {
    const two = linesOf("trial")
      .filter(({ fault }) => fault === "daemon killed")
      .map(({ program, bothMs }) => [program, Number(bothMs) > 0]);
    expect(two).toEqual([
      ["Understudy", false],
      ["keepalived", true],
      ["heartbeat", true],
    ]);
  });

  test("has what a pair costs; memory alone is no less than a share of what others use too", () => {
    for (const { program, holder, standby } of linesOf("idle"))
      for (const cost of [holder, standby].map(costOf)) {
        expect(cost["cpuPercent"], program).toBeGreaterThan(0);
        expect(cost["processes"], program).toBeGreaterThan(0);
        expect(cost["memoryMiB"], program).toBeGreaterThan(1);
        expect(cost["memoryMiB"], program).toBeGreaterThan(cost["pssMiB"]! * 0.95);
      }
  });

  test("prints tables whose rows have what their heads say, and no figure that is none", () => {
    const tables = ran.markdown.split(/\n\n/).filter((part) => part.startsWith("| "));
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      const [head, , ...rows] = table.split("\n").map(cellsOf);
      for (const program of programs) expect(rows.some((row) => row[1] === program)).toBe(true);
      for (const row of rows) expect(row).toHaveLength(head!.length);
      const spreads = head!.flatMap((name, index) => (name.includes(": min") ? [index] : []));
      expect(spreads.length).toBeGreaterThan(1);
      for (const row of rows) for (const index of spreads) expect(row[index]).toMatch(spread);
    }
    expect(ran.markdown).not.toMatch(/NaN|undefined|Infinity/);
  });

  function linesOf(type: string): readonly Line[] {
    return ran.lines.filter((line) => line.type === type);
  }
});

/** `8.0 / 10 / > 12 / > 12` */
const spread = /^(?:(?:> )?-?\d+(?:\.\d+)?(?: \/ |$)){4}$/;

function cellsOf(row: string): readonly string[] {
  return row.slice(2, -2).split(" | ");
}

async function bench(...options: readonly string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), "us-bench-test-"));
  const file = join(folder, "results");
  const args = [`${root}test/bench/run.ts`, "pair", "--what", TWO_FAULTS, "--json", file];
  try {
    const { code, stdout, stderr } = await run([...args, ...options]);
    const lines = readFileSync(file, "utf8").trim().split("\n").map(parseLine);
    return { code, markdown: stdout, progress: stderr, lines };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, args, { timeout: LIMIT_MS }, (error, out, err) => {
      if (error !== null && typeof error.code !== "number")
        reject(new Error(err, { cause: error }));
      else resolve({ code: child.exitCode ?? 1, stdout: out, stderr: err });
    });
  });
}

function parseLine(text: string): Line {
  const value: unknown = JSON.parse(text);
  if (!isLine(value)) throw new Error(`not a result: ${text}`);
  return value;
}

function isLine(value: unknown): value is Line {
  return typeof value === "object" && value !== null && "type" in value;
}

function costOf(value: unknown): Readonly<Record<string, number>> {
  return isCost(value) ? value : {};
}

function isCost(value: unknown): value is Readonly<Record<string, number>> {
  return typeof value === "object" && value !== null;
}
