/**
 * The build: src/ is compiled to dist/, and dist/understudy.js is a program that can be run.
 * Ends with 0, or with 1 and no dist/ at all: half a build is not mistaken for one.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";

const root = new URL("../../", import.meta.url).pathname;
const dist = `${root}dist`;
const program = `${dist}/understudy.js`;

process.exitCode = build();

function build(): 0 | 1 {
  rmSync(dist, { recursive: true, force: true });
  const options = ["-p", `${root}src`, "--noEmitOnError"];
  const compiler = spawnSync(`${root}node_modules/.bin/tsc`, options, { stdio: "inherit" });
  if (compiler.error !== undefined) console.error(compiler.error.message);
  if (compiler.status !== 0) return 1;
  if (!existsSync(program)) {
    console.error(`the build made no ${program}: src/understudy.ts is missing`);
    return 1;
  }
  makeExecutable(program);
  return 0;
}

/** `bin` in package.json is run as it is, by the Node that is first in PATH. */
function makeExecutable(file: string): void {
  const text = readFileSync(file, "utf8");
  if (!text.startsWith("#!")) writeFileSync(file, `#!/usr/bin/env node\n${text}`);
  chmodSync(file, 0o755);
}
