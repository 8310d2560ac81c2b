/**
 * From the arguments to an exit status.
 */
import { hostname } from "node:os";
import { CommanderError } from "commander";
import { exitCodes } from "./exit-codes.ts";
import type { Parts } from "./parts.ts";
import { newProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";

/**
 * @param args - without the program's own name
 * @returns the exit status; 64 if the arguments make no sense, which one line on stderr explains
 */
export async function main(
  args: readonly string[],
  terminal: Terminal,
  parts: Parts,
): Promise<number> {
  let exitStatus = 0;
  const finish = (code: number): void => {
    exitStatus = code;
  };
  const program = newProgram({ terminal, parts, node: hostname(), finish });
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    if (error.code === "commander.help") terminal.err(`understudy: ${withoutCommand(args)}\n`);
    return exitCodes.usage;
  }
  return exitStatus;
}

/** The only mistakes for which commander has no line of its own, but the whole help. */
function withoutCommand(args: readonly string[]): string {
  if (args.includes("help")) return "there is no such command; see 'understudy --help'";
  return "what is to be done? Write 'understudy status', or see 'understudy --help'";
}
