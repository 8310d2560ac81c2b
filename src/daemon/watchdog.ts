/**
 * The watchdog of the `watchdog` line: fed by turns, so that a loop that hangs does not feed it.
 *
 * It restarts the machine deadtime after the last turn, which is when the peer takes over: what this
 * node still holds then is gone. A daemon that crashes leaves it running on purpose; the next one,
 * which systemd starts at once, goes on feeding it.
 */
import type { Notice } from "../core/index.ts";
import type { Errno, Watchdog } from "../linux/index.ts";
import { now, openWatchdog } from "../linux/index.ts";
import type { Instant, Millis } from "../std/time.ts";
import { elapsed } from "../std/time.ts";

export interface WatchdogConfig {
  readonly device: string;
  readonly keepalive: Millis;
  readonly deadtime: Millis;
}

export interface Feeding {
  /** At the end of a turn. */
  turned(): void;
  /** Other times, or another device. */
  reconfigure(config: WatchdogConfig | undefined): void;
  /** An orderly stop: nobody will feed it any more. */
  disarm(): void;
}

interface Armed {
  readonly config: WatchdogConfig;
  readonly watchdog: Watchdog;
  fedAt: Instant;
  isBroken: boolean;
}

/**
 * What cannot be opened is told, and done without.
 *
 * @param open - what opens the device, where there is no kernel that has one
 */
export function openFeeding(
  first: WatchdogConfig | undefined,
  tell: (notice: Notice) => void,
  open: typeof openWatchdog = openWatchdog,
): Feeding {
  const arm = (config: WatchdogConfig | undefined): Armed | undefined =>
    config && start(config, tell, open);
  let armed = arm(first);
  return {
    turned() {
      if (armed !== undefined) feed(armed, tell);
    },
    reconfigure(config) {
      if (JSON.stringify(config) === JSON.stringify(armed?.config)) return;
      armed?.watchdog.disarm();
      armed = arm(config);
    },
    disarm() {
      armed?.watchdog.disarm();
      armed = undefined;
    },
  };
}

/** As the original has it: deadtime and 10 ms, in whole seconds, rounded up. */
export function timeoutSeconds(deadtime: Millis): number {
  return Math.ceil((deadtime + 10) / 1000);
}

function start(
  config: WatchdogConfig,
  tell: (notice: Notice) => void,
  open: typeof openWatchdog,
): Armed | undefined {
  const { device, deadtime } = config;
  const opened = open(device);
  if (!opened.ok) {
    tell({ code: "watchdog-failed", device, reason: reasonOf(opened.error) });
    return undefined;
  }
  const watchdog = opened.value;
  const set = watchdog.setLimit(timeoutSeconds(deadtime));
  // Some drivers have one time only: better that one than none.
  if (set.ok) tell({ code: "watchdog-armed", device, seconds: set.value });
  else tell({ code: "watchdog-failed", device, reason: reasonOf(set.error) });
  watchdog.feed();
  return { config, watchdog, fedAt: now(), isBroken: false };
}

function feed(armed: Armed, tell: (notice: Notice) => void): void {
  const { device, keepalive } = armed.config;
  // Turns come a little early or late: half a keepalive is once for each, however many turns there are.
  if (elapsed(armed.fedAt, now()) < keepalive / 2) return;
  armed.fedAt = now();
  const fed = armed.watchdog.feed();
  if (!fed.ok && !armed.isBroken) {
    tell({ code: "watchdog-failed", device, reason: reasonOf(fed.error) });
  }
  armed.isBroken = !fed.ok;
}

function reasonOf({ call, errno }: Errno): string {
  return `${call}: ${errno}`;
}
