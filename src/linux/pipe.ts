/**
 * A pipe for what a program prints (pipe(7), fifo(7)).
 */
import { openSync } from "node:fs";
import type { Result } from "../std/result.ts";
import { ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { close, pipe } from "./syscall.ts";

export interface Pipe {
  /** Does not block. */
  readonly reader: number;
  /**
   * Does not block, and is a reading end too: whoever writes is neither killed by SIGPIPE when the
   * reader has gone, nor stopped when it does not read. What does not fit is lost.
   */
  readonly writer: number;
}

/** include/uapi/asm-generic/fcntl.h */
const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const O_RDWR = 2;

export function openPipe(): Result<Pipe, Errno> {
  const made = pipe(O_NONBLOCK | O_CLOEXEC);
  if (!made.ok) return made;
  const [reader, half] = made.value;
  const writer = openSync(`/proc/self/fd/${half}`, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  close(half);
  return ok({ reader, writer });
}
