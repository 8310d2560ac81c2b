/**
 * The flags of V8 with which the daemon is on time.
 *
 * They stand in the first line of the program too (`#!`), so that it need not be started twice. Most of
 * them cannot be set in a process that runs (node:v8 setFlagsFromString).
 */

/** Node's, before the name of the program. */
export const engineFlags: readonly string[] = [
  // The main thread collects and compiles by itself. Otherwise it waits for V8's other threads, which
  // on a busy machine do not get a processor: heartbeats came 0.4 s late.
  "--single-threaded",
  // MiB. What is collected at once is little, and so is the pause.
  "--max-semi-space-size=2",
  // What is seldom run, a takeover, need not be compiled again.
  "--no-flush-bytecode",
];

/**
 * Becomes the same program with the flags, in the same process, and does not come back, unless it has
 * them already.
 */
export function demandFlags(): void {
  const { execPath, execArgv, argv, env } = process;
  const missing = engineFlags.filter((flag) => !execArgv.includes(flag));
  if (missing.length === 0) return;
  // Not to be had in a Worker, nor before Node 22.15; types as of Node 24.
  process.execve?.(execPath, [execPath, ...execArgv, ...missing, ...argv.slice(1)], env);
}
