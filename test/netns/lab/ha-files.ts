/**
 * The three files of the ha directory, as an operator would write them.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface HaFiles {
  /** Names of the nodes, in the order of their numbers: see topology.ts. */
  readonly nodes: readonly string[];
  /** Lines of ha.cf. Default: ucast to every node on both cables. */
  readonly media?: readonly string[];
  readonly keepalive?: string;
  readonly warntime?: string;
  readonly deadtime?: string;
  readonly initdead?: string;
  readonly autoFailback?: "on" | "off";
  /** More lines of ha.cf. */
  readonly more?: readonly string[];
  /** Lines of haresources. Default: {@link virtualIp}, at home on the first node. */
  readonly resources?: readonly string[];
}

export const virtualIp = "10.77.0.100";

/** Of the ha.cf below, in milliseconds. */
export const timing = { keepalive: 100, deadtime: 1000, initdead: 2000 } as const;

export function writeHaFiles(haDir: string, files: HaFiles): void {
  mkdirSync(join(haDir, "resource.d"), { recursive: true });
  writeFileSync(join(haDir, "ha.cf"), haCf(files));
  const [home] = files.nodes;
  const resources = files.resources ?? [`${home} ${virtualIp}/24/eth0`];
  writeFileSync(join(haDir, "haresources"), lines(resources));
  writeFileSync(join(haDir, "authkeys"), "auth 1\n1 sha256 not-a-secret-in-a-test\n", {
    mode: 0o600,
  });
}

function haCf(files: HaFiles): string {
  return lines([
    `node ${files.nodes.join(" ")}`,
    `keepalive ${files.keepalive ?? "100ms"}`,
    `warntime ${files.warntime ?? "300ms"}`,
    `deadtime ${files.deadtime ?? "1"}`,
    `initdead ${files.initdead ?? "2"}`,
    `auto_failback ${files.autoFailback ?? "off"}`,
    "start_timeout 2",
    "stop_timeout 2",
    ...(files.media ?? ucast(files.nodes)),
    ...(files.more ?? []),
  ]);
}

/** A line for every node, this one's own too: the file is the same everywhere. */
export function ucast(nodes: readonly string[], devices: readonly (0 | 1)[] = [0, 1]): string[] {
  return devices.flatMap((device) =>
    nodes.map((_, index) => `ucast eth${device} 10.7${7 + device}.0.${index + 1}`),
  );
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
