/**
 * Files that are sound but for the one thing that a test changes.
 */
import type { ConfigSources, Diagnostic, Parsed } from "../../../src/config/index.ts";
import { parseHaCf, parseHaresources } from "../../../src/config/index.ts";
import type { HaCf, Haresources } from "../../../src/config/index.ts";

export const soundHaCf =
  "node alpha beta\nkeepalive 1\ndeadtime 10\ninitdead 30\nbcast eth0 eth1\nauto_failback on\n";
export const soundHaresources = "alpha 10.0.0.100/24/eth0 nginx\n";
export const soundAuthkeys = "auth 1\n1 sha256 correct-horse-battery\n";

/** Sources of readConfig; `undefined` for a file that is missing. */
export function sources(change: {
  haCf?: string | undefined;
  haresources?: string | undefined;
  authkeys?: string | undefined;
  mode?: number;
  nodeinfo?: string;
  hostname?: string;
}): ConfigSources {
  const texts = {
    haCf: soundHaCf,
    haresources: soundHaresources,
    authkeys: soundAuthkeys,
    ...change,
  };
  const authkeys = source("authkeys", texts.authkeys);
  return {
    haCf: source("ha.cf", texts.haCf),
    haresources: source("haresources", texts.haresources),
    authkeys: authkeys && { ...authkeys, mode: change.mode ?? 0o600 },
    nodeinfo: change.nodeinfo,
    hostname: change.hostname ?? "alpha",
  };
}

function source(file: string, text: string | undefined) {
  return text === undefined ? undefined : { file, text };
}

export function haCf(text: string): Parsed<HaCf> {
  return parseHaCf({ file: "ha.cf", text });
}

/** The sound ha.cf with `lines` below it. */
export function haCfWith(...lines: readonly string[]): Parsed<HaCf> {
  return haCf(`${soundHaCf}${lines.join("\n")}\n`);
}

export function haresources(text: string): Parsed<Haresources> {
  return parseHaresources({ file: "haresources", text });
}

/** Every diagnostic as `error 3:14 bad-time`. */
export function codes({ diagnostics }: { diagnostics: readonly Diagnostic[] }): string[] {
  return diagnostics.map((each) => `${each.severity} ${each.line}:${each.column} ${each.code}`);
}

/** The codes of the errors alone. */
export function errors({ diagnostics }: { diagnostics: readonly Diagnostic[] }): string[] {
  return diagnostics.filter((each) => each.severity === "error").map((each) => each.code);
}
