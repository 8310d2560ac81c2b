/**
 * Small files that outlive the daemon, read and written as a whole.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";

/** @returns undefined if it is not there, or not for us to read */
export function readSmallFile(path: string): Buffer | undefined {
  try {
    // Without O_NONBLOCK to open a named pipe is to wait for its writer, for ever.
    return readFileSync(path, { flag: constants.O_RDONLY | constants.O_NONBLOCK });
  } catch {
    // The next source is asked.
    return undefined;
  }
}

/**
 * After a crash it is the old one or the new one.
 *
 * A file that was there keeps its mode and its owner; a new one is for its owner only. The folder may
 * belong to another user, as that of the original does: nothing that waits there under the temporary
 * name is followed.
 *
 * @throws what the file system refuses
 */
export function saveFile(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.new`;
  const before = statSync(path, { throwIfNoEntry: false });
  removeIfThere(temporary);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(temporary, flags, 0o600);
  try {
    writeSync(fd, bytes);
    if (before !== undefined) {
      fchownSync(fd, before.uid, before.gid);
      fchmodSync(fd, before.mode & 0o777);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ENOENT")) throw error;
  }
}
