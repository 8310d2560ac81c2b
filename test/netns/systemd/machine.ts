/**
 * A machine with a real systemd: a booted container with a network of its own, whose file system
 * is forgotten when it ends.
 */
import { existsSync, readFileSync } from "node:fs";
import { execa } from "execa";
import { vi } from "vitest";
import { makeCgroup, removeCgroup } from "./cgroup.ts";

export interface Machine {
  /** Runs shell commands as root. Never rejects. `output` is what it printed, without the end. */
  readonly attempt: (script: string) => Promise<Ended>;
  /** The same, for commands that must succeed: rejects otherwise. */
  readonly run: (script: string) => Promise<string>;
  /** @returns what it printed on its console */
  readonly powerOff: () => Promise<string>;
}

export interface Ended {
  readonly status: number;
  readonly output: string;
}

/**
 * Boots a machine and waits until all its units are up.
 *
 * @param tree - its root file system, shared and not changed
 * @param node - what `uname -n` says there
 * @param packages - a folder of the host that it sees, read-only, as /packages
 */
export async function bootMachine(tree: string, node: string, packages: string): Promise<Machine> {
  const name = `us-systemd-${process.pid}`;
  const cgroup = makeCgroup(name);
  const container = startContainer(cgroup, [
    `--directory=${tree}`,
    `--machine=${name}`,
    `--hostname=${node}`,
    `--bind-ro=${packages}:/packages`,
  ]);
  let running = true;
  const end = container.then((result) => {
    running = false;
    return result.all;
  });
  const powerOff = async (): Promise<string> => {
    // The first process of a namespace takes all others with it: pid_namespaces(7).
    const init = running ? initOf(container.pid!) : undefined;
    if (init === undefined) container.kill("SIGKILL");
    else process.kill(init, "SIGKILL");
    const printed = await end;
    await vi.waitUntil(() => removeCgroup(cgroup), { timeout: 10_000, interval: 20 });
    return printed;
  };
  try {
    const started = (): number | undefined => initOf(container.pid!);
    const init = await vi.waitUntil(started, { timeout: 10_000, interval: 20 });
    const machine = { ...shellOf(init), powerOff };
    const isUp = async (): Promise<boolean> =>
      (await machine.attempt("systemctl is-system-running")).output === "running";
    await vi.waitUntil(isUp, { timeout: 60_000, interval: 100 });
    return machine;
  } catch (cause) {
    throw new Error(`the machine did not boot: ${await powerOff()}`, { cause });
  }
}

function startContainer(cgroup: readonly string[], options: readonly string[]) {
  const enter = cgroup.map((folder) => `echo $$ >${folder}/cgroup.procs && `).join("");
  // If this process is killed, the machine must not go on running.
  const watched = ["setpriv", "--pdeathsig", "KILL"];
  const nspawn = ["systemd-nspawn", "--quiet", "--boot", "--volatile=overlay", "--console=pipe"];
  const apart = ["--private-network", "--register=no", "--keep-unit"];
  const command = [...watched, ...nspawn, ...apart, ...options];
  return execa("sh", ["-c", `${enter} exec "$@"`, "sh", ...command], {
    reject: false,
    stdin: "ignore",
    all: true,
  });
}

/** The machine's process 1: the child of systemd-nspawn that has become systemd. */
function initOf(pid: number): number | undefined {
  const children = textOf(`/proc/${pid}/task/${pid}/children`).split(" ");
  const init = children.find((child) => textOf(`/proc/${child}/comm`) === "systemd");
  return init === undefined ? undefined : Number(init);
}

/** What the kernel says of a process; nothing, if it has ended meanwhile. */
function textOf(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8").trim() : "";
}

function shellOf(init: number): Pick<Machine, "attempt" | "run"> {
  const attempt = async (script: string): Promise<Ended> => runInside(init, script);
  const run = async (script: string): Promise<string> => {
    const { status, output } = await attempt(script);
    if (status !== 0) throw new Error(`${script}\nended with ${status} and said:\n${output}`);
    return output;
  };
  return { attempt, run };
}

async function runInside(init: number, script: string): Promise<Ended> {
  const inside = ["--target", `${init}`, "--all", "--", "sh", "-c", script];
  const result = await execa("nsenter", inside, {
    reject: false,
    all: true,
    stdin: "ignore",
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" },
    extendEnv: false,
  });
  return { status: result.exitCode ?? -1, output: result.all };
}
