/**
 * Small files that outlive the daemon, read and written as a whole.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";

/** Longer than what is kept in most of them: of a longer one this much is read. */
const BYTES_MAX = 256;

/**
 * A link is not followed: what it leads to may be a device, which to open is to set off, or which has
 * no end.
 *
 * @returns undefined if it is not there, is no file, or is not for us to read
 */
export function readSmallFile(path: string, bytesMax: number = BYTES_MAX): Buffer | undefined {
  const { O_RDONLY, O_NONBLOCK, O_NOFOLLOW } = constants;
  let fd: number | undefined;
  try {
    // Without O_NONBLOCK to open a named pipe is to wait for its writer, for ever.
    fd = openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
    const found = fstatSync(fd);
    if (!found.isFile()) return undefined;
    const buffer = Buffer.alloc(Math.min(found.size, bytesMax));
    return buffer.subarray(0, readSync(fd, buffer));
  } catch {
    // The next source is asked.
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
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
  const before = lstatSync(path, { throwIfNoEntry: false });
  removeIfThere(temporary);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(temporary, flags, 0o600);
  try {
    // Goes on until all of it is written: a disk that is nearly full takes a part without a word.
    writeFileSync(fd, bytes);
    if (before?.isFile() === true) {
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
