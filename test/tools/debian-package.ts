/**
 * What is in the Debian package, and how it is made: a staged tree, given to dpkg-deb.
 *
 * The package brings its own Node, so that it installs on a Debian or Ubuntu as it is, without a
 * foreign archive. The same commit gives the same bytes: files are stamped with the commit's time
 * (reproducible-builds.org, SOURCE_DATE_EPOCH), owned by root and sorted by dpkg-deb.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { controlFile, copyrightFile, debianVersion, launcher } from "./debian-texts.ts";
import { isNative } from "./native-packages.ts";
import type { Manifest } from "./production-modules.ts";
import { productionModules, readManifest } from "./production-modules.ts";
import { checksums, copy, installedKib, stamp, write } from "./staging.ts";

export interface PackageOptions {
  /** The folder that the package is put into. */
  readonly out: string;
  /** Instead of that of package.json. */
  readonly version?: string | undefined;
  /** Not compressed: for tests, that install it a moment later. */
  readonly plain?: boolean | undefined;
}

const root = new URL("../../", import.meta.url).pathname;
const debian = join(root, "test/tools/debian");
const home = "usr/lib/understudy";
const docs = "usr/share/doc/understudy";

/** Debian's names of the architectures that the runtime exists for. */
const architectures: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

/**
 * Makes `understudy_<version>_<architecture>.deb` from dist/, which must be there.
 *
 * @returns its path
 * @throws if something that belongs into it is missing
 */
export function buildDebianPackage(options: PackageOptions): string {
  if (!existsSync(join(root, "dist"))) throw new Error("nothing was built: npm run build");
  const stage = mkdtempSync(join(tmpdir(), "us-deb-"));
  // It becomes the entry `./`, that is the machine's root folder.
  chmodSync(stage, 0o755);
  try {
    return packStage(stage, options);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

function packStage(stage: string, options: PackageOptions): string {
  const manifest = readManifest(root);
  const modules = productionModules(root);
  const version = debianVersion(options.version ?? manifest.version);
  const architecture = architectures[process.arch];
  if (architecture === undefined) throw new Error(`no Debian package for ${process.arch}`);
  const epoch = sourceDate();

  stageProgram(stage, modules);
  stageService(stage);
  stageDocs(stage, { modules, version, date: new Date(epoch * 1000) });
  write(
    join(stage, "DEBIAN/control"),
    controlFile({ version, architecture, installedKib: installedKib(stage) }),
  );
  write(join(stage, "DEBIAN/md5sums"), checksums(stage));
  for (const script of ["preinst", "postinst", "prerm", "postrm"])
    copy(join(debian, script), join(stage, "DEBIAN", script), 0o755);
  stamp(stage, epoch);

  const file = resolve(options.out, `understudy_${version}_${architecture}.deb`);
  const compression = options.plain === true ? "-Znone" : "-Zxz";
  execFileSync("dpkg-deb", ["--root-owner-group", compression, "--build", stage, file], {
    env: { ...process.env, SOURCE_DATE_EPOCH: `${epoch}` },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return file;
}

function stageProgram(stage: string, modules: readonly Manifest[]): void {
  const node = join(stage, home, "node");
  copy(join(root, `node_modules/node-linux-${process.arch}/bin/node`), node, 0o755);
  // 18 of 127 MB are symbols that nobody looks at on a cluster node.
  execFileSync("strip", [node], { stdio: "inherit" });
  copy(join(root, "dist"), join(stage, home, "dist"));
  copy(join(root, "package.json"), join(stage, home, "package.json"));
  for (const { name, path } of modules)
    if (isNative(name)) copy(join(root, path), join(stage, home, path));
  write(join(stage, "usr/bin/understudy"), launcher(home), 0o755);
  stageOldNames(stage);
}

/** Where scripts expect heartbeat's commands; `preinst` makes room for them. */
function stageOldNames(stage: string): void {
  const command = join(debian, "old-name.sh");
  copy(command, join(stage, "usr/bin/cl_status"), 0o755);
  for (const name of ["hb_takeover", "hb_standby"]) {
    copy(command, join(stage, "usr/share/heartbeat", name), 0o755);
    symlinkSync(`../share/heartbeat/${name}`, join(stage, "usr/bin", name));
  }
}

function stageService(stage: string): void {
  const unit = "lib/systemd/system/understudy.service";
  copy(join(root, "systemd/understudy.service"), join(stage, unit));
}

/** No file goes to /etc/ha.d: what is there is the operator's, from the first day on. */
function stageDocs(
  stage: string,
  about: { readonly modules: readonly Manifest[]; readonly version: string; readonly date: Date },
): void {
  const node = `node_modules/node-linux-${process.arch}`;
  const licence = gzipSync(readFileSync(join(root, node, "LICENSE")), { level: 9 });
  write(join(stage, docs, "node-licence.gz"), licence);
  write(
    join(stage, docs, "copyright"),
    copyrightFile([...about.modules, readManifest(root, node)]),
  );
  const changes = `understudy (${about.version}) unstable; urgency=medium

  * See the project's history.

 -- Understudy maintainers  ${about.date.toUTCString().replace("GMT", "+0000")}
`;
  write(join(stage, docs, "changelog.gz"), gzipSync(changes, { level: 9 }));
  copy(join(root, "README.md"), join(stage, docs, "README.md"));
  const manual = gzipSync(readFileSync(join(root, "man/understudy.8")), { level: 9 });
  write(join(stage, "usr/share/man/man8/understudy.8.gz"), manual);
  copy(join(root, "ha.d"), join(stage, docs, "examples"));
  copy(join(root, "systemd/hardened.conf"), join(stage, docs, "examples/hardened.conf"));
}

/**
 * The moment that all files are stamped with, in seconds since 1970: as given, or that of the
 * commit, or, in an archive without a history, the first day of 1980.
 */
function sourceDate(): number {
  const given = process.env["SOURCE_DATE_EPOCH"];
  if (given !== undefined) return Number(given);
  // A checkout that belongs to somebody else is read all the same: git-config(1) safe.directory.
  const log = ["-c", "safe.directory=*", "-C", root, "log", "-1", "--format=%ct"];
  const git = spawnSync("git", log, { encoding: "utf8" });
  return git.status === 0 ? Number(git.stdout) : 315_532_800;
}
