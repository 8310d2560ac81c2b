import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Notice } from "../../../src/core/index.ts";
import { respawnFaults } from "../../../src/daemon/respawn-fault.ts";
import type { Respawns } from "../../../src/daemon/respawn.ts";
import { openRespawns } from "../../../src/daemon/respawn.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-respawn-"));
  chmodSync(folder, 0o1777);
});

afterEach(() => rmSync(folder, { recursive: true }));

const me = userInfo().username;

/** A shell script of the test's folder, which is its working place. */
function script(name: string, ...lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\ncd ${folder}\n${lines.join("\n")}\n`, { mode: 0o755 });
  return path;
}

function line(file: string, args: readonly string[] = [], user = me) {
  return { user, file, args, line: 1 };
}

interface Opened extends Respawns {
  readonly told: Notice[];
  readonly printed: string[];
}

function opened(...respawns: readonly ReturnType<typeof line>[]): Opened {
  const told: Notice[] = [];
  const printed: string[] = [];
  const running = openRespawns({
    respawns,
    env: () => ({ HA_CURHOST: "alpha" }),
    print: (program, text) => printed.push(`${program}: ${text}`),
    tell: (notice) => told.push(notice),
  });
  onTestFinished(() => running.end());
  return { ...running, told, printed };
}

const runs = (): number => readFileSync(join(folder, "runs"), "utf8").length / 2;

const codesOf = (told: readonly Notice[]) => told.map(({ code }) => code);

const seen = (what: () => unknown): Promise<void> =>
  vi.waitFor(() => expect(what()).toBeTruthy(), { timeout: 10_000, interval: 5 });

test("nothing runs before this node takes part, and once however often that is said", async () => {
  const file = script("one", "echo started >> log", "exec sleep 1000");
  const respawns = opened(line(file));
  expect(codesOf(respawns.told)).toEqual([]);
  respawns.begin();
  respawns.begin();
  await seen(() => existsSync(join(folder, "log")));
  expect(codesOf(respawns.told)).toEqual(["program-started"]);
  expect(readFileSync(join(folder, "log"), "utf8")).toBe("started\n");
});

test("a program gets its arguments and the environment of scripts, and what it prints is told", async () => {
  const file = script("one", 'echo "$1|$2|$HA_CURHOST|$NOTIFY_SOCKET"', "exec sleep 1000");
  vi.stubEnv("NOTIFY_SOCKET", "/not/for/it");
  onTestFinished(() => void vi.unstubAllEnvs());
  const respawns = opened(line(file, ["a b", "c"]));
  respawns.begin();
  await seen(() => respawns.printed.length);
  expect(respawns.printed).toEqual(["one: a b|c|alpha|"]);
});

test("a program that ends is started again", async () => {
  const twice = script(
    "two",
    "echo x >> runs",
    "[ $(wc -l < runs) -gt 2 ] && exec sleep 1000",
    "exit 7",
  );
  const respawns = opened(line(twice));
  respawns.begin();
  await seen(
    () => codesOf(respawns.told).filter((code) => code === "program-started").length === 3,
  );
  expect(respawns.told.filter(({ code }) => code === "program-ended")).toEqual([
    { code: "program-ended", program: twice, reason: "exit status 7" },
    { code: "program-ended", program: twice, reason: "exit status 7" },
  ]);
});

test("a program that is killed is started again", async () => {
  const file = script(
    "one",
    "echo x >> runs",
    "[ $(wc -l < runs) -gt 1 ] && exec sleep 1000",
    "kill -9 $$",
  );
  const respawns = opened(line(file));
  respawns.begin();
  await seen(
    () => codesOf(respawns.told).filter((code) => code === "program-started").length === 2,
  );
  expect(respawns.told).toContainEqual({
    code: "program-ended",
    program: file,
    reason: "ended by SIGKILL",
  });
});

test("exit status 100 means that it wants to be left alone", async () => {
  const file = script("one", "echo x >> runs", "exit 100");
  const respawns = opened(line(file));
  respawns.begin();
  await seen(() => codesOf(respawns.told).includes("program-done"));
  expect(codesOf(respawns.told)).toEqual(["program-started", "program-done"]);
});

test("after eleven quick ends in a row it is given up, until the files are read anew", async () => {
  const file = script("one", "echo x >> runs", "exit 1");
  const respawns = opened(line(file));
  respawns.begin();
  await seen(() => codesOf(respawns.told).includes("program-given-up"));
  expect(runs()).toBe(11);
  expect(codesOf(respawns.told).filter((code) => code === "program-ended")).toHaveLength(10);
  respawns.reconfigure([line(file)]);
  await seen(
    () => codesOf(respawns.told).filter((code) => code === "program-given-up").length === 2,
  );
  expect(runs()).toBe(22);
});

test("a user who is not there is not waited for", async () => {
  const respawns = opened(line(script("one", "true"), [], "nobody-of-this-name"));
  respawns.begin();
  await seen(() => codesOf(respawns.told).includes("program-given-up"));
  expect(respawns.told.at(-1)).toMatchObject({ reason: "no user nobody-of-this-name" });
});

const endingSlowly = (name: string) => [
  `trap 'sleep 0.05; echo ${name} >> ends; exit 0' TERM`,
  `touch ${name}.ready`,
  "while :; do sleep 0.01; done",
];

describe("the end", () => {
  test("comes in the reverse order, one after the other, by SIGTERM", async () => {
    const respawns = opened(
      line(script("one", ...endingSlowly("one"))),
      line(script("two", ...endingSlowly("two"))),
    );
    respawns.begin();
    await seen(
      () => existsSync(join(folder, "one.ready")) && existsSync(join(folder, "two.ready")),
    );
    await respawns.end();
    expect(readFileSync(join(folder, "ends"), "utf8")).toBe("two\none\n");
    // What is asked to end is not told to have ended, and not started again.
    expect(codesOf(respawns.told)).toEqual(["program-started", "program-started"]);
  });

  test("comes to one that does not listen, too, with all that it has started", async () => {
    const file = script(
      "one",
      "trap '' TERM",
      "sleep 1000 & echo $! > child",
      "touch ready",
      "while :; do wait; done",
    );
    const respawns = opened(line(file));
    respawns.begin();
    await seen(() => existsSync(join(folder, "ready")));
    const child = Number(readFileSync(join(folder, "child"), "utf8"));
    await respawns.end();
    await seen(() => !isRunning(child));
  });
});

const forever = (name: string) => line(script(name, `touch ${name}.ready`, "exec sleep 1000"));

test("a reload ends what is gone, begins what is new, and leaves the rest alone", async () => {
  const [one, two, three] = [forever("one"), forever("two"), forever("three")];
  const respawns = opened(one, two);
  respawns.begin();
  await seen(() => existsSync(join(folder, "one.ready")) && existsSync(join(folder, "two.ready")));
  const pids = new Map(
    respawns.told.flatMap((notice) =>
      notice.code === "program-started" ? [[notice.program, notice.pid] as const] : [],
    ),
  );
  respawns.reconfigure([{ ...two, line: 9 }, three]);
  await seen(() => existsSync(join(folder, "three.ready")));
  await seen(() => !isRunning(pids.get(one.file) ?? 0));
  expect(isRunning(pids.get(two.file) ?? 0)).toBe(true);
  expect(codesOf(respawns.told)).toEqual(["program-started", "program-started", "program-started"]);
});

test.skipIf(process.getuid?.() !== 0)("a program runs as its user", async () => {
  const file = script("who", 'echo "$(id -un) $(id -G)"', "exec sleep 1000");
  const respawns = opened(line(file, [], "nobody"));
  respawns.begin();
  await seen(() => respawns.printed.length);
  expect(respawns.printed[0]).toMatch(/^who: nobody \d+$/);
});

test("the host says what it has against a line, and nothing against a sound one", async () => {
  const plain = join(folder, "plain");
  writeFileSync(plain, "", { mode: 0o644 });
  const sound = script("sound", "true");
  const missing = join(folder, "missing");
  const open = script("open", "true");
  chmodSync(open, 0o777);
  const faults = await respawnFaults([
    { ...line(sound), line: 1 },
    { ...line(plain), line: 2 },
    { ...line(missing), line: 3 },
    { ...line(folder), line: 4 },
    { ...line(sound, [], "nobody-of-this-name"), line: 5 },
    // The original takes no numbers (getpwnam).
    { ...line(sound, [], "0"), line: 6 },
    { ...line(open), line: 7 },
  ]);
  expect(faults).toEqual([
    { line: 2, message: `respawn: ${plain} is not executable` },
    { line: 3, message: `respawn: there is no program ${missing}` },
    { line: 4, message: `respawn: ${folder} is no file` },
    { line: 5, message: "respawn: there is no user nobody-of-this-name" },
    { line: 6, message: "respawn: there is no user 0" },
    {
      line: 7,
      message: `respawn: ${open} may be written by others (mode 0777): chmod go-w ${open}`,
    },
  ]);
});

function isRunning(pid: number): boolean {
  try {
    // A zombie has ended, whoever is to be told of it.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}
