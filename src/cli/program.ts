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
  readonly yes?: boolean;
  readonly migration?: boolean;
  readonly for?: string;
  readonly reason?: string;
  readonly within?: string;
}

export function newProgram(context: Context): Command {
  const program = newRoot(context);
  addStatus(program, context);
  addMoves(program, context);
  addConfirm(program, context);
  addMaintenance(program, context);
  addRestart(program, context);
  addCheck(program, context);
  addHistory(program, context);
  addDaemon(program, context);
  addOldNames(program, context);
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
    .option("--heartbeat-dir <dir>", "where the original keeps its own", "/var/lib/heartbeat")
    .option("--node <name>", "this node's name, as ha.cf has it", node);
  return withOneLineErrors(program, terminal);
}

function addStatus(program: Command, context: Context): void {
  const { terminal, finish } = context;
  addCommand(program, context, "status")
    .description("who holds what since when and why, could the standby take it, is anything wrong")
    .option("--json", "print the report as JSON, version 1")
    .option("--watch", "print it anew every second, until Ctrl-C")
    .addHelpText("after", "\nExit status: 0 all well, 1 degraded, 2 nobody answers, 3 not running.")
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

function addConfirm(program: Command, context: Context): void {
  const { terminal, finish } = context;
  addCommand(program, context, "confirm")
    .description("give your word that a dead node is off, which nothing else could make sure of")
    .argument("<node>", "the node's name")
    .option("--yes", "do not ask back")
    .addHelpText("after", "\nExit status: 0 done, 1 refused or failed, 3 not running.")
    .action(async (node: string, _, command: Command) => {
      const flags = flagsOf(command);
      const { confirm } = await import("./confirm.ts");
      finish(await confirm(flags, { node, yes: flags.yes === true }, terminal));
    });
}

function addMaintenance(program: Command, context: Context): void {
  const { terminal, finish } = context;
  addCommand(program, context, "maintenance")
    .description("let nothing move by itself, on all nodes; without a word, say how it is")
    .addArgument(new Argument("[word]", "on or off").choices(["on", "off"]))
    .option("--for <time>", "end it after this time: 90s, 15min, 2h, 1h30m")
    .option("--reason <text>", "what everybody is to read in the status")
    .addHelpText(
      "after",
      "\nExit status: 0 done, 1 refused, or a peer does not know of it, 3 not running.",
    )
    .action(async (word: "on" | "off" | undefined, _, command: Command) => {
      const flags = flagsOf(command);
      const { sayMaintenance, showMaintenance } = await import("./maintenance.ts");
      if (word !== "on" && (flags.for !== undefined || flags.reason !== undefined)) {
        command.error("error: --for and --reason belong to 'maintenance on'");
      }
      if (word === undefined) return finish(await showMaintenance(flags, terminal));
      const forMs = flags.for === undefined ? undefined : await durationOf(command, flags.for);
      const wish = { on: word === "on", forMs, reason: flags.reason ?? "" };
      return finish(await sayMaintenance(flags, wish, terminal));
    });
}

function addRestart(program: Command, context: Context): void {
  const { terminal, parts, finish } = context;
  addCommand(program, context, "restart")
    .description("have the daemon replaced by a new one, without moving anything")
    .option("--within <time>", "how long the peers hold off", "15s")
    .addHelpText(
      "after",
      "\nExit status: 0 it is back, 1 refused or not back in time, 3 not running.",
    )
    .action(async (_, command: Command) => {
      const flags = flagsOf(command);
      const withinMs = await durationOf(command, flags.within ?? "");
      const { restart } = await import("./restart.ts");
      const files = await parts.readFiles(flags.haDir);
      finish(await restart(flags, { withinMs, files }, terminal));
    });
}

/** What is no length of time is a mistake in the arguments. */
async function durationOf(command: Command, text: string): Promise<number> {
  const { parseDuration } = await import("./duration.ts");
  const duration = parseDuration(text);
  return duration.ok ? duration.value : command.error(`error: ${duration.error}`);
}

function addMove(program: Command, context: Context, type: "takeover" | "standby"): Command {
  const { terminal, finish } = context;
  const which = new Argument("[which]", selections[type]).default("all");
  return addCommand(program, context, type)
    .addArgument(which)
    .option("--wait", "return when it is done, and say how long it took")
    .addHelpText(
      "after",
      "\nExit status: 0 done, 1 refused or failed, 3 not running, 64 no such group.",
    )
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
    .option("--migration", "say too what the files of a heartbeat node mean here")
    .addHelpText("after", "\nExit status: 0 clean, 1 warnings, 2 errors.")
    .action(async (_, command: Command) => {
      const flags = flagsOf(command);
      const { check } = await import("./check.ts");
      const files = await parts.readFiles(flags.haDir);
      const programFault = await parts.programFault();
      const fenceFault = await parts.fenceFault();
      const json = flags.json === true;
      const respawnFaults = await parts.respawnFaults();
      const askWitness = await parts.askWitness();
      const programPath = flags.migration === true ? await parts.programPath() : undefined;
      const faults = { programFault, programPath, fenceFault, respawnFaults, askWitness };
      finish(await check(flags, { files, ...faults, json }, terminal));
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
      "\nExit status: 0 after an orderly stop, 1 could not run, 2 bad configuration, 70 a bug of ours, 75 to be started again.",
    )
    .action(async (_, command: Command) => finish(await parts.runDaemon(flagsOf(command))));
  addCommand(program, context, "release")
    .description("remove the addresses and the lease that a dead daemon left, and nothing else")
    .addHelpText("after", "\nExit status: 0 done, 1 an address could not be removed.")
    .action(async () => finish(await parts.release()));
}

/** Their arguments are read by the commands themselves, as heartbeat's own read them. */
function addOldNames(program: Command, context: Context): void {
  const { terminal, finish } = context;
  for (const name of ["hb_takeover", "hb_standby"] as const) {
    addCommand(program, context, name)
      .description(`${name.slice("hb_".length)}, called as heartbeat's own command is`)
      .argument("[words...]", "all, local, foreign or failback; all if it is left out")
      .addHelpText(
        "after",
        "\nExit status: 0 asked, whatever comes of it, 1 bad arguments or not running.",
      )
      .helpOption(false)
      .allowUnknownOption()
      .action(async (args: readonly string[], _, command: Command) => {
        const { hbMove } = await import("./hb-move.ts");
        finish(await hbMove(flagsOf(command), { name, args }, terminal));
      });
  }
  addCommand(program, context, "cl_status")
    .description("the status in heartbeat's words, called as its own command is")
    .argument("[words...]", "a sub-command, its options and parameters; see 'cl_status -h'")
    .addHelpText(
      "after",
      "\nExit status: 0 yes, 1 no or not running, 11 bad parameters, 12 no answer, 13 unknown.",
    )
    .helpOption(false)
    .allowUnknownOption()
    .action(async (args: readonly string[], _, command: Command) => {
      const { clStatus } = await import("./cl-status/command.ts");
      finish(await clStatus(flagsOf(command), args, terminal));
    });
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
