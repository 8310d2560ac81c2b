/**
 * The command line: asks the running daemon over the control socket, and prints what an operator
 * reads. Knows nothing of the daemon's inside; what it needs of it is handed in as `Parts`.
 *
 * Every command is a file of its own that is loaded when it is used, so that `status` starts fast.
 */
export { exitCodes } from "./exit-codes.ts";
export { main } from "./main.ts";
export { argumentsOf } from "./old-names.ts";
export type { FileFault, Options, Parts, SourceFiles } from "./parts.ts";
export type { Terminal } from "./terminal.ts";
export { terminalOf } from "./terminal.ts";
