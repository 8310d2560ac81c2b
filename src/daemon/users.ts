/**
 * Users of this host, wherever it knows them from (getent(1), nsswitch.conf(5)).
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

export interface User {
  readonly name: string;
  readonly uid: number;
  /** Of the user's own group. */
  readonly gid: number;
}

/**
 * The number of a group (group(5)). Of those in the file only: a start waits for no network.
 *
 * @returns undefined if there is none, or the file cannot be read
 */
export function findGroup(name: string): number | undefined {
  try {
    for (const line of readFileSync("/etc/group", "utf8").split("\n")) {
      const [found, , gid = ""] = line.split(":");
      if (found === name && /^\d+$/.test(gid)) return Number(gid);
    }
  } catch {
    // A host without the file knows no groups.
  }
  return undefined;
}

/** Does not stop the loop while a network is asked. Undefined: nobody knows of one, or in time. */
export function findUser(name: string): Promise<User | undefined> {
  return new Promise((resolve) => {
    execFile("getent", ["passwd", "--", name], { timeout: 5000 }, (_, stdout) => {
      const [found = "", , uid, gid] = stdout.split("\n", 1).join("").split(":");
      // A number finds a user too, and the original takes names only (getpwnam(3)).
      resolve(found === name ? { name, uid: Number(uid), gid: Number(gid) } : undefined);
    });
  });
}
