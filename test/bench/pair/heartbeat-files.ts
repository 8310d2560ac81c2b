/**
 * The files of /etc/ha.d, which Understudy and heartbeat read alike.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ucast } from "../../netns/lab/ha-files.ts";
import type { Lab } from "./lab.ts";
import { names } from "./lab.ts";

export interface HaSetting {
  /** As ha.cf has them. */
  readonly keepalive: string;
  readonly warntime?: string;
  readonly deadtime: string;
}

export function settingOf({ keepalive, deadtime }: HaSetting): string {
  return `keepalive ${keepalive}, deadtime ${deadtime}`;
}

/** @param resource - as haresources has it */
export function writeHaFiles(
  { alpha, beta }: Lab,
  { keepalive, warntime, deadtime }: HaSetting,
  { resource, more }: { readonly resource: string; readonly more: readonly string[] },
): void {
  const haCf = [
    `node ${names.join(" ")}`,
    `keepalive ${keepalive}`,
    ...(warntime === undefined ? [] : [`warntime ${warntime}`]),
    `deadtime ${deadtime}`,
    // On a busy machine one may start seconds after the other: it is waited for.
    "initdead 20",
    "auto_failback off",
    ...ucast(names),
    ...more,
  ];
  for (const { haDir } of [alpha.sandbox, beta.sandbox]) {
    mkdirSync(join(haDir, "resource.d"), { recursive: true });
    writeFileSync(join(haDir, "ha.cf"), lines(haCf));
    writeFileSync(join(haDir, "haresources"), lines([`${alpha.name} ${resource}`]));
    const authkeys = lines(["auth 1", "1 sha1 not-a-secret-in-a-benchmark"]);
    writeFileSync(join(haDir, "authkeys"), authkeys, { mode: 0o600 });
  }
}

/** Only what says a node's status keeps it alive, in either program; the rest are answers and commands. */
export const statusMessages = {
  filter: "udp port 694 and src host 10.77.0.1",
  isOne: (frame: Buffer): boolean => /[\n)]t=status[\n,]/.test(frame.toString("latin1")),
} as const;

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}
