/**
 * What real daemons in network namespaces need of this machine.
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { program } from "./program.ts";

/** What is missing, in words; undefined if everything is there. */
export function missingRequirement(): string | undefined {
  if (process.getuid?.() !== 0) return "it takes root to make network namespaces";
  for (const [tool, packaged] of [
    ["ip", "iproute2"],
    ["nft", "nftables"],
  ] as const) {
    if (spawnSync(tool, ["-V"]).error !== undefined)
      return `${tool} is missing: install ${packaged}`;
  }
  return existsSync(program) ? undefined : `${program} is missing: npm run build`;
}
