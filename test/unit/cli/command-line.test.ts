import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { historyEntry, refusal } from "../../../src/control/index.ts";
import { millis } from "../../../src/std/time.ts";
import type { Asked, Given } from "./control-server.ts";
import { serveAnswers, serveNothing, serveSilence } from "./control-server.ts";
import { tellingWhatItLoads, understudy } from "./control-server.ts";
import { allWell, beta, failover, group, moment, reportOf } from "./reports.ts";

// Each of these starts a process, many of them at once.
vi.setConfig({ testTimeout: 30_000 });

const well = reportOf(allWell);

describe("bad usage is one line that says where to look, and exit status 64", () => {
  test.concurrent.each([
    ["no command at all", [], /what is to be done\? Write 'understudy status'/u],
    [
      "a command that is misspelt",
      ["statsu"],
      /unknown command 'statsu' \(Did you mean status\?\)/u,
    ],
    [
      "an option that is misspelt",
      ["status", "--jsno"],
      /Did you mean --json\?.*'understudy status --help'/u,
    ],
    ["an option of another command", ["takeover", "--watch"], /unknown option '--watch'/u],
    ["an argument too many", ["standby", "all", "now"], /too many arguments for 'standby'/u],
    ["an option without its value", ["status", "--run-dir"], /argument missing/u],
    ["takeover failback", ["takeover", "failback"], /write takeover local/u],
    ["a group that cannot be one", ["standby", "a b"], /all, local, foreign, failback or a group/u],
    ["a line break and an escape", ["status", "\n\u001B[2J"], /too many arguments/u],
    ["help for what is not there", ["help", "me"], /no such command/u],
  ])("%s", async (_, args, line) => {
    const { stdout, stderr, exitCode } = await understudy(...args);
    expect(stderr).toMatch(/^understudy: [^\n]*\n$/u);
    expect(stderr).toMatch(line);
    expect(stderr).not.toContain("\u001B");
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 64 });
  });
});

describe("help and version are on stdout, with exit status 0", () => {
  test.concurrent.each([
    ["--help", ["--help"], "Commands:"],
    ["help standby", ["help", "standby"], "all, local, foreign, failback or a group's name"],
    ["status --help", ["status", "--help"], "2 nobody answers, 3 not running"],
    ["--version", ["--version"], "0.1.0\n"],
  ])("%s", async (_, args, text) => {
    const { stdout, stderr, exitCode } = await understudy(...args);
    expect(stdout).toContain(text);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  });
});

describe("status", () => {
  test.each([
    ["0 when all is well", 0, {}],
    ["1 when degraded", 1, { redundancy: { state: "degraded", why: ["beta is dead"] } }],
    ["2 when held by nobody", 2, { groups: [group({ holder: undefined, state: "unserved" })] }],
  ] as const)("exits with %s", async (_, expected, changes) => {
    await using server = await serveAnswers(() => ({ body: reportOf(allWell, changes) }));
    const { stdout, stderr, exitCode } = await understudy("status", "--run-dir", server.runDir);
    expect({ exitCode, stderr }).toEqual({ exitCode: expected, stderr: "" });
    expect(stdout).toMatch(
      /^10\.0\.0\.100: held by .*\nstandby: .*beta could take it now\nwrong: /u,
    );
    expect(server.asked).toEqual([{ method: "GET", path: "/v1/status", body: "" }]);
  });

  test("into a pipe is not wrapped: a script looks for whole sentences", async () => {
    const why = "beta has other configuration files, or has not read the same ones yet ".repeat(3);
    const redundancy = { state: "degraded", why: [why.trim()] } as const;
    await using server = await serveAnswers(() => ({ body: reportOf(allWell, { redundancy }) }));
    const { stdout } = await understudy("status", "--run-dir", server.runDir);
    expect(stdout).toContain(`\nwrong: ${why.trim()}\n`);
  });

  test("as JSON is the daemon's report", async () => {
    await using server = await serveAnswers(() => ({ body: well }));
    const { stdout, exitCode } = await understudy("--run-dir", server.runDir, "status", "--json");
    expect(JSON.parse(stdout)).toEqual(well);
    expect(exitCode).toBe(0);
  });

  test("loads nothing that only the daemon needs", async () => {
    await using server = await serveAnswers(() => ({ body: well }));
    const { stderr } = await tellingWhatItLoads("status", "--run-dir", server.runDir);
    const loaded = stderr.split("\n").filter((url) => url.startsWith("file:"));
    const packages = loaded.map((url) => /node_modules\/([^/]+)/u.exec(url)?.[1]);
    const folders = loaded.map((url) => /\/src\/(\w+)\//u.exec(url)?.[1]);
    expect(new Set(packages)).toEqual(new Set(["commander", undefined]));
    expect(new Set(folders)).toEqual(new Set(["cli", "control", "core", "std", undefined]));
  });
});

describe("a daemon that is not there is exit status 3, and one line", () => {
  const commands = [
    ["status"],
    ["status", "--json"],
    ["history"],
    ["why"],
    ["takeover"],
    ["standby", "--wait"],
  ];

  test.concurrent.each(commands)("%s %s without a socket", async (...args) => {
    await using none = await serveNothing();
    const { stdout, stderr, exitCode } = await understudy(...args, "--run-dir", none.runDir);
    const line = `understudy is not running on this node (no answer at ${none.runDir}/control)\n`;
    expect({ stdout, stderr, exitCode }).toEqual({ stdout: "", stderr: line, exitCode: 3 });
  });

  test("a socket that a killed daemon left behind is no daemon", async () => {
    await using left = await serveNothing();
    const path = JSON.stringify(join(left.runDir, "control"));
    const listen = `require("net").createServer().listen(${path}, () => console.log("up"))`;
    const daemon = execa(process.execPath, ["-e", listen], { reject: false });
    await once(daemon.stdout, "data");
    daemon.kill("SIGKILL");
    await daemon;
    const { stderr, exitCode } = await understudy("status", "--run-dir", left.runDir);
    expect(stderr).toContain("is not running on this node");
    expect(exitCode).toBe(3);
  });
});

describe("a daemon that does not answer is given up after 2 s, with exit status 3", () => {
  test.concurrent.each([
    ["accepts and says nothing", ""],
    [
      "stops in the middle of its answer",
      'HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"version":1',
    ],
  ])("one that %s", async (_, bytes) => {
    await using frozen = await serveSilence(bytes);
    const started = performance.now();
    const { stdout, stderr, exitCode } = await understudy("status", "--run-dir", frozen.runDir);
    expect(stderr).toMatch(/^understudy does not answer: nothing came from .* within 2 s\n$/u);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 3 });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe("an answer that is not understood is never shown as a status", () => {
  test.each([
    ["a page of another server", "<html>hello</html>", /is no status of version 1/u],
    ["a report of another version", { ...well, version: 2 }, /is no status of version 1/u],
  ])("%s", async (_, body, line) => {
    await using server = await serveAnswers(() => ({ body }));
    const { stdout, stderr, exitCode } = await understudy("status", "--run-dir", server.runDir);
    expect(stderr).toMatch(line);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 3 });
  });
});

test("status --watch shows what changed, and Ctrl-C ends it with 0", async () => {
  const dead = reportOf(allWell, { redundancy: { state: "degraded", why: ["beta is dead"] } });
  await using server = await serveAnswers((_, count) => ({ body: count === 0 ? well : dead }));
  const running = understudy("status", "--watch", "--run-dir", server.runDir);
  let shown = "";
  let interrupted = false;
  for await (const line of running.iterable({ preserveNewlines: true })) {
    shown += line;
    if (interrupted || shown.split("told by alpha").length < 3) continue;
    // Once: a second Ctrl-C ends it at once, as the system does.
    interrupted = running.kill("SIGINT");
  }
  const { exitCode, stderr } = await running;
  const wrong = shown.split("\n").filter((line) => line.startsWith("wrong: "));
  expect(wrong.slice(0, 2)).toEqual(["wrong: nothing", "wrong: beta is dead"]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
});

describe("takeover and standby", () => {
  const done = { group: "10.0.0.100", result: { type: "done", holder: "beta", tookMs: 12.345 } };
  const refused = { group: "nginx", result: { type: "refused", reason: "beta is dead" } };
  test("--wait says who holds it and what it took", async () => {
    await using server = await serveAnswers(answerOf(done));
    const { stdout, exitCode } = await understudy(
      "takeover",
      "10.0.0.100",
      "--wait",
      "--run-dir",
      server.runDir,
    );
    expect({ stdout, exitCode }).toEqual({
      stdout: "10.0.0.100: held by beta, took 12.3 ms\n",
      exitCode: 0,
    });
    expect(server.asked.map(parsed)).toEqual([
      { method: "POST", path: "/v1/takeover", body: { selection: "10.0.0.100", wait: true } },
    ]);
  });

  test("without an argument mean all groups", async () => {
    await using server = await serveAnswers(answerOf());
    const { stdout, exitCode } = await understudy("standby", "--run-dir", server.runDir);
    expect({ stdout, exitCode }).toEqual({
      stdout: "no group is meant: nothing to do\n",
      exitCode: 0,
    });
    expect(server.asked.map(parsed)).toEqual([
      { method: "POST", path: "/v1/standby", body: { selection: "all", wait: false } },
    ]);
  });

  test("exit with 1 and a line for each group that was refused", async () => {
    await using server = await serveAnswers(answerOf(done, refused));
    const { stdout, stderr, exitCode } = await understudy(
      "standby",
      "all",
      "--run-dir",
      server.runDir,
    );
    expect(stdout).toBe("10.0.0.100: held by beta, took 12.3 ms\n");
    expect(stderr).toBe("nginx: refused: beta is dead\n");
    expect(exitCode).toBe(1);
  });

  test("of a group that is not there name those that are, and exit with 64", async () => {
    const unknown = { group: "web", result: { type: "refused", reason: "there is none" } };
    await using server = await serveAnswers((asked, count) =>
      asked.path === "/v1/status" ? { body: well } : answerOf(unknown)(asked, count),
    );
    const { stdout, stderr, exitCode } = await understudy(
      "takeover",
      "web",
      "--run-dir",
      server.runDir,
    );
    expect({ stdout, stderr, exitCode }).toEqual({
      stdout: "",
      stderr: "understudy: there is no group 'web': write 10.0.0.100\n",
      exitCode: 64,
    });
  });

  test("exit with 1 when the daemon did not take the command", async () => {
    await using server = await serveAnswers(() => ({
      status: 400,
      body: refusal("wait must be true"),
    }));
    const { stderr, exitCode } = await understudy("takeover", "--run-dir", server.runDir);
    expect({ stderr, exitCode }).toEqual({
      stderr: "understudy refused: wait must be true\n",
      exitCode: 1,
    });
  });
});

describe("history and why", () => {
  const entries = [
    historyEntry({ code: "peer-up", peer: beta }, moment),
    historyEntry({ code: "peer-dead", peer: beta, silent: millis(2000.1) }, moment + 4567),
  ];

  test("history of a daemon that does not run is what it left behind", async () => {
    const stateDir = mkdtempSync(join(tmpdir(), "understudy-history-"));
    onTestFinished(() => rmSync(stateDir, { recursive: true }));
    const lines = entries.map((entry) => JSON.stringify(entry)).join("\n");
    writeFileSync(join(stateDir, "history.jsonl"), `${lines}\n{"cut`);
    const args = ["history", "--run-dir", stateDir, "--state-dir", stateDir];
    const { stdout, stderr, exitCode } = await understudy(...args);
    expect(exitCode).toBe(3);
    expect(stderr).toContain("is not running");
    expect(stdout.trim().split("\n")).toHaveLength(entries.length);
  });

  test("history is a line for each thing that happened, oldest first", async () => {
    await using server = await serveAnswers(() => ({
      body: { version: 1, node: "alpha", entries },
    }));
    const { stdout, exitCode } = await understudy("history", "--run-dir", server.runDir);
    expect(exitCode).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "2025-11-17 21:15:03.000  info   peer is up (peer beta)
      2025-11-17 21:15:07.567  error  peer is dead (peer beta, silent 2000.1 ms)
      "
    `);
  });

  test("why tells what each phase of the last move took", async () => {
    const moved = group({
      holder: beta,
      sinceMs: 4200,
      reason: "alpha is dead",
      lastMove: failover,
    });
    await using server = await serveAnswers(() => ({
      body: reportOf(allWell, { groups: [moved] }),
    }));
    const { stdout, exitCode } = await understudy("why", "10.0.0.100", "--run-dir", server.runDir);
    expect(exitCode).toBe(0);
    expect(stdout).toMatchInlineSnapshot(`
      "10.0.0.100: held by beta since 21:14:58 (4.2 s): alpha is dead
      It last moved from alpha to beta at 2025-11-17 21:14:58 (4.2 s ago): alpha is dead
        2000.1 ms from the last sign of life, or the word to give up, to the decision
        0.60 ms from the decision to the first announcement: decided 0.21 ms, lease 0.04 ms, address 0.30 ms, announced 0.05 ms
        1.3 ms from the decision to the start of the last resource
        2001.9 ms in all: what a client may have missed
      "
    `);
  });

  test("why of a group that another node took says who knows what it took", async () => {
    await using server = await serveAnswers(() => ({ body: well }));
    const { stdout } = await understudy("why", "--run-dir", server.runDir);
    expect(stdout).toContain("is known to the node that took it: ask");
  });

  test("why of a group that is not there names those that are", async () => {
    await using server = await serveAnswers(() => ({ body: well }));
    const { stderr, exitCode } = await understudy("why", "web", "--run-dir", server.runDir);
    expect({ stderr, exitCode }).toEqual({
      stderr: "understudy: there is no group 'web': write 10.0.0.100\n",
      exitCode: 64,
    });
  });
});

test("a reader that has read enough ends the command quietly", async () => {
  const entries = Array.from({ length: 5000 }, () => historyEntry({ code: "active" }, moment));
  await using server = await serveAnswers(() => ({ body: { version: 1, node: "alpha", entries } }));
  const running = understudy("history", "--run-dir", server.runDir);
  running.stdout.once("data", () => running.stdout.destroy());
  const { stderr, exitCode } = await running;
  expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
});

function answerOf(...groups: readonly object[]): (asked?: Asked, count?: number) => Given {
  return () => ({ body: { version: 1, node: "alpha", groups } });
}

function parsed({ method, path, body }: Asked): object {
  return { method, path, body: JSON.parse(body) as unknown };
}
