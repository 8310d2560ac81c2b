import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
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

test("check says whether the devices that fence can be called, and shows no password", async () => {
  const devices = [
    "stonith_host alpha fence_nothing password=hunter2",
    "stonith_host alpha /nonexistent/reset hunter2",
    "stonith_host beta fence_other password=hunter2",
  ];
  await using dir = await haDir({
    "ha.cf": `${haCf}${devices.join("\n")}\n`,
    haresources: "alpha 10.0.0.100/24/lo\n",
    authkeys: (await understudy("keygen")).stdout,
  });
  const args = ["check", "--ha-dir", dir.path, "--node", "alpha"];
  const { stdout, exitCode } = await understudy(...args);
  expect(stdout).toContain(
    "error: fence_nothing cannot fence: there is no program fence_nothing\n",
  );
  expect(stdout).toContain("error: /nonexistent/reset cannot fence: there is no executable file");
  expect(stdout).not.toContain("fence_other");
  expect(stdout).not.toContain("hunter2");
  expect(exitCode).toBe(2);
});

test("check names the component that others may write, of scripts as an error, of files as a warning", async () => {
  await using dir = await haDir({
    "ha.cf": haCf,
    haresources: "alpha 10.0.0.100/24/lo web\n",
    authkeys: (await understudy("keygen")).stdout,
  });
  const scripts = join(dir.path, "resource.d");
  await mkdir(scripts);
  await writeFile(join(scripts, "web"), "#!/bin/sh\n", { mode: 0o755 });
  await chmod(scripts, 0o777);
  await chmod(join(dir.path, "ha.cf"), 0o666);
  const { stdout, exitCode } = await understudy("check", "--ha-dir", dir.path, "--node", "alpha");
  expect(stdout).toContain(
    `error: web: ${scripts} may be written by others (mode 0777): chmod go-w ${scripts}\n`,
  );
  expect(stdout).toContain(
    `ha.cf: warning: ${dir.path}/ha.cf may be written by others (mode 0666)`,
  );
  expect(exitCode).toBe(2);
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

describe("a directory that was written for heartbeat", () => {
  const files = {
    "ha.cf": `${haCf}logfile /var/log/ha-log\n`,
    haresources: "alpha 10.0.0.100/24/lo 10.0.0.101/24 nginx::a\n",
    authkeys: "auth 1\n1 sha1 of-this-pair-alone-and-long-enough\n",
  };
  const nginx = "#!/bin/sh\n";

  test("is explained line by line with --migration", async () => {
    await using dir = await haDir(files);
    await mkdir(join(dir.path, "resource.d"));
    await writeFile(join(dir.path, "resource.d/nginx"), nginx, { mode: 0o755 });
    const args = ["--migration", "--ha-dir", dir.path, "--node", "alpha"];
    const { stdout, exitCode } = await understudy("check", ...args);
    expect(stdout.split("\n\n").slice(1).join("\n\n").replaceAll(dir.path, "DIR"))
      .toMatchInlineSnapshot(`
      "otherwise than in heartbeat 3.0.6
        ha.cf:4      initdead          a node that hears its peers waits no longer; heartbeat waits 10 s more
        ha.cf:7      auto_failback     what was moved by hand stays there, over restarts too
        haresources  10.0.0.100/24/lo  an address, added without a script
        haresources  10.0.0.101/24     an address, added without a script, on the interface of its subnet; heartbeat's IPaddr takes eth0

      without effect
        ha.cf:8  logfile  the log goes to standard output, to be read with journalctl -u understudy

      as in heartbeat 3.0.6
        haresources  nginx::a  the script DIR/resource.d/nginx
        authkeys     sha1      write a sha256 key when no node runs heartbeat any more: heartbeat does not know it

      and: keepalive, deadtime, warntime, bcast, node

      for every resource group
        it can be moved alone, by its name; with a peer that runs heartbeat only its whole side can
        what does not start is undone, and the other node takes it; heartbeat leaves it down on both
        what does not stop keeps its group here, and the machine is not rebooted
      "
    `);
    // To be otherwise than heartbeat is no fault.
    const without = await understudy("check", ...args.slice(1));
    expect(exitCode).toBe(without.exitCode);
  });

  test("is explained as JSON too, and null where nobody asks", async () => {
    await using dir = await haDir(files);
    const args = ["check", "--json", "--ha-dir", dir.path, "--node", "alpha"];
    const [told, untold] = await Promise.all([
      understudy(...args, "--migration"),
      understudy(...args),
    ]);
    const entries = expect.arrayContaining([
      {
        about: "directive",
        effect: "differs",
        file: "ha.cf",
        line: 7,
        subject: "auto_failback",
        says: expect.stringContaining("moved by hand") as unknown,
      },
    ]) as unknown;
    expect(JSON.parse(told.stdout)).toMatchObject({ migration: entries });
    expect(JSON.parse(untold.stdout)).toMatchObject({ migration: null });
  });

  test("is hinted at where heartbeat has run", async () => {
    await using dir = await haDir({ ...files, hb_generation: "             12\n" });
    const args = ["--ha-dir", dir.path, "--node", "alpha", "--heartbeat-dir"];
    const here = await understudy("check", ...args, dir.path);
    const elsewhere = await understudy("check", ...args, join(dir.path, "none"));
    expect(here.stdout).toContain("ok: heartbeat has run on this node: --migration tells");
    expect(elsewhere.stdout).not.toContain("--migration");
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
