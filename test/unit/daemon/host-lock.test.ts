import { execFileSync, spawnSync } from "node:child_process";
import { expect, test } from "vitest";

/** In a network namespace of its own: the lock is one for each. */
const program = `
  const { lockHost } = await import(${JSON.stringify(new URL("../../../src/daemon/host-lock.ts", import.meta.url).href)});
  const first = await lockHost();
  const second = await lockHost();
  first.release();
  const third = await lockHost();
  console.log(JSON.stringify([first, second, third].map((lock) => lock !== undefined)));
`;

const canUnshare = spawnSync("unshare", ["--net", "true"]).status === 0;

test.skipIf(!canUnshare && process.env["CI"] === undefined)(
  "one daemon holds the host, and the next one when that has gone",
  () => {
    const args = ["--net", process.execPath, "--input-type=module", "--eval", program];
    expect(execFileSync("unshare", args, { encoding: "utf8" }).trim()).toBe("[true,false,true]");
  },
);
