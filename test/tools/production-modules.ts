/**
 * Which of the installed npm packages the program needs when it runs.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What a package.json says of a package. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  /** Its folder, seen from the project's. */
  readonly path: string;
}

/**
 * All that `dependencies` asks for, directly or not, as npm has installed it; in the order of
 * their names. Node itself is not among them: it is installed as a package, but not imported.
 *
 * @throws if what is installed is not what package-lock.json says
 */
export function productionModules(root: string): Manifest[] {
  const list = execFileSync("npm", ["ls", "--omit=dev", "--all", "--parseable"], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const folders = list.trim().split("\n").slice(1);
  const paths = folders.map((folder) => relative(root, folder));
  return paths
    .filter((path) => !path.startsWith("node_modules/node-linux-"))
    .toSorted()
    .map((path) => readManifest(root, path));
}

/** The manifest in a folder of the project, or the project's own. */
export function readManifest(root: string, path = ""): Manifest {
  const parsed: unknown = JSON.parse(readFileSync(join(root, path, "package.json"), "utf8"));
  if (typeof parsed !== "object" || parsed === null) throw new Error(`${path}: not a package`);
  const fields = new Map(Object.entries(parsed));
  const text = (field: string): string => {
    const value: unknown = fields.get(field);
    if (typeof value !== "string")
      throw new Error(`${path}/package.json does not say its ${field}`);
    return value;
  };
  return { name: text("name"), version: text("version"), license: text("license"), path };
}
