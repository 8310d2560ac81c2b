/**
 * `npm run sim -- --seeds N --first SEED`: many seeds, outside of the test runner.
 */
import { parseArgs } from "node:util";
import { runSeed } from "./run-seed.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "2000" },
    first: { type: "string", default: "1" },
  },
});
const first = Number(values.first);
const count = Number(values.seeds);
const began = performance.now();
const failures: number[] = [];

for (let seed = first; seed < first + count; seed++) {
  try {
    runSeed(seed);
  } catch (error) {
    failures.push(seed);
    if (failures.length <= 3) console.log(`${String(error)}\n`);
  }
}

const took = ((performance.now() - began) / 1000).toFixed(1);
console.log(`sim: ${count} seeds from ${first}, ${failures.length} failed, ${took} s`);
if (failures.length > 0) {
  console.log(`failed: ${failures.slice(0, 50).join(" ")}`);
  process.exitCode = 1;
}
