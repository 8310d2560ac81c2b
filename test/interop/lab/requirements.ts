/**
 * What a pair with a real original heartbeat needs of this machine, beyond real daemons of ours.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { missingRequirement } from "../../netns/lab/requirements.ts";

/** The original's daemon, as its Debian package has it. */
export const heartbeatProgram = "/usr/libexec/heartbeat/heartbeat";

const tools = [
  ["tcpdump", "--version", "tcpdump"],
  ["nsenter", "--version", "util-linux"],
  ["unshare", "--version", "util-linux"],
  ["cl_status", "--version", "heartbeat"],
  ["ifconfig", "--version", "net-tools"],
] as const;

const files = [
  [heartbeatProgram, "heartbeat"],
  ["/usr/share/heartbeat/hb_standby", "heartbeat"],
  ["/etc/ha.d/resource.d/IPaddr", "heartbeat"],
  ["/usr/lib/ocf/resource.d/heartbeat/IPaddr", "resource-agents"],
] as const;

/** What is missing, in words; undefined if everything is there. */
export function missingForInterop(): string | undefined {
  const missing = missingRequirement();
  if (missing !== undefined) return missing;
  for (const [tool, option, packaged] of tools) {
    if (spawnSync(tool, [option]).error !== undefined)
      return `${tool} is missing: install ${packaged}`;
  }
  for (const [file, packaged] of files) {
    if (!existsSync(file)) return `${file} is missing: install ${packaged}`;
  }
  return undefined;
}
