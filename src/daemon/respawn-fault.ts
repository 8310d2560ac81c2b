/**
 * What the host says against a `respawn` line: heartbeat refuses to start with one that cannot run.
 */
import { accessSync, constants, statSync } from "node:fs";
import type { Respawn } from "../config/index.ts";
import { distrust } from "./trusted-file.ts";
import type { User } from "./users.ts";
import { findUser } from "./users.ts";

export interface RespawnFault {
  /** Of ha.cf. */
  readonly line: number;
  readonly message: string;
}

export async function respawnFaults(
  respawns: readonly Respawn[],
): Promise<readonly RespawnFault[]> {
  const faults = await Promise.all(
    respawns.map(async ({ user, file, line }) => {
      const message = programFault(file) ?? trustFault(file, user, await findUser(user));
      return message === undefined ? [] : [{ line, message: `respawn: ${message}` }];
    }),
  );
  return faults.flat();
}

function programFault(file: string): string | undefined {
  try {
    if (!statSync(file).isFile()) return `${file} is no file`;
    accessSync(file, constants.X_OK);
    return undefined;
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    return isMissing ? `there is no program ${file}` : `${file} is not executable`;
  }
}

/** The user that it runs as may be the one who writes it. */
function trustFault(file: string, name: string, user: User | undefined): string | undefined {
  return user === undefined ? `there is no user ${name}` : distrust(file, user.uid);
}
