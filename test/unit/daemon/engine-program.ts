/**
 * A program: demands the daemon's flags, works for a while, and says what it is and what V8's other
 * threads have done meanwhile.
 */
import { readFileSync, readdirSync } from "node:fs";
import { demandFlags } from "../../../src/daemon/engine.ts";

// Stays the same if the program becomes another.
const { pid } = process;
if (process.env["DEMAND"] !== "no") demandFlags();

const before = switches();
let heap: object[] = [];
for (let count = 0; count < 300_000; count += 1) {
  heap.push({ text: JSON.stringify({ count }) });
  if (heap.length > 20_000) heap = heap.filter((_, index) => index % 3 === 0);
}
console.log(JSON.stringify({ pid, words: process.argv.slice(2), switches: switches() - before }));

/** How often a thread of V8 got a processor, all in all (proc_pid_status(5)). */
function switches(): number {
  const counts = readdirSync("/proc/self/task").flatMap((thread) => {
    const status = readFileSync(`/proc/self/task/${thread}/status`, "latin1");
    if (!/^Name:\s+V8Worker/m.test(status)) return [];
    return [...status.matchAll(/ctxt_switches:\s+(\d+)/g)].map(([, count]) => Number(count));
  });
  if (counts.length === 0) throw new Error("V8 has no threads");
  return counts.reduce((sum, count) => sum + count, 0);
}
