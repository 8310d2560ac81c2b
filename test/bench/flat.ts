/**
 * `npm run bench -- flat`: whether anything of the daemon grows. Of real ones on a clock of this machine
 * (`flat-real.ts`), or of the core's in a simulated month (`flat-simulated.ts`).
 *
 *     npm run bench -- flat --hours 1 --keepalive 10ms
 *     npm run bench -- flat --simulated 30d
 *
 * Ends with exit status 1 if something has grown.
 */
import { parseArgs } from "node:util";
import { missingRequirement } from "../netns/lab/requirements.ts";
import { runReal } from "./flat-real.ts";
import { runSimulated } from "./flat-simulated.ts";

export async function main(args: readonly string[]): Promise<0 | 1> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hours: { type: "string", default: "1" },
      keepalive: { type: "string", default: "10ms" },
      deadtime: { type: "string", default: "1000ms" },
      /** Days of a simulated pair: no real one then. */
      simulated: { type: "string" },
    },
  });
  if (values.simulated !== undefined) return runSimulated(daysOf(values.simulated)) ? 0 : 1;
  const missing = missingRequirement();
  if (missing !== undefined) {
    console.error(`flat: ${missing}`);
    return 1;
  }
  const { keepalive, deadtime } = values;
  return (await runReal({ minutes: Number(values.hours) * 60, keepalive, deadtime })) ? 0 : 1;
}

/** `30d` */
function daysOf(text: string): number {
  const [, days] = /^(\d+)d$/.exec(text) ?? [];
  if (days === undefined) throw new Error(`--simulated takes days like 30d, not ${text}`);
  return Number(days);
}
