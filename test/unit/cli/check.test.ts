import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { understudy } from "./control-server.ts";

vi.setConfig({ testTimeout: 30_000 });

/** On the loopback interface, which every machine has; lacking a second link, on purpose. */
const haCf =
  "keepalive 1\ndeadtime 10\nwarntime 5\ninitdead 20\nbcast lo\nnode alpha beta\nauto_failback on\n";

test("check finds the files of keygen and of the operator sound, and warns of one link only", async () => {
  const authkeys = await understudy("keygen");
  expect(authkeys.stdout).toMatch(/^auth 1\n1 sha256 [0-9a-f]{64}\n$/mu);
  await using dir = await haDir({
    "ha.cf": haCf,
    haresources: "alpha 10.0.0.100/24/lo\n",
    authkeys: authkeys.stdout,
  });
  const { stdout, exitCode } = await understudy("check", "--ha-dir", dir.path, "--node", "alpha");
  expect(stdout).toContain("ha.cf:5:1: warning: lo is the only heartbeat link");
  expect(stdout).toContain(
    "ok: the files are sound: 2 nodes, 1 medium, 1 group; this node is alpha\n",
  );
  expect(stdout).toContain("ok: lo is up and can carry heartbeats\n");
  expect(exitCode).toBe(1);
});

test("two keys of keygen are never the same", async () => {
  const [one, other] = await Promise.all([understudy("keygen"), understudy("keygen")]);
  expect(one.stdout).not.toBe(other.stdout);
});

describe("an error in a file is exit status 2", () => {
  test("shown with its line, its column and a caret", async () => {
    await using dir = await haDir({ "ha.cf": `${haCf}keepalife 2\n` });
    const { stdout, exitCode } = await understudy("check", "--ha-dir", dir.path);
    expect(stdout).toMatch(/^ha\.cf:8:1: error: .*keepalive.*\n {4}keepalife 2\n {4}\^/mu);
    expect(stdout).toMatch(/^haresources: error: there is no such file/mu);
    expect(exitCode).toBe(2);
  });

  test("and as JSON an object with file, line and code", async () => {
    await using dir = await haDir({ "ha.cf": `${haCf}keepalife 2\n` });
    const { stdout, exitCode } = await understudy("check", "--json", "--ha-dir", dir.path);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      errors: 4,
      diagnostics: expect.arrayContaining([
        expect.objectContaining({
          severity: "error",
          code: "unknown-directive",
          file: "ha.cf",
          line: 8,
        }),
      ]) as unknown,
    });
    expect(exitCode).toBe(2);
  });
});

test("what stands in the place of a file is named, once", async () => {
  await using dir = await haDir({});
  await mkdir(join(dir.path, "ha.cf"));
  const { stdout } = await understudy("check", "--ha-dir", dir.path);
  const lines = stdout.split("\n").filter((line) => line.startsWith("ha.cf"));
  expect(lines).toEqual(["ha.cf: error: it cannot be read: it is no regular file"]);
});

async function haDir(
  files: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "us-cli-"));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(path, name), text, { mode: 0o600 });
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
