import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readSound } from "../../../src/daemon/sound-files.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-files-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(more: string): void {
  const files = {
    "ha.cf": `node alpha beta\nbcast eth0\nauto_failback on\n${more}\n`,
    haresources: "alpha 10.0.0.100\n",
    authkeys: "auth 1\n1 sha1 not-a-secret-in-a-test\n",
  };
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }
}

test("a fencing device that cannot be called is told at the start, which it does not prevent", async () => {
  write("stonith_host * /nowhere/reset port1");
  const { config, text, errors } = await readSound({ haDir: folder, node: "alpha" });
  expect(config).toBeDefined();
  expect(errors).toEqual([]);
  expect(text).toContain(
    "ha.cf: warning: /nowhere/reset: there is no executable file /nowhere/reset\n",
  );
});

test("a program beside the daemon that cannot be run prevents it", async () => {
  write("respawn root /nowhere/program");
  const { config, errors } = await readSound({ haDir: folder, node: "alpha" });
  expect(config).toBeUndefined();
  expect(errors.join()).toContain("ha.cf:4");
});
