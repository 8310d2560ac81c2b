/**
 * `understudy check --migration`: what a directory that was written for heartbeat 3.0.6 means here,
 * line by line, for somebody who is about to replace it on a running pair.
 */
import type { Config, MigrationNote } from "../config/index.ts";
import { directiveNotes, lineNotes } from "../config/index.ts";
import type { Resource } from "../core/index.ts";
import type { Options, ProgramPath, SourceFiles } from "./parts.ts";
import { table } from "./table.ts";
import { plain } from "./terminal.ts";

/** A directive, a resource or a key; as `check --migration --json` has it. */
export interface MigrationEntry {
  readonly about: "directive" | "line" | "resource" | "key";
  readonly effect: MigrationNote["effect"];
  readonly file: string;
  /** 0: the file as a whole. */
  readonly line: number;
  readonly subject: string;
  readonly says: string;
}

/** @param config - undefined: the files have errors, so that there are no resources to speak of */
export function migration(
  { haDir }: Options,
  read: { readonly files: SourceFiles; readonly config: Config | undefined },
  programPath: ProgramPath,
): readonly MigrationEntry[] {
  const { files, config } = read;
  const { haCf, haresources } = files;
  return [
    ...(haCf === undefined ? [] : directiveNotes(haCf)).map((note) => as("directive", note)),
    ...(haresources === undefined ? [] : lineNotes(haresources)).map((note) => as("line", note)),
    ...(config === undefined ? [] : resourceEntries(config, haDir, programPath)),
    ...(config === undefined ? [] : keyEntries(config)),
  ];
}

function as(about: MigrationEntry["about"], note: MigrationNote): MigrationEntry {
  return { about, ...note };
}

function resourceEntries(
  { core }: Config,
  haDir: string,
  programPath: ProgramPath,
): readonly MigrationEntry[] {
  return core.groups
    .flatMap(({ resources }) => resources)
    .map((resource) => ({
      about: "resource",
      effect: effectOf(resource),
      file: "haresources",
      line: 0,
      subject: resource.name,
      says: whatIs(resource, programPath(resource, haDir)),
    }));
}

function effectOf(resource: Resource): MigrationEntry["effect"] {
  return resource.type === "script" ? "same" : "differs";
}

function whatIs(resource: Resource, path: string | undefined): string {
  switch (resource.type) {
    case "address":
      return `an address, added without a script${resource.ip.device === undefined ? guessed : ""}`;
    case "script":
      return path === undefined ? "no script is there for it" : `the script ${path}`;
    case "systemd":
      return `a systemd unit; ${unknownThere}`;
    case "ocf":
      return `the OCF agent ${path ?? "that is not there"}; ${unknownThere}`;
  }
}

/** resource-agents 4.x, IPaddr */
const guessed = ", on the interface of its subnet; heartbeat's IPaddr takes eth0";
const unknownThere =
  "heartbeat does not know it: a node that runs heartbeat cannot hold this group";

function keyEntries({ keys }: Config): readonly MigrationEntry[] {
  const { method } = keys.active;
  const isKnown = method === "crc" || method === "md5" || method === "sha1";
  const says = method === "crc" ? anybody : isKnown ? weak : strong;
  const effect = isKnown ? "same" : "differs";
  return [{ about: "key", effect, file: "authkeys", line: 0, subject: method, says }];
}

const anybody =
  "no signature: whoever can send to this port can take over; write sha1 on both nodes";
const weak = "write a sha256 key when no node runs heartbeat any more: heartbeat does not know it";
const strong = "heartbeat does not know it and refuses to start: write sha1 while a node runs it";

/** The sections, each but an empty one below its heading. */
export function migrationText(entries: readonly MigrationEntry[]): string {
  const of = (effect: MigrationEntry["effect"]): readonly MigrationEntry[] =>
    entries.filter((each) => each.effect === effect && each.says !== "");
  const same = entries.filter(({ says }) => says === "").map(({ subject }) => subject);
  const sections = [
    section("otherwise than in heartbeat 3.0.6", of("differs")),
    section("without effect", of("no-effect")),
    section("as in heartbeat 3.0.6", of("same")),
    same.length === 0 ? "" : `and: ${same.join(", ")}\n`,
    `for every resource group\n${forEvery.map((line) => `  ${line}\n`).join("")}`,
  ];
  return sections.filter((each) => each !== "").join("\n");
}

/** What no line of a file says, and an operator of heartbeat does not expect. */
const forEvery: readonly string[] = [
  "it can be moved alone, by its name; with a peer that runs heartbeat only its whole side can",
  "what does not start is undone, and the other node takes it; heartbeat leaves it down on both",
  "what does not stop keeps its group here, and the machine is not rebooted",
];

function section(heading: string, entries: readonly MigrationEntry[]): string {
  const rows = entries.map(({ file, line, subject, says }) => [
    `  ${line === 0 ? file : `${file}:${line}`}`,
    subject,
    says,
  ]);
  const lines = table(["", "", ""], rows, plain).slice(1);
  return lines.length === 0 ? "" : `${heading}\n${lines.join("\n")}\n`;
}
