/**
 * The commands, their arguments and their help. What a command does is in a file of its own, loaded
 * when it is called.
 */
import { Argument, Command } from "commander";
import { clean, parseSelection, selections } from "../control/index.ts";
import type { Options, Parts } from "./parts.ts";
import type { Terminal } from "./terminal.ts";

/** What every command needs. */
export interface Context {
  readonly terminal: Terminal;
  readonly parts: Parts;
  /** This node's name, unless `--node` gives another. */
  readonly node: string;
  /** Called once, with the exit status. */
  readonly finish: (code: number) => void;
}

/** All options that there are; commander refuses those that a command does not have. */
interface Flags extends Options {
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly wait?: boolean;
}

export function newProgram(context: Context): Command {
  const program = newRoot(context);
  addStatus(program, context);
  addMoves(program, context);
  addCheck(program, context);
  addHistory(program, context);
  addDaemon(program, context);
  return program;
}

function newRoot({ terminal, parts, node }: Context): Command {
  const program = new Command("understudy")
    .description("Heartbeat-style failover: moves a virtual IP and its services to a living node.")
    .version(parts.version, "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ writeOut: terminal.out, writeErr: () => undefined });
  program
    .option("--ha-dir <dir>", "where ha.cf, haresources and authkeys are", "/etc/ha.d")
    .option("--run-dir <dir>", "where the control socket is", "/run/understudy")
    .option("--state-dir <dir>", "where the generation is kept", "/var/lib/understudy")
    .option("--node <name>", "this node's name, as ha.cf has it", node);
  return withOneLineErrors(program, terminal);
}

function addStatus(program: Command, context: Context): void {
  const { terminal, finish } = context;
  addCommand(program, context, "status")
    .description("who holds what since when and why, could the standby take it, is anything wrong")
    .option("--json", "print the report as JSON, version 1")
    .option("--watch", "print it anew every second, until Ctrl-C")
    .addHelpText("after", "\nExit status: 0 all well, 1 degraded, 2 held by nobody, 3 not running.")
    .action(async (_, command: Command) => {
      const flags = flagsOf(command);
      const json = flags.json === true;
      if (flags.watch === true) {
        const { watch } = await import("./watch.ts");
        const stop = AbortSignal.any([untilInterrupted(), terminal.closed]);
        finish(await watch(flags, { json, stop }, terminal));
      } else {
        const { status } = await import("./status.ts");
        finish(await status(flags, { json }, terminal));
      }
    });
}

function addMoves(program: Command, context: Context): void {
  addMove(program, context, "takeover").description(
    "take groups; the node that holds them gives them up",
  );
  addMove(program, context, "standby").description("give up groups; the other node takes them");
}

function addMove(program: Command, context: Context, type: "takeover" | "standby"): Command {
  const { terminal, finish } = context;
  const which = new Argument("[which]", selections[type]).default("all");
  return addCommand(program, context, type)
    .addArgument(which)
    .option("--wait", "return when it is done, and say how long it took")
    .addHelpText("after", "\nExit status: 0 done, 1 refused or failed, 3 not running.")
    .action(async (word: string, _, command: Command) => {
      const selected = parseSelection(type, word);
      if (!selected.ok) command.error(`error: '${clean(word)}': ${selected.error.message}`);
      const flags = flagsOf(command);
      const { move } = await import("./move.ts");
      finish(await move(flags, { type, selection: word, wait: flags.wait === true }, terminal));
    });
}

function addCheck(program: Command, context: Context): void {
  const { terminal, parts, finish } = context;
  addCommand(program, context, "check")
    .description("read the files as the daemon would, and look at this host")
    .option("--json", "print what was found as JSON, version 1")
    .addHelpText("after", "\nExit status: 0 clean, 1 warnings, 2 errors.")
    .action(async (_, command: Command) => {
      const flags = flagsOf(command);
      const { check } = await import("./check.ts");
      const files = await parts.readFiles(flags.haDir);
      const programFault = await parts.programFault();
      finish(check(flags, { files, programFault, json: flags.json === true }, terminal));
    });
  addCommand(program, context, "keygen")
    .description("print a fresh authkeys file")
    .addHelpText("after", "\nExit status: 0 done.")
    .action(async () => {
      const { keygen } = await import("./keygen.ts");
      finish(keygen(terminal));
    });
}

function addHistory(program: Command, context: Context): void {
  const { terminal, finish } = context;
  addCommand(program, context, "history")
    .description("what happened on this node, oldest first")
    .option("--json", "print it as JSON, version 1")
    .addHelpText("after", "\nExit status: 0 done, 3 not running.")
    .action(async (_, command: Command) => {
      const flags = flagsOf(command);
      const { history } = await import("./history.ts");
      finish(await history(flags, { json: flags.json === true }, terminal));
    });
  addCommand(program, context, "why")
    .description("why a group is where it is, and what each phase of its last move took")
    .argument("[group]", "a group's name; all groups if it is left out")
    .option("--json", "print it as JSON, version 1")
    .addHelpText("after", "\nExit status: 0 done, 3 not running, 64 no such group.")
    .action(async (group: string | undefined, _, command: Command) => {
      const flags = flagsOf(command);
      const { why } = await import("./why.ts");
      finish(await why(flags, { group, json: flags.json === true }, terminal));
    });
}

function addDaemon(program: Command, context: Context): void {
  const { parts, finish } = context;
  addCommand(program, context, "run")
    .description("run the daemon, in the foreground")
    .addHelpText(
      "after",
      "\nExit status: 0 after an orderly stop, 1 could not run, 2 bad configuration, 70 a bug of ours.",
    )
    .action(async (_, command: Command) => finish(await parts.runDaemon(flagsOf(command))));
  addCommand(program, context, "release")
    .description("remove the addresses that a dead daemon left, and nothing else")
    .addHelpText("after", "\nExit status: 0 done, 1 an address could not be removed.")
    .action(async () => finish(await parts.release()));
}

function addCommand(program: Command, { terminal }: Context, name: string): Command {
  return withOneLineErrors(
    program.command(name).helpOption("-h, --help", "print this help"),
    terminal,
  );
}

/** A mistake in the arguments is one line: what is wrong, then where to look. */
function withOneLineErrors(command: Command, { err }: Terminal): Command {
  return command.configureOutput({
    outputError: (text) => {
      const name = command.parent === null ? "understudy" : `understudy ${command.name()}`;
      const what = clean(text.trim()).replace(/^error: |\.$/gu, "");
      err(`understudy: ${what}; see '${name} --help'\n`);
    },
  });
}

function flagsOf(command: Command): Flags {
  return command.optsWithGlobals<Flags>();
}

/** Ctrl-C, and what systemd or a closed terminal sends, end a watch in good order. */
function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.once(signal, () => controller.abort());
  }
  return controller.signal;
}
