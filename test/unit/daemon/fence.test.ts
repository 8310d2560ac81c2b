import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { FenceProgram } from "../../../src/config/index.ts";
import type { JobOutcome } from "../../../src/core/index.ts";
import { jobId, nodeName } from "../../../src/core/index.ts";
import type { Fencing } from "../../../src/daemon/fence.ts";
import { fenceFault, openFencing } from "../../../src/daemon/fence.ts";

let folder: string;
let fencing: Fencing;
let programs: FenceProgram[];
let lines: string[];
const waiting = new Map<number, (outcome: JobOutcome) => void>();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-fence-"));
  [programs, lines] = [[], []];
  vi.stubEnv("PATH", `${folder}:${process.env["PATH"]}`);
  fencing = openFencing({
    programs: () => programs,
    env: () => ({ HA_CURHOST: "alpha" }),
    done: (job, outcome) => waiting.get(job)?.(outcome),
    print: (device, line) => lines.push(`${device}: ${line}`),
  });
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

/** A program of that name; what it was given is in the file `given`. */
function program(name: string, body: string): string {
  const path = join(folder, name);
  const text = `#!/bin/sh\n{ echo "args: $*"; cat; } > ${folder}/given\n${body}\n`;
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

function given(): string {
  return readFileSync(join(folder, "given"), "utf8");
}

let lastJob = 0;

function fence(device: Partial<FenceProgram>) {
  lastJob += 1;
  const job = jobId(lastJob);
  const outcome = new Promise<JobOutcome>((resolve) => waiting.set(job, resolve));
  programs = [{ kind: "script", name: "", parameters: [], file: undefined, ...device }];
  fencing.run(job, nodeName("beta"), 0);
  return { job, outcome };
}

/** Of the package cluster-glue, which continuous integration has. */
const lacksStonith = !existsSync("/usr/sbin/stonith") && process.env["CI"] === undefined;
const isRoot = process.getuid?.() === 0;

describe("a fence agent", () => {
  const kind = "agent";

  test("reads what it is to do from its standard input, and nothing is in its arguments", async () => {
    program("fence_x", "exit 0");
    const parameters = ["ip=10.0.0.9", "password=a=b c"];
    const { outcome } = fence({ kind, name: "fence_x", parameters });
    expect(await outcome).toEqual({ type: "succeeded" });
    expect(given()).toBe(
      "args: \naction=reboot\nnodename=beta\nplug=beta\nip=10.0.0.9\npassword=a=b c\n",
    );
  });

  test.each([
    [["action=off"], "nodename=beta\nplug=beta\naction=off\n"],
    [["port=3"], "action=reboot\nnodename=beta\nport=3\n"],
    [["plug=3"], "action=reboot\nnodename=beta\nplug=3\n"],
  ])("is given %j instead of what is usual", async (parameters, expected) => {
    program("fence_x", "exit 0");
    await fence({ kind, name: "fence_x", parameters }).outcome;
    expect(given()).toBe(`args: \n${expected}`);
  });

  test("may have its parameters in a file, a line each", async () => {
    program("fence_x", "exit 0");
    const file = join(folder, "parameters");
    writeFileSync(file, "# the board\n\n ip=10.0.0.9\npassword=a b\n", { mode: 0o600 });
    await fence({ kind, name: "fence_x", file }).outcome;
    expect(given()).toContain("\nip=10.0.0.9\npassword=a b\n");
  });

  test("that fails says why, and its password is blotted out of that", async () => {
    program("fence_x", "cat; echo 'login with hunter2 failed' >&2; exit 1");
    const { outcome } = fence({ kind, name: "fence_x", parameters: ["passwd=hunter2"] });
    expect(await outcome).toEqual({
      type: "failed",
      reason: "exit status 1: login with *** failed",
    });
    expect(lines).toEqual(["fence_x: login with *** failed"]);
  });

  test("of a password nothing is seen though it looks like a path, or is where a line is cut", async () => {
    program("fence_x", `echo "${"x".repeat(190)}/hunter2-hunter2" >&2; exit 1`);
    const parameters = ["passwd=/hunter2-hunter2"];
    const outcome = await fence({ kind, name: "fence_x", parameters }).outcome;
    expect(JSON.stringify([outcome, lines])).not.toContain("hunter");
  });

  test.each(["fence_x", "parameters"])("is not called if others may write %s", async (name) => {
    program("fence_x", "exit 0");
    const file = join(folder, "parameters");
    writeFileSync(file, "password=hunter2\n", { mode: 0o600 });
    chmodSync(join(folder, name), 0o777);
    const outcome = await fence({ kind, name: "fence_x", file }).outcome;
    expect(outcome).toMatchObject({ type: "failed" });
    expect(JSON.stringify(outcome)).toContain(`chmod go-w ${folder}/${name}`);
    expect(() => given()).toThrow("ENOENT");
  });

  test("that does not read is no worse for it", async () => {
    writeFileSync(join(folder, "fence_x"), "#!/bin/sh\nexit 0\n", { mode: 0o755 });
    expect(await fence({ kind, name: "fence_x" }).outcome).toEqual({ type: "succeeded" });
  });

  test("that is not there, or whose file is not, is a failure that names it", async () => {
    const reason = "there is no program fence_nothing";
    expect(await fence({ kind, name: "fence_nothing" }).outcome).toEqual({
      type: "failed",
      reason,
    });
    program("fence_x", "exit 0");
    const file = join(folder, "missing");
    expect(await fence({ kind, name: "fence_x", file }).outcome).toEqual({
      type: "failed",
      reason: `${file} cannot be read`,
    });
  });

  test("is killed when its job is cancelled", async () => {
    program("fence_x", "sleep 1003 & sleep 1004");
    const { job, outcome } = fence({ kind, name: "fence_x" });
    fencing.cancel(job);
    expect(await outcome).toEqual({ type: "cancelled" });
  });
});

describe.skipIf(!isRoot)("a program of the site", () => {
  test("is called with its parameters and the node, and fences by its exit status", async () => {
    const name = program("reset", 'exit "$2"');
    expect(await fence({ name, parameters: ["port3", "0"] }).outcome).toEqual({
      type: "succeeded",
    });
    expect(given()).toBe("args: port3 0 beta\n");
    const failed = await fence({ name, parameters: ["port3", "7"] }).outcome;
    expect(failed).toEqual({ type: "failed", reason: "exit status 7" });
  });

  test.each([0o775, 0o757])("that others may write (%o) is not run as root", async (mode) => {
    const name = program("reset", "exit 0");
    chmodSync(name, mode);
    const outcome = await fence({ name }).outcome;
    expect(outcome).toMatchObject({ type: "failed" });
    expect(fenceFault(programs[0]!)).toMatch(/chmod go-w/u);
    expect(() => given()).toThrow("ENOENT");
  });

  test("in a folder that others may write is not run as root", async () => {
    mkdirSync(join(folder, "site"));
    const name = program("site/reset", "exit 0");
    chmodSync(join(folder, "site"), 0o777);
    const outcome = await fence({ name }).outcome;
    const reason = `${folder}/site may be written by others (mode 0777): chmod go-w ${folder}/site`;
    expect(outcome).toEqual({ type: "failed", reason });
    expect(() => given()).toThrow("ENOENT");
  });

  test("that is another's is not run as root", async () => {
    const name = program("reset", "exit 0");
    chownSync(name, 65_534, 0);
    expect(await fence({ name }).outcome).toMatchObject({ type: "failed" });
  });
});

describe("a plugin of cluster-glue", () => {
  const kind = "plugin";

  test("is called through stonith, with its parameters where nobody sees them", async () => {
    program("stonith", 'cat "$4" > /dev/null; exit 0');
    const parameters = ["10.0.0.9", "admin", "hunter2"];
    const { outcome } = fence({ kind, name: "external/ipmi", parameters });
    expect(await outcome).toEqual({ type: "succeeded" });
    expect(given()).toBe(
      "args: -t external/ipmi -F /dev/stdin -T reset beta\n10.0.0.9 admin hunter2\n",
    );
  });

  test("with a file is given that", async () => {
    program("stonith", "exit 0");
    const file = join(folder, "parameters");
    writeFileSync(file, "10.0.0.9 admin hunter2\n");
    await fence({ kind, name: "external/ipmi", file }).outcome;
    expect(given()).toBe(`args: -t external/ipmi -F ${file} -T reset beta\n`);
  });

  test.skipIf(lacksStonith)(
    "can be one of the real command's, which knows its own types",
    async () => {
      vi.stubEnv("PATH", "/usr/sbin:/usr/bin:/bin");
      const device: FenceProgram = {
        kind,
        name: "null",
        parameters: ["alpha", "beta"],
        file: undefined,
      };
      expect(await fence(device).outcome).toEqual({ type: "succeeded" });
      expect(fenceFault(device)).toBeUndefined();
      expect(fenceFault({ ...device, name: "nothing" })).toMatch(/knows no type nothing/u);
      const missing = await fence({ ...device, name: "nothing" }).outcome;
      expect(missing).toMatchObject({ type: "failed" });
      // The command wants its parameters, and finds that these are wrong.
      expect(await fence({ ...device, name: "external/ipmi" }).outcome).toMatchObject({
        type: "failed",
      });
    },
  );
});

test("a device that a reload has taken away is a failure", async () => {
  const { outcome } = fence({});
  lastJob += 1;
  const late = new Promise<JobOutcome>((resolve) => waiting.set(lastJob, resolve));
  fencing.run(jobId(lastJob), nodeName("beta"), 1);
  expect(await late).toEqual({ type: "failed", reason: "it is configured no more" });
  await outcome;
});
