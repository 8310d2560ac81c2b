/**
 * An alarm at a moment of the daemon's clock (timerfd_create(2)), some 0.2 ms after it: a timer of Node
 * counts whole milliseconds, is up to two late, and stands still while the machine is suspended.
 */
import { assert } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import { CLOCK_BOOTTIME } from "./clock.ts";
import { close, createTimer, setTimer, whenReadable } from "./syscall.ts";

export interface Alarm {
  /**
   * Calls back from the event loop at this moment, or at once if it has passed. What was set before is
   * forgotten. Goes off again and again until it is set anew.
   */
  set(at: Instant): void;
  close(): void;
}

export function openAlarm(onDue: () => void): Alarm {
  const created = createTimer(CLOCK_BOOTTIME);
  assert(created.ok, "a kernel that has timers of CLOCK_BOOTTIME");
  const fd = created.value;
  const stop = whenReadable(fd, onDue);
  let awaited: Instant | undefined;
  return {
    set(at) {
      // Most turns change nothing of what comes next. What has passed goes off again by itself.
      if (at === awaited) return;
      awaited = at;
      writeMoment(at);
      setTimer(fd, moment);
    },
    close() {
      stop();
      close(fd);
    },
  };
}

/** struct itimerspec: it_interval, which stays zero, and it_value, each of two 64-bit numbers. */
const moment = Buffer.alloc(32);

/** Never before it is due, so rounded up to the microsecond; zero would disarm it. */
function writeMoment(at: Instant): void {
  const micros = Math.min(Math.max(1, Math.ceil(at * 1000)), LATEST_MICROS);
  moment.writeUIntLE(Math.floor(micros / 1e6), 16, 6);
  moment.writeUInt32LE((micros % 1e6) * 1000, 24);
}

/** `never` is to be written too. So it is in 285 years. */
const LATEST_MICROS = Number.MAX_SAFE_INTEGER;
