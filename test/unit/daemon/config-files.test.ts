import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readFiles } from "../../../src/daemon/config-files.ts";

let dir = "";

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "us-cli-"));
});

afterEach(() => rm(dir, { recursive: true }));

test("the files are read whole, authkeys with its mode", async () => {
  await writeFile(join(dir, "ha.cf"), "node alpha\n");
  await writeFile(join(dir, "authkeys"), "auth 1\n");
  await chmod(join(dir, "authkeys"), 0o640);
  await writeFile(join(dir, "nodeinfo"), "alpha\n");
  const { haCf, haresources, authkeys, nodeinfo, faults } = readFiles(dir);
  expect(haCf?.text).toBe("node alpha\n");
  expect(authkeys).toEqual({ file: "authkeys", text: "auth 1\n", mode: 0o640 });
  expect({ haresources, nodeinfo, faults }).toEqual({
    haresources: undefined,
    nodeinfo: "alpha\n",
    faults: [],
  });
});

test("a missing file is no fault, nor is a missing directory", () => {
  expect(readFiles(join(dir, "none"))).toEqual({ faults: [], distrusted: [] });
});

test("a directory, a named pipe and a file over 4 MiB are faults, and nothing waits for them", async () => {
  await mkdir(join(dir, "ha.cf"));
  await promisify(execFile)("mkfifo", [join(dir, "haresources")]);
  await writeFile(join(dir, "authkeys"), "");
  await truncate(join(dir, "authkeys"), 4 * 1024 * 1024 + 1);
  expect(readFiles(dir)).toEqual({
    faults: [
      { file: "ha.cf", reason: "it is no regular file" },
      { file: "haresources", reason: "it is no regular file" },
      { file: "authkeys", reason: "it is over 4 MiB long" },
    ],
    distrusted: [],
  });
});

test("what others can write is named once, with the component and the remedy", async () => {
  for (const file of ["ha.cf", "haresources"]) await writeFile(join(dir, file), "");
  await chmod(join(dir, "haresources"), 0o664);
  const haresources = join(dir, "haresources");
  const reason = `${haresources} may be written by others (mode 0664): chmod go-w ${haresources}`;
  expect(readFiles(dir).distrusted).toEqual([{ file: "haresources", reason }]);
  await chmod(dir, 0o777);
  const ofAll = `${dir} may be written by others (mode 0777): chmod go-w ${dir}`;
  expect(readFiles(dir).distrusted).toEqual([{ file: "ha.cf", reason: ofAll }]);
});

test("a path that leads in a circle is a fault with its errno", async () => {
  await promisify(execFile)("ln", ["-s", "ha.cf", join(dir, "ha.cf")]);
  expect(readFiles(dir).faults).toEqual([{ file: "ha.cf", reason: "ELOOP" }]);
});
