/**
 * The build: src/, once its types are found right, and all packages but those that have a native
 * library become dist/. dist/understudy.js is a program that can be run.
 *
 * Few files are read faster than hundreds: it halves the start. What is loaded on demand (a command,
 * the witness) stays a file of its own. Names and lines are kept as they are, so that a stack trace can
 * be read; above the code of each source stands its path.
 *
 * Ends with 0, or with 1 and no dist/ at all: half a build is not mistaken for one.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { BuildOptions } from "rolldown";
import { build } from "rolldown";
import { licencesOf } from "./licences.ts";
import { nativePackages } from "./native-packages.ts";

const root = new URL("../../", import.meta.url).pathname;
const dist = `${root}dist`;
const program = `${dist}/understudy.js`;

const bundle: BuildOptions = {
  input: { understudy: `${root}src/understudy.ts` },
  cwd: root,
  tsconfig: `${root}src/tsconfig.json`,
  platform: "node",
  external: [...nativePackages],
  output: {
    dir: dist,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    comments: false,
    minify: false,
  },
};

process.exitCode = await make();

async function make(): Promise<0 | 1> {
  rmSync(dist, { recursive: true, force: true });
  const options = ["-p", `${root}src`, "--noEmit"];
  const compiler = spawnSync(`${root}node_modules/.bin/tsc`, options, { stdio: "inherit" });
  if (compiler.error !== undefined) console.error(compiler.error.message);
  if (compiler.status !== 0) return 1;
  try {
    const { output } = await build(bundle);
    const modules = output.flatMap((each) => (each.type === "chunk" ? each.moduleIds : []));
    writeFileSync(`${dist}/licences.txt`, licencesOf(modules));
    makeExecutable(program);
    return 0;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    rmSync(dist, { recursive: true, force: true });
    return 1;
  }
}

/**
 * `bin` in package.json is run as it is, by the Node that is first in PATH. Without the flags that the
 * daemon demands: a command starts sooner without.
 */
function makeExecutable(file: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.startsWith("#!")) writeFileSync(file, `#!/usr/bin/env node\n${text}`);
  chmodSync(file, 0o755);
}
