import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { outcome, report } from "../../../src/control/index.ts";
import type { Status } from "../../../src/core/index.ts";
import type { Asked, Given, Running } from "./control-server.ts";
import { serveAnswers, understudy } from "./control-server.ts";
import { allWell, alpha, beta, group, moment } from "./reports.ts";

vi.setConfig({ testTimeout: 30_000 });

const program = new URL("../../../src/understudy.ts", import.meta.url).pathname;

const hour = 3_600_000;

interface Shown {
  readonly uptimeMs: number;
  readonly changes?: Partial<Status>;
}

/** The old daemon shows itself first, then these come one after the other. */
function daemon(...shown: readonly Shown[]): (request: Asked) => Given {
  let count = -1;
  return ({ path }) => {
    if (path === "/v1/restart") return { body: outcome(alpha, undefined) };
    count += 1;
    const { uptimeMs, changes } = shown[Math.min(count, shown.length - 1)] ?? { uptimeMs: 0 };
    const body = report({ ...allWell, ...changes }, moment, { software: "0.1.0", uptimeMs });
    return { body };
  };
}

const old: Shown = { uptimeMs: hour };

let haDir: string;

beforeEach(() => {
  haDir = mkdtempSync(join(tmpdir(), "us-restart-"));
  writeFileSync(join(haDir, "ha.cf"), "bcast eth0\nnode alpha beta\n");
  writeFileSync(join(haDir, "haresources"), "alpha 10.0.0.100\n");
  writeFileSync(join(haDir, "authkeys"), "auth 1\n1 sha256 notasecret\n", { mode: 0o600 });
});

afterEach(() => rmSync(haDir, { recursive: true }));

function restart(runDir: string, ...args: readonly string[]): Running {
  return understudy("restart", ...args, "--node", "alpha", "--ha-dir", haDir, "--run-dir", runDir);
}

test("a daemon is not sent away if none could start after it", async () => {
  await using server = await serveAnswers(daemon(old));
  writeFileSync(join(haDir, "ha.cf"), "keepalive soon\n");
  const { stderr, exitCode } = await restart(server.runDir);
  expect(stderr).toBe(
    "restart: the files have errors, with which no daemon starts: understudy check\n",
  );
  expect(exitCode).toBe(1);
  expect(server.asked).toEqual([]);
});

test.skipIf(process.getuid?.() !== 0)("who may not read the keys is told so", async () => {
  // A root who may not override modes is what a member of haclient is.
  chownSync(join(haDir, "authkeys"), 65_534, 65_534);
  const caps = "--bounding-set=-dac_override,-dac_read_search";
  const words = ["restart", "--node", "alpha", "--ha-dir", haDir, "--run-dir", haDir];
  const { stderr, exitCode } = await execa(
    "setpriv",
    ["--regid=nogroup", "--clear-groups", caps, process.execPath, program, ...words],
    { reject: false },
  );
  expect([stderr, exitCode]).toEqual([
    "restart: authkeys may not be read: a restart takes root",
    1,
  ]);
});

test("restart is done when a younger daemon holds what was held", async () => {
  const empty: Shown = { uptimeMs: 0, changes: { groups: [group({ holder: undefined })] } };
  await using server = await serveAnswers(daemon(old, old, empty, { uptimeMs: 0.001 }));
  const { stdout, exitCode } = await restart(server.runDir);
  expect(stdout).toMatch(/^alpha: back after \d+ ms, with all that it held\n$/u);
  expect(exitCode).toBe(0);
  expect(server.asked.find(({ path }) => path === "/v1/restart")).toEqual({
    method: "POST",
    path: "/v1/restart",
    body: '{"withinMs":15000}',
  });
  expect(server.asked.filter(({ path }) => path === "/v1/status")).toHaveLength(4);
});

test.each([
  ["the daemon has not ended", [old]],
  [
    "it does not hold 10.0.0.100",
    [old, { uptimeMs: 0, changes: { groups: [group({ holder: beta })] } }],
  ],
])("a node that is not back in time says what is missing: %s", async (missing, shown) => {
  await using server = await serveAnswers(daemon(...shown));
  const { stderr, exitCode } = await restart(server.runDir, "--within", "1s");
  expect(stderr).toBe(
    `alpha is not back within 1.0 s: ${missing}; see 'systemctl status understudy'\n`,
  );
  expect(exitCode).toBe(1);
});

test("a refusal is exit status 1, with the reason, and nothing is waited for", async () => {
  await using server = await serveAnswers(({ path }) =>
    path === "/v1/restart"
      ? { body: outcome(alpha, "there is no lease") }
      : daemon(old)({ path, method: "GET", body: "" }),
  );
  const { stderr, exitCode } = await restart(server.runDir);
  expect(stderr).toBe("restart: refused: there is no lease\n");
  expect(exitCode).toBe(1);
});
