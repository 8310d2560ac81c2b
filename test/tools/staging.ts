/**
 * A tree of files as it is to be in a package: modes, sizes, checksums and times are what is said
 * here, not what the machine that builds it happens to have.
 */
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";

/** Copies a file or a folder; a package's own node_modules are not part of it. */
export function copy(from: string, to: string, mode = 0o644): void {
  if (!lstatSync(from).isDirectory()) {
    makeFolder(dirname(to));
    copyFileSync(from, to);
    chmodSync(to, mode);
    return;
  }
  for (const name of readdirSync(from))
    if (name !== "node_modules") copy(join(from, name), join(to, name), mode);
}

export function write(to: string, content: string | Uint8Array, mode = 0o644): void {
  makeFolder(dirname(to));
  writeFileSync(to, content);
  chmodSync(to, mode);
}

/** What deb-control(5) calls Installed-Size: a file counts in whole kibibytes, a folder as one. */
export function installedKib(stage: string): number {
  const folders = new Set(filesBelow(stage).map((file) => dirname(file)));
  const sizes = filesBelow(stage).map((file) => Math.ceil(lstatSync(file).size / 1024));
  return sizes.reduce((sum, size) => sum + size, folders.size);
}

/** deb-md5sums(5): what `dpkg --verify` compares with. Symbolic links have no content of their own. */
export function checksums(stage: string): string {
  const lines = filesBelow(stage)
    .filter((file) => lstatSync(file).isFile())
    .map((file) => [relative(stage, file), readFileSync(file)] as const)
    .filter(([path]) => !path.startsWith("DEBIAN/"))
    .map(([path, bytes]) => `${createHash("md5").update(bytes).digest("hex")}  ${path}\n`);
  return lines.join("");
}

/** Stamps everything with one time, in seconds since 1970. */
export function stamp(folder: string, epoch: number): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) stamp(path, epoch);
    else lutimesSync(path, epoch, epoch);
  }
  lutimesSync(folder, epoch, epoch);
}

/** All files, sorted by their paths. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** Readable by everybody, whatever the umask of the one who builds. */
function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true });
  if (first === undefined) return;
  for (let each = folder; each.length >= first.length; each = dirname(each)) chmodSync(each, 0o755);
}
