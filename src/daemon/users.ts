/**
 * Users of this host, wherever it knows them from (getent(1), nsswitch.conf(5)).
 */
import { execFile } from "node:child_process";

export interface User {
  readonly name: string;
  readonly uid: number;
  /** Of the user's own group. */
  readonly gid: number;
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
