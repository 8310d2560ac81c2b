/**
 * The names under which heartbeat's own commands are known to fingers, scripts and monitors. The
 * program answers to them as commands, `understudy cl_status`, and when it is called by them.
 */
import { basename } from "node:path";

/** Of `ls /usr/bin/cl_status /usr/share/heartbeat/hb_*`: those that mean something here. */
export const oldNames: readonly string[] = ["hb_takeover", "hb_standby", "cl_status"];

/**
 * The program's arguments; behind a symbolic link with an old name, that name is the first.
 *
 * @param argv - Node's: the runtime, the program as it was called, its arguments
 */
export function argumentsOf(argv: readonly string[]): readonly string[] {
  const [, called = "", ...args] = argv;
  const name = basename(called);
  return oldNames.includes(name) ? [name, ...args] : args;
}
