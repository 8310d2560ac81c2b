/**
 * `understudy check`: what `run` would say of the files, and whether this host is fit for them.
 */
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Config, Diagnostic } from "../config/index.ts";
import { readConfig, render } from "../config/index.ts";
import { clean } from "../control/index.ts";
import { checkHost } from "./check-host.ts";
import { witnessFindings } from "./check-witness.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { MigrationEntry } from "./migration.ts";
import { migration, migrationText } from "./migration.ts";
import type {
  AskWitness,
  FenceFault,
  FileFault,
  Options,
  ProgramFault,
  ProgramPath,
  RespawnFaults,
  SourceFiles,
} from "./parts.ts";
import type { Terminal, Tone } from "./terminal.ts";
import { counted } from "./words.ts";

export interface Checked {
  readonly files: SourceFiles;
  readonly programFault: ProgramFault;
  readonly fenceFault: FenceFault;
  readonly respawnFaults: RespawnFaults;
  readonly askWitness: AskWitness;
  readonly json: boolean;
  /** Undefined: nobody asked what becomes of heartbeat's files. */
  readonly programPath: ProgramPath | undefined;
}

/** @returns 0 clean, 1 warnings, 2 errors; what else heartbeat did counts as neither */
export async function check(
  options: Options,
  { files, programFault, fenceFault, respawnFaults, askWitness, json, programPath }: Checked,
  terminal: Terminal,
): Promise<number> {
  const { faults, distrusted, ...sources } = files;
  // A name given on the command line is meant, whatever nodeinfo says.
  const nodeinfo = options.node === hostname() ? sources.nodeinfo : undefined;
  const { value, diagnostics } = readConfig({ ...sources, nodeinfo, hostname: options.node });
  const findings = [
    ...faults.map((fault) => ofWhole(fault, "error", "unreadable-file")),
    ...distrusted.map((fault) => ofWhole(fault, "warning", "untrusted-file")),
    ...diagnostics
      // That it is missing is not the matter with a file that cannot be read.
      .filter(({ code, file }) => code !== "missing-file" || !isFaulty(files, file))
      .map((each) => fromDiagnostic(each, files)),
    ...(value === undefined
      ? []
      : [
          sound(value),
          ...checkHost(value),
          ...programs(value, options.haDir, programFault),
          ...fences(value, fenceFault),
          ...(await respawnFaults(value.duties.respawns)).map(notRun),
          ...(await witnessFindings(value, askWitness)),
        ]),
    ...(programPath === undefined ? heartbeatHint(options) : []),
  ];
  const entries = programPath && migration(options, { files, config: value }, programPath);
  const [errors, warnings] = [count(findings, "error"), count(findings, "warning")];
  terminal.out(
    json ? jsonOf(options.node, findings, entries) : textOf(findings, entries, terminal),
  );
  if (errors > 0) return 2;
  return warnings > 0 ? 1 : 0;
}

/** The original's own file: with it, this directory may have been written for the original. */
function heartbeatHint({ heartbeatDir }: Options): readonly Finding[] {
  if (!existsSync(join(heartbeatDir, "hb_generation"))) return [];
  const message = "heartbeat has run on this node: --migration tells what its files mean here";
  return [finding("ok", "migration", message)];
}

function programs({ core }: Config, haDir: string, fault: ProgramFault): readonly Finding[] {
  return core.groups
    .flatMap(({ resources }) => resources)
    .flatMap((resource) => {
      const found = resource.type === "address" ? undefined : fault(resource, haDir);
      return found === undefined ? [] : [finding(found.severity, "program", found.message)];
    });
}

function fences({ fencePrograms }: Config, fault: FenceFault): readonly Finding[] {
  return fencePrograms.map((program) => {
    const found = fault(program);
    if (found === undefined)
      return finding("ok", "fencing", `${program.name} can be called to fence`);
    return finding("error", "fencing", `${program.name} cannot fence: ${found}`);
  });
}

function notRun({ line, message }: Awaited<ReturnType<RespawnFaults>>[number]): Finding {
  const at = { file: "ha.cf", line, column: 1 };
  return {
    severity: "error",
    code: "respawn",
    text: `ha.cf:${line}:1: error: ${message}`,
    at,
    message,
  };
}

/** What is the matter with a file that has nothing to do with what it says. */
function ofWhole(
  { file, reason }: FileFault,
  severity: "error" | "warning",
  code: "unreadable-file" | "untrusted-file",
): Finding {
  const message = code === "unreadable-file" ? `it cannot be read: ${reason}` : reason;
  const text = `${file}: ${severity}: ${message}`;
  return { severity, code, text, at: { file, line: 0, column: 0 }, message };
}

function fromDiagnostic(diagnostic: Diagnostic, files: SourceFiles): Finding {
  const { severity, code, file, line, column, message } = diagnostic;
  const sources = [files.haCf, files.haresources, files.authkeys];
  const source = sources.find((each) => each?.file === file);
  const text = render(diagnostic, source?.text ?? "");
  return { severity, code, text, at: { file, line, column }, message };
}

function isFaulty({ faults }: SourceFiles, file: string): boolean {
  return faults.some((fault) => fault.file === file);
}

function sound({ core, media }: Config): Finding {
  const counts = [
    counted(core.peers.length + 1, "node"),
    media.length === 1 ? "1 medium" : `${media.length} media`,
    counted(core.groups.length, "group"),
  ];
  return finding(
    "ok",
    "files",
    `the files are sound: ${counts.join(", ")}; this node is ${core.self}`,
  );
}

function count(findings: readonly Finding[], severity: Finding["severity"]): number {
  return findings.filter((each) => each.severity === severity).length;
}

function textOf(
  findings: readonly Finding[],
  entries: readonly MigrationEntry[] | undefined,
  { paint }: Terminal,
): string {
  const shown = findings.map(({ severity, text }) => {
    const [first = "", ...excerpt] = text.split("\n").map(clean);
    return [paint(tones[severity], first), ...excerpt, ""].join("\n");
  });
  const errors = counted(count(findings, "error"), "error");
  const warnings = counted(count(findings, "warning"), "warning");
  const told = entries === undefined ? "" : `\n${migrationText(entries)}`;
  return `${shown.join("")}${errors}, ${warnings}\n${told}`;
}

const tones: { readonly [S in Finding["severity"]]: Tone } = {
  error: "bad",
  warning: "doubtful",
  ok: "good",
};

function jsonOf(
  node: string,
  findings: readonly Finding[],
  entries: readonly MigrationEntry[] | undefined,
): string {
  const diagnostics = findings.map(({ severity, code, at, message }) => ({
    severity,
    code,
    file: at?.file ?? null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    message,
  }));
  const [errors, warnings] = [count(findings, "error"), count(findings, "warning")];
  const report = { version: 1, node, errors, warnings, diagnostics, migration: entries ?? null };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}
