/**
 * What systemd is told at the end of turns: that the daemon is there, and that it lives.
 */
import { notify, now } from "../linux/index.ts";

export interface SystemdOptions {
  /** NOTIFY_SOCKET, and the interval at which systemd wants to be fed (sd_watchdog_enabled(3)). */
  readonly notifySocket: string | undefined;
  readonly watchdogMs: number | undefined;
}

/** READY when the first turn is done; then a sign of life at the end of turns, not more often. */
export function feeder({ notifySocket, watchdogMs }: SystemdOptions): () => void {
  let isReady = false;
  let fedAt = 0;
  return () => {
    if (!isReady) {
      isReady = true;
      notify(notifySocket, "READY=1");
    }
    if (watchdogMs === undefined || now() - fedAt < watchdogMs / 4) return;
    fedAt = now();
    notify(notifySocket, "WATCHDOG=1");
  };
}
