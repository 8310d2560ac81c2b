import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { JobOutcome, ScriptedResource } from "../../../src/core/index.ts";
import { jobId } from "../../../src/core/index.ts";
import type { Scripts } from "../../../src/daemon/scripts.ts";
import { openScripts } from "../../../src/daemon/scripts.ts";
import { round } from "./round.ts";

let haDir: string;
let scripts: Scripts;
let lines: string[];
const waiting = new Map<number, (outcome: JobOutcome) => void>();

beforeEach(() => {
  haDir = mkdtempSync(join(tmpdir(), "understudy-scripts-"));
  mkdirSync(join(haDir, "resource.d"));
  lines = [];
  scripts = openScripts({
    haDir,
    env: () => ({ HA_CURHOST: "alpha" }),
    done: (job, outcome) => waiting.get(job)?.(outcome),
    print: (resource, line) => lines.push(`${resource}: ${line}`),
  });
});

afterEach(() => rmSync(haDir, { recursive: true }));

/** A script of resource.d; what it is called with is in the file `calls`. */
function script(name: string, body: string): ScriptedResource {
  const text = `#!/bin/sh\necho "$@" >> ${haDir}/calls\n${body}\n`;
  writeFileSync(join(haDir, "resource.d", name), text, { mode: 0o755 });
  return { type: "script", name, script: name, args: [] };
}

let lastJob = 0;

function run(action: "start" | "stop", resource: ScriptedResource) {
  lastJob += 1;
  const job = jobId(lastJob);
  const outcome = new Promise<JobOutcome>((resolve) => waiting.set(job, resolve));
  scripts.run(job, action, resource);
  return { job, outcome };
}

function calls(): string {
  return readFileSync(join(haDir, "calls"), "utf8");
}

describe("a script of resource.d", () => {
  test("is asked for its status, and started if it does not run", async () => {
    const resource = script("web", 'case "$1" in status) echo stopped;; esac');
    expect(await run("start", resource).outcome).toEqual({ type: "succeeded" });
    expect(calls()).toBe("status\nstart\n");
  });

  test("is not started if it says that it runs", async () => {
    const resource = script("web", 'echo "web is running"');
    expect(await run("start", resource).outcome).toEqual({ type: "succeeded" });
    expect(calls()).toBe("status\n");
  });

  test("is judged by the text of its status, not by its exit status", async () => {
    const resource = script("web", 'case "$1" in status) echo "not running"; exit 0;; esac');
    await run("start", resource).outcome;
    expect(calls()).toBe("status\nstart\n");
  });

  test("gets its arguments before the action, and the names that agents expect", async () => {
    const resource = script("web", 'echo "$HA_CURHOST"');
    const withArguments = { ...resource, args: ["a", "b c"] };
    expect(await run("stop", withArguments).outcome).toEqual({ type: "succeeded" });
    expect(calls()).toBe("a b c stop\n");
    expect(lines).toEqual(["web: alpha"]);
  });

  test("that fails says why by its exit status and its last word", async () => {
    const resource = script("web", '[ "$1" = status ] || { echo no disk >&2; exit 3; }');
    const reason = "start: exit status 3: no disk";
    expect(await run("start", resource).outcome).toEqual({ type: "failed", reason });
  });

  test("that is not there has failed to start", async () => {
    const resource: ScriptedResource = { type: "script", name: "x", script: "x", args: [] };
    const outcome = await run("start", resource).outcome;
    expect(outcome).toMatchObject({ type: "failed" });
    expect(outcome.type === "failed" && outcome.reason).toContain("there is no such program");
  });
});

describe("what a script prints", () => {
  test("is told by line, with the resource's name; what its status prints is not", async () => {
    const resource = script(
      "web",
      '[ "$1" = status ] && echo stopped || printf "one\\ntwo\\nthree"',
    );
    await run("start", resource).outcome;
    expect(lines).toEqual(["web: one", "web: two"]);
    await expect.poll(() => lines).toEqual(["web: one", "web: two", "web: three"]);
  });

  test("is not waited for when a daemon that it leaves behind keeps the pipe", async () => {
    const body = `[ "$1" = status ] || { sleep 60 & echo $! > ${haDir}/pid; echo left; }`;
    const { outcome } = run("start", script("web", body));
    expect(await outcome).toEqual({ type: "succeeded" });
    expect(lines).toEqual(["web: left"]);
    const pid = Number(readMaybe(join(haDir, "pid")));
    // It still runs: what was waited for was the script, not the pipe. A signal 0 throws if not.
    process.kill(pid, 0);
    process.kill(pid, "SIGKILL");
  });

  test("of a daemon left behind goes on being told", async () => {
    const body = `[ "$1" = status ] || { (while [ ! -e ${haDir}/go ]; do sleep 0.01; done; echo later) & }`;
    await run("start", script("web", body)).outcome;
    writeFileSync(join(haDir, "go"), "");
    await expect.poll(() => lines).toEqual(["web: later"]);
  });
});

describe("a program that prints without end", () => {
  test("does not keep the loop, and of its lines only the first and their number are told", async () => {
    const body = '[ "$1" = status ] || yes';
    const { job, outcome } = run("start", script("web", body));
    await expect.poll(() => lines.length).toBeGreaterThan(0);
    scripts.cancel(job);
    expect(await outcome).toEqual({ type: "cancelled" });
    await expect.poll(() => lines.at(-1)).toMatch(/^web: \d+ more lines were left out$/);
    expect(lines.length).toBeLessThan(1000);
  });
});

describe("a program that others can write", () => {
  test("is not run, neither to ask nor to start, and the reason names the remedy", async () => {
    const resource = script("web", "exit 0");
    chmodSync(join(haDir, "resource.d"), 0o777);
    const at = `${haDir}/resource.d`;
    const reason = `${at} may be written by others (mode 0777): chmod go-w ${at}`;
    expect(await run("start", resource).outcome).toEqual({ type: "failed", reason });
    // What was never started need not be stopped.
    expect(await run("stop", resource).outcome).toEqual({ type: "succeeded" });
    expect(readMaybe(join(haDir, "calls"))).toBe("");
  });

  test("since it was started is not run to stop it either: the group is stuck", async () => {
    const resource = script("web", "exit 0");
    expect(await run("start", resource).outcome).toEqual({ type: "succeeded" });
    chmodSync(join(haDir, "resource.d", "web"), 0o775);
    const outcome = await run("stop", resource).outcome;
    expect(JSON.stringify(outcome)).toContain(`chmod go-w ${haDir}/resource.d/web`);
    expect(calls()).toBe("status\nstart\n");
    chmodSync(join(haDir, "resource.d", "web"), 0o755);
    expect(await run("stop", resource).outcome).toEqual({ type: "succeeded" });
  });
});

test("a program does not believe to be the daemon, for systemd", async () => {
  process.env["NOTIFY_SOCKET"] = "/run/systemd/notify";
  try {
    await run("stop", script("web", 'echo "socket=$NOTIFY_SOCKET in $PWD"')).outcome;
  } finally {
    delete process.env["NOTIFY_SOCKET"];
  }
  expect(lines).toEqual(["web: socket= in /"]);
});

describe("a job that is cancelled", () => {
  test("ends as cancelled, and what it started is killed with it", async () => {
    const body = `echo $$ > ${haDir}/pid; sleep 60`;
    const { job, outcome } = run("stop", script("web", body));
    await expect.poll(() => readMaybe(join(haDir, "pid"))).not.toBe("");
    scripts.cancel(job);
    expect(await outcome).toEqual({ type: "cancelled" });
    const pid = Number(readMaybe(join(haDir, "pid")));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  test("before its program was started is never begun", async () => {
    const { job, outcome } = run("stop", script("web", "exit 0"));
    scripts.cancel(job);
    expect(await outcome).toEqual({ type: "cancelled" });
    expect(readMaybe(join(haDir, "calls"))).toBe("");
  });

  test("that ended already is left as it is", async () => {
    const { job, outcome } = run("stop", script("web", "exit 0"));
    expect(await outcome).toEqual({ type: "succeeded" });
    scripts.cancel(job);
  });
});

function readMaybe(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

test("of many that are to be started at once each leaves the loop a round to itself", async () => {
  const resources = Array.from({ length: 5 }, (_, n) => script(`web${n}`, "sleep 0.2"));
  const runs = resources.map((resource) => run("stop", resource));
  const started: number[] = [];
  for (let n = 0; n < 5; n++) {
    started.push(children());
    await round();
  }
  expect(started.map((count, n) => count <= n)).not.toContain(false);
  expect(await Promise.all(runs.map(({ outcome }) => outcome))).toEqual(
    runs.map(() => ({ type: "succeeded" })),
  );
});

/** Of this process, those that run a script of this test. */
function children(): number {
  const all = readdirSync("/proc").filter((name) => /^\d+$/u.test(name));
  return all.filter((pid) => {
    try {
      const parent = / \S (\d+) /u.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))?.[1];
      return (
        parent === String(process.pid) &&
        readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(haDir)
      );
    } catch {
      // It has ended meanwhile.
      return false;
    }
  }).length;
}
