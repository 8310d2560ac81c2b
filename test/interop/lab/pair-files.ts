/**
 * The files of a pair, as its operator had them before one of the two was replaced: both read them.
 */
import { utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeResourceScript } from "../../netns/lab/resource-script.ts";

export interface PairFiles {
  /** How heartbeats go over eth1. Default: ucast. */
  readonly media?: "ucast" | "bcast";
  /** Default: on. */
  readonly autoFailback?: "on" | "off" | "legacy";
  /** Times as ha.cf has them. */
  readonly keepalive?: string;
  readonly warntime?: string;
  readonly deadtime?: string;
  readonly initdead?: string;
  /** Lines of haresources. Default: {@link bothAtHome}. */
  readonly resources?: readonly string[];
  /** Lines of authkeys behind `auth N`. Default: one sha1 key. */
  readonly keys?: readonly string[];
  /** More lines of ha.cf. */
  readonly more?: readonly string[];
}

/** Whose line the first stands on, and whose the second. */
export const names = ["alpha", "beta"] as const;
export type Name = (typeof names)[number];

/** The addresses: at home on alpha, and on beta. */
export const address: Readonly<Record<Name, string>> = {
  alpha: "10.77.0.100",
  beta: "10.77.0.101",
};

/** The scripts beside them. */
export const script: Readonly<Record<Name, string>> = { alpha: "web", beta: "db" };

/** A group on each node, of an address as short as it can be written, and a script. */
export const bothAtHome: readonly string[] = names.map((name) => lineOf(name));

/** The line of haresources of one of them. */
export function lineOf(name: Name): string {
  return `${name} ${address[name]} ${script[name]}`;
}

/** Milliseconds of what {@link writePairFiles} writes, unless it is told otherwise. */
export const deadtimeMs = 5000;

/** @param haDir - with the scripts of heartbeat's own package in it */
export function writePairFiles(haDir: string, self: Name, files: PairFiles): void {
  writeFileSync(join(haDir, "ha.cf"), haCf(self, files));
  writeFileSync(join(haDir, "haresources"), lines(files.resources ?? bothAtHome));
  writeAuthkeys(haDir, files.keys ?? ["1 sha1 not-a-secret-in-a-test"]);
  for (const each of Object.values(script)) writeResourceScript(haDir, each);
}

/** The first of the keys is the one that signs. */
export function writeAuthkeys(haDir: string, keys: readonly string[]): void {
  const text = lines([`auth ${keys[0]!.split(" ")[0]}`, ...keys]);
  writeFileSync(join(haDir, "authkeys"), text, { mode: 0o600 });
}

/** The original compares the times of its files, in seconds, with those when it read them. */
export function touch(file: string): void {
  const later = Date.now() / 1000 + 10;
  utimesSync(file, later, later);
}

function haCf(self: Name, files: PairFiles): string {
  const media =
    files.media === "bcast" ? "bcast eth1" : `ucast eth1 10.78.0.${self === "alpha" ? 2 : 1}`;
  return lines([
    "logfile /var/log/ha-log",
    "debugfile /var/log/ha-debug",
    "logfacility none",
    `keepalive ${files.keepalive ?? "500ms"}`,
    `warntime ${files.warntime ?? "3"}`,
    `deadtime ${files.deadtime ?? "5"}`,
    `initdead ${files.initdead ?? "10"}`,
    media,
    `auto_failback ${files.autoFailback ?? "on"}`,
    `node ${names.join(" ")}`,
    ...(files.more ?? []),
  ]);
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
