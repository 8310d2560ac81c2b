/**
 * A program that goes before everything else on one processor, and notes when it was late all the
 * same: then the machine itself stood still (a virtual one may), and no daemon can be on time.
 *
 * Prints, each time, the moment (milliseconds of the wall clock) and for how many milliseconds; "ready"
 * at the beginning. Never ends.
 */
import { goRealtime } from "../../src/linux/realtime.ts";
import { monotonicMs } from "../netns/lab/until.ts";

const EVERY_MS = 2;
const WORTH_MS = 1;

const refused = await goRealtime(90);
if (refused !== undefined) throw new Error(`${refused.call}: ${refused.errno}`);
const nothing = new Int32Array(new SharedArrayBuffer(4));
console.log("ready");
for (let due = monotonicMs() + EVERY_MS; ; due += EVERY_MS) {
  Atomics.wait(nothing, 0, 0, Math.max(0, due - monotonicMs()));
  const late = monotonicMs() - due;
  if (late > WORTH_MS) console.log(`${Date.now()} ${late.toFixed(1)}`);
  // What was missed is not made up for.
  if (late > EVERY_MS) due = monotonicMs();
}
