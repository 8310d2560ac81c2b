/**
 * Where and when it was measured, and what of.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, release } from "node:os";
import { missingForInterop } from "../../interop/lab/requirements.ts";
import { program } from "../../netns/lab/program.ts";

export interface Facts {
  readonly date: string;
  readonly kernel: string;
  readonly system: string;
  /** With how many of them. */
  readonly processor: string;
  /** How many programs wanted to run, in the last minute before (proc_loadavg(5)). */
  readonly load: number;
  /** Of all that take part. */
  readonly versions: Readonly<Record<string, string>>;
}

/** What is missing, in words; undefined if everything is there. */
export function missingForBench(): string | undefined {
  const missing = missingForInterop();
  if (missing !== undefined) return missing;
  const isThere = spawnSync("keepalived", ["--version"]).error === undefined;
  return isThere ? undefined : "keepalived is missing: install keepalived";
}

export function factsNow(): Facts {
  const model = cpus()[0]?.model.trim() ?? "unknown";
  return {
    date: new Date().toISOString(),
    kernel: release(),
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux",
    processor: `${availableParallelism()} x ${model}`,
    load: Number(readFileSync("/proc/loadavg", "latin1").split(" ")[0]),
    versions: {
      Understudy: `${versionOf(program)} on Node ${process.versions.node}`,
      keepalived: packageVersion("keepalived"),
      heartbeat: packageVersion("heartbeat"),
      "resource-agents": packageVersion("resource-agents"),
    },
  };
}

/** What it says of itself. */
function versionOf(path: string): string {
  return text(process.execPath, [path, "--version"]);
}

/** Of Debian. Whoever built it by hand has no version here. */
function packageVersion(name: string): string {
  if (!existsSync("/usr/bin/dpkg-query")) return "unknown";
  const asked = spawnSync("dpkg-query", ["-W", "-f", "${Version}", name], { encoding: "utf8" });
  return asked.status === 0 ? asked.stdout : "unknown";
}

function text(file: string, args: readonly string[]): string {
  return execFileSync(file, args, { encoding: "utf8" }).trim();
}
