/**
 * The flags of V8 with which the daemon is on time.
 *
 * The package's launcher has them, so that the installed daemon need not start twice; commands start
 * sooner without. They cannot be set in a process that runs: what they switch off has begun by then (node:v8
 * setFlagsFromString changes nothing of it, or ends the process).
 */

/** Of `node`, before the name of the program. */
export const engineFlags: readonly string[] = [
  // The main thread collects and compiles by itself. Otherwise it waits for V8's other threads, which
  // on a busy machine get no processor: heartbeats came 0.4 s late.
  "--single-threaded",
  // By Maglev, never by TurboFan: for one long function that took 34 ms, in which nothing is sent.
  "--max-opt=2",
  // MiB. Half the memory of the usual 16, no more time in all, and a collection takes half of one ms.
  "--max-semi-space-size=2",
  // What seldom runs, a takeover, is not forgotten.
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
