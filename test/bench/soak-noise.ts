/**
 * A program that goes before everything else on one processor, and notes when it was late all the
 * same: then the machine itself stood still (a virtual one may), and no daemon can be on time.
 *
 * Prints by how many milliseconds, each time, and 0 at the beginning. Never ends.
 */
import { goRealtime } from "../../src/linux/realtime.ts";
import { monotonicMs } from "../netns/lab/until.ts";

const EVERY_MS = 2;
const WORTH_MS = 1;

const refused = goRealtime(90);
if (refused !== undefined) throw new Error(`${refused.call}: ${refused.errno}`);
const nothing = new Int32Array(new SharedArrayBuffer(4));
console.log("0");
for (let due = monotonicMs() + EVERY_MS; ; due += EVERY_MS) {
  Atomics.wait(nothing, 0, 0, Math.max(0, due - monotonicMs()));
  const late = monotonicMs() - due;
  if (late > WORTH_MS) console.log(late.toFixed(1));
  // What was missed is not made up for.
  if (late > EVERY_MS) due = monotonicMs();
}
