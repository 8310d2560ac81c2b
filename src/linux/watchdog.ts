/**
 * The device that restarts the machine when it is not written to for a while
 * (Documentation/watchdog/watchdog-api.rst).
 */
import { closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { errnoFrom } from "./errno.ts";
import { ioctl } from "./syscall.ts";

export interface Watchdog {
  /**
   * After so many seconds without {@link Watchdog.feed} the machine restarts.
   *
   * @returns what the device made of it
   */
  setLimit(seconds: number): Result<number, Errno>;
  feed(): Result<undefined, Errno>;
  /** Disarms it, if its driver allows that. Without this it goes on when the process has ended. */
  disarm(): void;
}

/** include/uapi/linux/watchdog.h: _IOWR('W', 6, int) */
const WDIOC_SETTIMEOUT = 0xc004_5706;

/** From this on it runs. */
export function openWatchdog(path: string): Result<Watchdog, Errno> {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = constants;
  let fd: number;
  try {
    fd = openSync(path, O_WRONLY | O_NONBLOCK | O_NOCTTY);
  } catch (error) {
    return fail(errnoFrom("open", error));
  }
  if (fstatSync(fd).isFile()) {
    // A wrong path: what feeds a device would write over a file.
    closeSync(fd);
    return fail({ call: "open", errno: "ENODEV" });
  }
  return ok({
    setLimit(seconds) {
      const value = Int32Array.of(seconds);
      const set = ioctl(fd, { name: "WDIOC_SETTIMEOUT", number: WDIOC_SETTIMEOUT }, value);
      return set.ok ? ok(value[0] ?? seconds) : set;
    },
    feed: () => write(fd, "\0"),
    disarm() {
      // The magic close: a V as the last thing that is written.
      write(fd, "V");
      closeSync(fd);
    },
  });
}

function write(fd: number, text: string): Result<undefined, Errno> {
  try {
    writeSync(fd, text);
    return ok(undefined);
  } catch (error) {
    return fail(errnoFrom("write", error));
  }
}
