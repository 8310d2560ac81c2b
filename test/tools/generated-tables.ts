/**
 * The tables of README.md that are made from the program itself, so that none of them can be wrong:
 * directives, commands, log messages.
 */
import type { Command } from "commander";
import type { Terminal } from "../../src/cli/index.ts";
import type { Context } from "../../src/cli/program.ts";
import { newProgram } from "../../src/cli/program.ts";
import { directiveTable } from "../../src/config/index.ts";
import { notices } from "../../src/core/index.ts";

/** By the name between the marks `<!-- name:begin -->` and `<!-- name:end -->`. */
const tables: Readonly<Record<string, () => string>> = {
  directives: directiveTable,
  commands: commandTable,
  messages: messageTable,
};

/**
 * The text with every table as it must be.
 *
 * @throws if the marks of a table are missing
 */
export function withTables(readme: string): string {
  let text = readme;
  for (const [name, table] of Object.entries(tables)) {
    const [begin, end] = [`<!-- ${name}:begin -->\n`, `<!-- ${name}:end -->`];
    const [before, rest] = text.split(begin);
    const after = rest?.split(end)[1];
    if (before === undefined || after === undefined) throw new Error(`no marks of ${name}`);
    text = `${before}${begin}${table()}${end}${after}`;
  }
  return text;
}

/** The program with all its commands. What it would print is in `printed`; nothing is carried out. */
export function programOf(printed: string[] = []): Command {
  const terminal: Terminal = {
    out: (text) => printed.push(text),
    err: () => undefined,
    interactive: false,
    paint: (_, text) => text,
    closed: new AbortController().signal,
  };
  const parts = {
    version: "",
    runDaemon: nothing,
    release: nothing,
    programFault: nothing,
    programPath: nothing,
    respawnFaults: nothing,
    askWitness: nothing,
    fenceFault: nothing,
    readFiles: nothing,
  };
  const context: Context = { terminal, parts, node: "uname -n", finish: () => undefined };
  return newProgram(context);
}

function nothing(): Promise<never> {
  return Promise.reject(new Error("a table is only printed"));
}

function commandTable(): string {
  const printed: string[] = [];
  const rows = programOf(printed).commands.map((command) => {
    printed.length = 0;
    command.outputHelp();
    const status = /^Exit status: (.*)\.$/m.exec(printed.join(""))?.[1] ?? "";
    const args = command.registeredArguments.map((each) => ` [${each.name()}]`).join("");
    const options = command.options.map(({ flags }) => `\`${flags}\``).join(" ");
    return [`\`${command.name()}${args}\``, command.description(), options, status];
  });
  return markdown(["command", "does", "options", "exit status"], rows);
}

function messageTable(): string {
  const rows = Object.entries(notices).map(([code, [level, sentence]]) => [
    `\`${code}\``,
    level,
    sentence,
  ]);
  return markdown(["code", "level", "message"], rows);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, head.map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}
