/**
 * A control group of its own for a machine, so that several can run at once and none leaves
 * anything in the groups of the host.
 */
import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";

/** The hierarchies that systemd keeps its units in: one (cgroups(7), version 2), or two of old. */
const hierarchies = existsSync("/sys/fs/cgroup/cgroup.controllers")
  ? ["/sys/fs/cgroup"]
  : ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"].filter((path) => existsSync(path));

/** @returns its folders, one in each hierarchy */
export function makeCgroup(name: string): string[] {
  const folders = hierarchies.map((hierarchy) => join(hierarchy, name));
  for (const folder of folders) mkdirSync(folder);
  return folders;
}

/**
 * Removes the group and those below it.
 *
 * @returns false if it is busy: a process in it has been killed but is not gone yet
 */
export function removeCgroup(folders: readonly string[]): boolean {
  try {
    for (const folder of folders) removeTree(folder);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EBUSY") return false;
    throw error;
  }
}

/** The files in a control group are not removed but go with it: cgroups(7). */
function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory()) removeTree(join(folder, entry.name));
  rmdirSync(folder);
}
