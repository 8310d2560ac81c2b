/**
 * Whether a file that is to be run, or believed, is in the hands of those alone who may tell the daemon
 * what to do: it runs as root, so whoever can replace what it runs is root.
 */
import type { Stats } from "node:fs";
import { accessSync, constants, lstatSync, readlinkSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";

/** A regular file that this process may execute (access(2)). */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    // It is not there, or not for us.
    return false;
  }
}

/** As many symbolic links as the kernel follows (path_resolution(7)). */
const LINKS_MAX = 40;
/** Bits of `st_mode` (inode(7)). */
const OTHERS_MAY_WRITE = 0o022;
const STICKY = 0o1000;

/**
 * Looks at the file and at every folder on the way to it, through symbolic links, as the kernel
 * resolves the path (path_resolution(7)). Each must belong to root, to the user of this process, or
 * to `owner`, and neither its group nor others may write it; an access control list that lets
 * somebody write shows in the bits of the group (acl(5)). A sticky folder, as /tmp is one, may be
 * written by all: what belongs to somebody else cannot be replaced in it (inode(7)).
 *
 * What was looked at stays so: nobody but those who are trusted could change it meanwhile.
 *
 * @param owner - who is trusted besides: the user that the program is run as
 * @returns what to change, with the name of the component; undefined if nobody else can write it
 */
export function distrust(path: string, owner?: number): string | undefined {
  const trusted = [0, process.geteuid?.(), owner];
  const rest = (isAbsolute(path) ? path : `${process.cwd()}/${path}`).split("/");
  let [at, links] = ["/", 0];
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    // Of a folder that was looked at already: links are followed where they stand.
    const next = join(at, name);
    const entry = entryAt(next);
    if (typeof entry === "string") return entry;
    if (!trusted.includes(entry.uid)) {
      return `${next} belongs to user ${entry.uid}, who may change it: chown root ${next}`;
    }
    if (entry.isSymbolicLink()) {
      links += 1;
      if (links > LINKS_MAX) return `${path} has too many symbolic links`;
      const target = readlinkSync(next);
      if (target.startsWith("/")) at = "/";
      rest.unshift(...target.split("/"));
    } else {
      const isSticky = entry.isDirectory() && (entry.mode & STICKY) !== 0;
      if ((entry.mode & OTHERS_MAY_WRITE) !== 0 && !isSticky) return writable(next, entry.mode);
      at = next;
    }
  }
  return undefined;
}

function entryAt(path: string): Stats | string {
  try {
    return lstatSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    return code === "ENOENT" ? `there is no ${path}` : `${path} cannot be looked at: ${code}`;
  }
}

function writable(path: string, mode: number): string {
  const octal = (mode & 0o7777).toString(8).padStart(4, "0");
  return `${path} may be written by others (mode ${octal}): chmod go-w ${path}`;
}
