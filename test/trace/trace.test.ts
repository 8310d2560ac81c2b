/**
 * Golden traces: every `*.txt` here is a story of commands, each with what the cluster did.
 *
 * A failing trace is read, not fixed: run `UPDATE=1 npx vitest run --config test/vitest.config.ts
 * --project trace`, look at the diff, and commit it only if you can explain every changed line.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { replay } from "./replay.ts";

const folder = new URL("./", import.meta.url);

for (const file of readdirSync(folder).filter((name) => name.endsWith(".txt"))) {
  test(file, () => {
    const path = new URL(file, folder);
    const before = readFileSync(path, "utf8");
    const after = replay(before);
    if (process.env["UPDATE"] === undefined) expect(after).toBe(before);
    else writeFileSync(path, after);
  });
}
