/**
 * What the tests with a booted machine need of the host.
 */
import { accessSync, constants } from "node:fs";
import { join } from "node:path";

const tools = ["debootstrap", "systemd-nspawn", "nsenter", "setpriv", "dpkg-deb", "strip"] as const;

/** What is missing, in words; undefined if the tests can run. */
export function missingRequirement(): string | undefined {
  if (process.getuid?.() !== 0) return "not root";
  const missing = tools.filter((tool) => !isInstalled(tool));
  return missing.length === 0 ? undefined : `not installed: ${missing.join(", ")}`;
}

function isInstalled(tool: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => {
    try {
      accessSync(join(folder, tool), constants.X_OK);
      return true;
    } catch {
      // Not in this folder: perhaps in the next.
      return false;
    }
  });
}
