/**
 * The file system of a bare Debian 12 with systemd, made once and kept in a cache.
 */
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";

/** What a machine needs to boot, and what the tests look at it with. */
const packages = [
  "systemd",
  "systemd-sysv",
  "dbus",
  "iproute2",
  "nftables",
  "procps",
  "libstdc++6",
] as const;

/**
 * The folder with the tree, which is never written to again: machines lay a file system of their
 * own over it. The first call fetches some 100 MB from a Debian mirror and takes about a minute.
 *
 * @throws if debootstrap fails
 */
export async function debianTree(): Promise<string> {
  const cache = join(process.env["XDG_CACHE_HOME"] ?? "/var/cache", "understudy-test");
  const tree = join(cache, `bookworm-${process.arch}-${packages.join("-")}`);
  if (existsSync(tree)) return tree;
  const unfinished = `${tree}.${process.pid}`;
  mkdirSync(cache, { recursive: true });
  try {
    const include = `--include=${packages.join(",")}`;
    await execa("debootstrap", ["--variant=minbase", include, "bookworm", unfinished]);
    // debootstrap copies the builder's name, which would overrule the one given at boot.
    rmSync(join(unfinished, "etc/hostname"));
    renameSync(unfinished, tree);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return tree;
}
