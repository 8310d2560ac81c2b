/**
 * Plants known bugs one by one, each in a copy of the project, and says what finds it:
 * `npm run plants [-- --only WORDS] [--seeds N] [--kinds trace,unit,sim] [--all]`. A plant that nothing
 * finds is a missing check.
 *
 * The quickest kinds look first, and with the first that finds it a plant is done; `--all` asks all.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Plant } from "./planted.ts";
import { plants } from "./planted.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    seeds: { type: "string", default: "2000" },
    kinds: { type: "string", default: "trace,unit,sim" },
    all: { type: "boolean", default: false },
  },
});
const kinds = values.kinds.split(",");

interface Check {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const allChecks: readonly Check[] = [
  { name: "trace", command: vitest("trace", "test/trace") },
  { name: "unit", command: vitest("unit", "test/unit/core") },
  {
    name: "sim",
    command: ["node", "test/sim/run.ts", "--seeds", values.seeds, "--workers", "1", "--stop"],
  },
];

const checks = allChecks.filter(({ name }) => kinds.includes(name));

function vitest(project: string, folder: string): readonly [string, ...string[]] {
  const config = ["--config", "test/vitest.config.ts", "--maxWorkers", "1", "--bail", "1"];
  return ["vitest", "run", ...config, "--project", project, folder];
}

/** What the checks read. */
const parts = [
  "src",
  "test/fixtures",
  "test/sim",
  "test/trace",
  "test/unit",
  "test/vitest.config.ts",
  "ha.d",
  "package.json",
  "tsconfig.json",
];

/** Longer than any check takes: a plant may make one that never ends. */
const PATIENCE_MS = 300_000;

const folder = mkdtempSync(join(tmpdir(), "understudy-plants-"));
try {
  await runAll();
} finally {
  rmSync(folder, { recursive: true });
}

async function runAll(): Promise<void> {
  assertAllFit();
  const nothing = { name: "nothing", file: "package.json", from: "{", to: "{" };
  const [failing] = await findersOf(nothing, "nothing");
  if (failing !== undefined) throw new Error(`${failing} fails without any plant`);
  const chosen = plants.filter(({ name }) => name.includes(values.only));
  const waiting = [...chosen.entries()];
  let missed = 0;
  const workers = Array.from({ length: availableParallelism() }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, plant] = next;
      const found = await findersOf(plant, String(index));
      if (found.length === 0) missed += 1;
      console.log(`${plant.name}: ${found.join(", ") || "MISSED"}`);
    }
  });
  await Promise.all(workers);
  console.log(`plants: ${chosen.length} planted, ${missed} missed`);
  process.exitCode = missed === 0 ? 0 : 1;
}

function assertAllFit(): void {
  const misfits = plants.filter(({ file, from }) => !readFileSync(file, "utf8").includes(from));
  if (misfits.length === 0) return;
  const list = misfits.map(({ name, file }) => `"${name}" in ${file}`).join(", ");
  throw new Error(`no longer there: ${list}`);
}

/** Plants it, and asks the checks in turn. */
async function findersOf(plant: Plant, name: string): Promise<readonly string[]> {
  const tree = join(folder, name);
  for (const part of parts) cpSync(part, join(tree, part), { recursive: true });
  symlinkSync(join(process.cwd(), "node_modules"), join(tree, "node_modules"));
  const path = join(tree, plant.file);
  writeFileSync(path, readFileSync(path, "utf8").replace(plant.from, plant.to));
  const found: string[] = [];
  for (const check of checks) {
    if (await passes(check, tree)) continue;
    found.push(check.name);
    if (!values.all) break;
  }
  rmSync(tree, { recursive: true });
  return found;
}

function passes({ command: [program, ...args] }: Check, cwd: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd, stdio: "ignore", timeout: PATIENCE_MS });
    child.on("error", () => resolve(false));
    child.on("exit", (code) => resolve(code === 0));
  });
}
