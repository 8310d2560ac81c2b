/**
 * The files, and whether they are sound: by themselves, and on this host.
 */
import { hostname } from "node:os";
import type { Config } from "../config/index.ts";
import { readConfig, render } from "../config/index.ts";
import { readFiles } from "./config-files.ts";
import { fenceFileFault } from "./fence.ts";
import { respawnFaults } from "./respawn-fault.ts";

export interface Place {
  readonly haDir: string;
  readonly node: string;
}

export interface Read {
  readonly config: Config | undefined;
  /** What is wrong with the files, for the operator. */
  readonly text: string;
  readonly errors: readonly string[];
}

/** As heartbeat does, a program that cannot be run is refused before anything is begun. */
export async function readSound(place: Place): Promise<Read> {
  const read = readAll(place);
  const faults = await respawnFaults(read.config?.duties.respawns ?? []);
  if (faults.length === 0) return { ...read, text: read.text + fenceWarnings(read.config) };
  const lines = faults.map(({ line, message }) => `ha.cf:${line}:1: error: ${message}\n`);
  return {
    config: undefined,
    text: `${read.text}${lines.join("")}`,
    errors: faults.map(({ line, message }) => `ha.cf:${line}: ${message}`),
  };
}

/** A device that cannot be called is better known now than when a peer is dead. */
function fenceWarnings(config: Config | undefined): string {
  return (config?.fencePrograms ?? [])
    .flatMap((program) => {
      const fault = fenceFileFault(program);
      return fault === undefined ? [] : [`ha.cf: warning: ${program.name}: ${fault}\n`];
    })
    .join("");
}

function readAll({ haDir, node }: Place): Read {
  const { faults, distrusted, ...files } = readFiles(haDir);
  // A name given on the command line is meant, whatever nodeinfo says.
  const nodeinfo = node === hostname() ? files.nodeinfo : undefined;
  const { value, diagnostics } = readConfig({ ...files, nodeinfo, hostname: node });
  const texts: Record<string, string | undefined> = {
    "ha.cf": files.haCf?.text,
    haresources: files.haresources?.text,
    authkeys: undefined,
  };
  const lines = [
    ...faults.map(({ file, reason }) => `${file}: error: ${reason}`),
    ...distrusted.map(({ file, reason }) => `${file}: warning: ${reason}`),
    ...diagnostics.map((each) => render(each, texts[each.file] ?? "")),
  ];
  const errors = [
    ...faults.map(({ file, reason }) => `${file}: ${reason}`),
    ...diagnostics
      .filter(({ severity }) => severity === "error")
      // What is wrong with a file as a whole follows as a rule from what is wrong with a line.
      .toSorted((one, other) => Number(one.line === 0) - Number(other.line === 0))
      .map(({ file, line, message }) => `${line === 0 ? file : `${file}:${line}`}: ${message}`),
  ];
  return {
    config: faults.length === 0 ? value : undefined,
    text: lines.map((line) => `${line}\n`).join(""),
    errors,
  };
}
