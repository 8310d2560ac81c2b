/**
 * Drives the devices that fence a dead peer.
 *
 * Passwords among their parameters go through a pipe, where no other user can see them, and are blotted
 * out of what is printed. Only a program of the site gets its parameters as arguments, as heartbeat's
 * agents do.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { isIP } from "node:net";
import { delimiter, join } from "node:path";
import type { FenceProgram } from "../config/index.ts";
import type { JobId, JobOutcome, NodeName } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import { callProgram, INPUT_MAX } from "./call.ts";
import { openJobs } from "./jobs.ts";
import { distrust, isExecutable } from "./trusted-file.ts";

export interface Fencing {
  /** Ends in exactly one call of `done`. @param device - its place in the list of programs */
  run(job: JobId, node: NodeName, device: number): void;
  cancel(job: JobId): void;
}

export interface FencingOptions {
  readonly programs: () => readonly FenceProgram[];
  readonly env: () => Readonly<Record<string, string>>;
  readonly done: (job: JobId, outcome: JobOutcome) => void;
  /** A line that a device's program printed. */
  readonly print: (device: string, line: string) => void;
}

export function openFencing(options: FencingOptions): Fencing {
  const jobs = openJobs(options);
  return {
    run(job, node, device) {
      const program = options.programs()[device];
      jobs.run(job, (signal) => perform({ options, program, node, signal }));
    },
    cancel(job) {
      jobs.cancel(job);
    },
  };
}

async function perform({
  options,
  program,
  node,
  signal,
}: {
  readonly options: FencingOptions;
  readonly program: FenceProgram | undefined;
  readonly node: NodeName;
  readonly signal: AbortSignal;
}): Promise<JobOutcome> {
  if (program === undefined) return { type: "failed", reason: "it is configured no more" };
  const invocation = fenceInvocation(program, node);
  if (!invocation.ok) return { type: "failed", reason: invocation.error };
  const { file, args, input, secrets } = invocation.value;
  const ended = await callProgram({
    file,
    args,
    env: options.env(),
    input,
    signal,
    print: (line) => options.print(program.name, blotted(line, secrets)),
    shown: (text) => blotted(text, secrets),
  });
  if (ended.ended === "cancelled") return { type: "cancelled" };
  if (ended.exitCode === 0) return { type: "succeeded" };
  return { type: "failed", reason: blotted(ended.reason, secrets) };
}

export interface FenceInvocation {
  readonly file: string;
  readonly args: readonly string[];
  readonly input: string | undefined;
  /** What is to be seen nowhere. */
  readonly secrets: readonly string[];
}

/** @returns what is to be run to fence `node`, or why that cannot be */
export function fenceInvocation(
  program: FenceProgram,
  node: NodeName,
): Result<FenceInvocation, string> {
  const words = wordsOf(program);
  if (!words.ok) return words;
  const secrets = words.value.map(valueOf).filter((each) => each !== node && isSecret(each));
  switch (program.kind) {
    case "agent":
      return found(program.name, { args: [], input: agentInput(words.value, node), secrets });
    case "script": {
      const fault = scriptFault(program.name);
      if (fault !== undefined) return fail(fault);
      const args = [...program.parameters, node];
      return ok({ file: program.name, args, input: undefined, secrets });
    }
    case "plugin": {
      const fault = pluginFault(program.name);
      if (fault !== undefined) return fail(fault);
      const file = program.file ?? "/dev/stdin";
      const input = program.file === undefined ? `${program.parameters.join(" ")}\n` : undefined;
      const args = ["-t", program.name, "-F", file, "-T", "reset", node];
      return found("stonith", { args, input, secrets });
    }
  }
}

/** The parameters, be they in ha.cf or in a file of their own. */
function wordsOf({ kind, parameters, file }: FenceProgram): Result<readonly string[], string> {
  if (file === undefined) return ok(parameters);
  // Who writes it says which machine is reset, or that one was.
  const fault = existsSync(file) ? distrust(file) : undefined;
  if (fault !== undefined) return fail(fault);
  try {
    const lines = readFileSync(file, "utf8")
      .split("\n")
      .map((each) => each.trim())
      .filter((each) => each !== "" && !each.startsWith("#"));
    const words = kind === "agent" ? lines : lines.flatMap((each) => each.split(/\s+/));
    const isShort = words.join("\n").length < INPUT_MAX / 4;
    return isShort ? ok(words) : fail(`${file} is too long`);
  } catch {
    return fail(`${file} cannot be read`);
  }
}

/**
 * FenceAgentAPI: one `name=value` a line on standard input. What is configured goes before what is
 * usual: another `action`, or the `plug` (once called `port`) that the node hangs on.
 */
function agentInput(parameters: readonly string[], node: NodeName): string {
  const names = new Set(parameters.map((each) => each.slice(0, each.indexOf("="))));
  if (names.has("port")) names.add("plug");
  const usual = ["action=reboot", `nodename=${node}`, `plug=${node}`];
  const missing = usual.filter((each) => !names.has(each.slice(0, each.indexOf("="))));
  return [...missing, ...parameters].map((each) => `${each}\n`).join("");
}

function found(name: string, rest: Omit<FenceInvocation, "file">): Result<FenceInvocation, string> {
  const file = programNamed(name);
  if (file === undefined) return fail(`there is no program ${name}`);
  const fault = distrust(file);
  return fault === undefined ? ok({ file, ...rest }) : fail(fault);
}

function programNamed(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return [...folders, "/usr/sbin", "/sbin", "/usr/local/sbin"]
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

function scriptFault(path: string): string | undefined {
  return isExecutable(path) ? distrust(path) : `there is no executable file ${path}`;
}

/** cluster-glue's plugins of the kind `external/...` are programs too (stonith(8)). */
function pluginFault(name: string): string | undefined {
  const path = join("/usr/lib/stonith/plugins", name);
  return name.startsWith("external/") && existsSync(path) ? distrust(path) : undefined;
}

/** What is wrong with a device, for `understudy check`; it is not asked, and nothing is reset. */
export function fenceFault(program: FenceProgram): string | undefined {
  const invocation = fenceInvocation(program, nodeName("node"));
  if (!invocation.ok) return invocation.error;
  if (program.kind !== "plugin" || isPlugin(invocation.value.file, program.name)) return undefined;
  return `stonith knows no type ${program.name}: see stonith -L`;
}

/** What is wrong with it as far as can be seen without running anything. */
export function fenceFileFault(program: FenceProgram): string | undefined {
  const invocation = fenceInvocation(program, nodeName("node"));
  return invocation.ok ? undefined : invocation.error;
}

/** stonith(8), -n: the names of a type's parameters. */
function isPlugin(stonith: string, type: string): boolean {
  return spawnSync(stonith, ["-t", type, "-n"], { stdio: "ignore", timeout: 10_000 }).status === 0;
}

function valueOf(parameter: string): string {
  return parameter.slice(parameter.indexOf("=") + 1);
}

/** Where a device is may be read by everybody; what is too short is in every line. */
function isSecret(value: string): boolean {
  return value.length >= 4 && isIP(value) === 0 && !(value.startsWith("/") && existsSync(value));
}

function blotted(text: string, secrets: readonly string[]): string {
  return secrets.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
}
