#!/usr/bin/env node
/**
 * The program's entry: hands the parts to the command line, and ends with its exit status.
 */
import { readFileSync } from "node:fs";
import { argumentsOf, exitCodes, main, terminalOf } from "./cli/index.ts";

try {
  const version = packageVersion();
  process.exitCode = await main(argumentsOf(process.argv), terminalOf(process), {
    version,
    runDaemon: async (options) => {
      (await import("./daemon/engine.ts")).demandFlags();
      return (await import("./daemon/index.ts")).runDaemon({ ...options, version });
    },
    release: async () => (await import("./daemon/release.ts")).releaseAddresses(),
    respawnFaults: async () => (await import("./daemon/respawn-fault.ts")).respawnFaults,
    fenceFault: async () => (await import("./daemon/fence.ts")).fenceFault,
    // What asks is loaded when a witness is to be asked.
    askWitness: async () => async (witness) =>
      (await import("./daemon/etcd/ask.ts")).askWitness(witness),
    programFault: async () => (await import("./daemon/programs.ts")).programFault,
    programPath: async () => (await import("./daemon/programs.ts")).programPath,
    readFiles: async (haDir) => (await import("./daemon/config-files.ts")).readFiles(haDir),
  });
} catch (error) {
  process.stderr.write(`understudy: a bug of ours: ${stackOf(error)}\n`);
  process.exitCode = exitCodes.bug;
}

/** The package's, which lies beside src and dist alike. */
function packageVersion(): string {
  const text = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return /"version": "([^"]*)"/u.exec(text)?.[1] ?? "unknown";
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
