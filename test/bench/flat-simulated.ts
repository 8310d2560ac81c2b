/**
 * The core and the wire format of a pair through simulated days: a heartbeat a second, and in every hour
 * all that may happen to a pair (test/sim/month.ts). What is left after a collection is looked at.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { beginMonth, censusOf } from "../sim/month.ts";
import { trendOf } from "./trend.ts";

interface Sample {
  readonly day: number;
  /** In KiB. */
  readonly heap: number;
  readonly buffers: number;
  /** In lists, sets and maps of the state of the daemon that runs all the time. */
  readonly entries: number;
}

const HOURS = 24;

/** What the simulator itself keeps, and what V8 finds out about its own code, comes and goes. */
const BREATH_KIB = 1024;

/** @returns whether nothing has grown */
export function runSimulated(days: number): boolean {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (!isCallable(collect)) throw new Error("V8 does not let us collect");
  const month = beginMonth();
  const samples: Sample[] = [];
  for (let day = 1; day <= days; day++) {
    for (let hour = 0; hour < HOURS; hour++) month.round(60 / month.happenings);
    month.world.trace.length = 0;
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    const entries = [...censusOf(month.state()).values()].reduce((sum, size) => sum + size, 0);
    const sample = { day, heap: heapUsed / 1024, buffers: arrayBuffers / 1024, entries };
    console.log(JSON.stringify(sample));
    samples.push(sample);
  }
  return judge(samples);
}

function isCallable(value: unknown): value is () => void {
  return typeof value === "function";
}

/** The first third is for compilers and caches. */
function judge(samples: readonly Sample[]): boolean {
  const settled = samples.slice(Math.floor(samples.length / 3));
  const heap = trendOf(settled.map((each) => [each.day, each.heap]));
  const buffers = trendOf(settled.map((each) => [each.day, each.buffers]));
  const entries = trendOf(settled.map((each) => [each.day, each.entries]));
  const text = ({ least, most, slope }: typeof heap): string =>
    `${least.toFixed(0)} to ${most.toFixed(0)} KiB, ${slope.toFixed(1)} KiB a day`;
  console.log(`${samples.length} days, the first third left out
  heap     ${text(heap)}
  buffers  ${text(buffers)}
  entries  ${entries.least} to ${entries.most}`);
  const isFlat =
    heap.later - heap.earlier < BREATH_KIB &&
    buffers.later - buffers.earlier < BREATH_KIB &&
    entries.later <= entries.earlier;
  console.log(`  ${isFlat ? "flat" : "NOT FLAT"}`);
  return isFlat;
}
