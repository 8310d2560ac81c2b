/**
 * `npm run fuzz -- --target wire --seconds 60`: searches for new inputs, and writes the corpus anew.
 *
 * `--target` is the beginning of a target's name, all if it is missing; each is searched for as long.
 * `--seed` is another search, `--missed` tells what no input runs. What breaks a property is kept as `found-...`, and the tests fail until
 * that is mended.
 */
import { parseArgs } from "node:util";
import { seededRng } from "../sim/rng.ts";
import { keepFinding, readCorpus, writeCorpus } from "./corpus.ts";
import { openCoverage } from "./coverage.ts";
import { explore } from "./explore.ts";
import { targets } from "./targets.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string", default: "" },
    seconds: { type: "string", default: "30" },
    missed: { type: "boolean", default: false },
    seed: { type: "string", default: String(Date.now() % 2 ** 32) },
  },
});
const meant = targets.filter(({ name }) => name.startsWith(values.target));
if (meant.length === 0)
  throw new Error(`the targets are ${targets.map(({ name }) => name).join(", ")}`);
console.log(`seed ${values.seed}`);
const coverage = openCoverage();

for (const target of meant) {
  const corpus = readCorpus(target.name);
  const rng = seededRng(Number(values.seed));
  const seconds = Number(values.seconds);
  const explored = explore({ target, corpus, seconds, rng, coverage });
  writeCorpus(target.name, explored.corpus);
  const bytes = explored.corpus.reduce((sum, input) => sum + input.length, 0);
  console.log(
    `${target.name}: ${explored.executions} executions, ways: ${explored.before} before, ` +
      `${explored.after} after; ${explored.corpus.length} inputs, ${bytes} bytes; ` +
      `${explored.missed.length} blocks of what they call never run; ` +
      `the slowest took ${Math.round(explored.slowestMs)} ms; ${explored.findings.length} findings`,
  );
  if (values.missed) console.log(`  never run: ${explored.missed.join(" ")}`);
  for (const { input, error } of explored.findings) {
    console.log(`${keepFinding(target.name, input)}\n${String(error)}\n`);
    process.exitCode = 1;
  }
}
coverage.close();
