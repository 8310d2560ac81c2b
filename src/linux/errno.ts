/**
 * What the kernel answers when it refuses, as a value.
 */
import { getSystemErrorName } from "node:util";

/** A system call that failed. */
export interface Errno {
  /** The call and what it was about: `bind`, `setsockopt SO_BINDTODEVICE`. */
  readonly call: string;
  /** The name of errno(3), `ENODEV`. */
  readonly errno: string;
}

/** Of an error that node:fs has thrown. */
export function errnoFrom(call: string, error: unknown): Errno {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  return { call, errno: code };
}

/** @param number - positive, as errno(3) has it */
export function errnoOf(call: string, number: number): Errno {
  return { call, errno: getSystemErrorName(-number) };
}
