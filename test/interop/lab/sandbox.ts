/**
 * A machine around the network of a machine: processes, host name and files of its own, so that a
 * real heartbeat finds everything where it expects it, and nothing of it reaches this machine: a
 * resource that does not stop makes it kill by name and reboot.
 */
import type { ChildProcess } from "node:child_process";
import { execFile, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Namespace } from "../../netns/lab/namespace.ts";
import type { Ran } from "../../netns/lab/node.ts";
import { until } from "../../netns/lab/until.ts";

export interface Sandbox {
  /** The machine's network, with the processes and files of the machine. */
  readonly namespace: Namespace;
  /** `/etc/ha.d`, seen from outside; so are all of these. They outlive a loss of power. */
  readonly haDir: string;
  readonly heartbeatDir: string;
  readonly logDir: string;
  /** From here on programs can run. */
  powerOn(): Promise<void>;
  /** Everything that runs there ends at once, by SIGKILL. */
  powerOff(): Promise<void>;
  /** Runs a program there; never fails because of its exit status. */
  readonly exec: (program: string, ...args: readonly string[]) => Promise<Ran>;
}

export interface SandboxOptions {
  readonly network: Namespace;
  readonly name: string;
  /** For its files, of its own. */
  readonly folder: string;
  /** Lines of /etc/hosts. */
  readonly hosts: readonly string[];
}

export function createSandbox(options: SandboxOptions): Sandbox {
  const { network, folder } = options;
  const haDir = join(folder, "ha.d");
  const logDir = join(folder, "log");
  const heartbeatDir = join(folder, "lib", "heartbeat");
  makeFiles(options, { haDir, logDir, heartbeatDir });
  let init: Init | undefined;
  const enter = (program: string, args: readonly string[]): string[] => {
    if (init === undefined) throw new Error(`${options.name} has no power`);
    const flags = ["-t", `${init.pid}`, "-n", "-m", "-u", "-i", "-p"];
    return [...flags, "--", program, ...args];
  };
  const namespace: Namespace = {
    ...network,
    run: (program, args) => execFileSync("nsenter", enter(program, args), { encoding: "utf8" }),
    spawn: (program, args) => spawnInside(enter(program, args)),
  };
  return {
    namespace,
    haDir,
    heartbeatDir,
    logDir,
    async powerOn() {
      init = await startInit(options);
    },
    async powerOff() {
      if (init === undefined) return;
      const { pid, kill } = init;
      init = undefined;
      kill();
      // The kernel has ended all the others by the time when it is only a zombie.
      await until(`the end of ${options.name}`, () => hasEnded(pid));
    },
    exec: (program, ...args) => run(enter(program, args)),
  };
}

interface Folders {
  readonly haDir: string;
  readonly logDir: string;
  readonly heartbeatDir: string;
}

function makeFiles({ name, folder, hosts }: SandboxOptions, folders: Folders): void {
  const { haDir, logDir, heartbeatDir } = folders;
  for (const each of [haDir, logDir, heartbeatDir, join(folder, "lib", "understudy")])
    mkdirSync(each, { recursive: true });
  // As the packages installed them, with their owners and modes.
  execFileSync("cp", ["-a", "/etc/ha.d/.", haDir]);
  execFileSync("cp", ["-a", "/var/lib/heartbeat/.", heartbeatDir]);
  for (const file of ["hb_generation", "hb_uuid", "fifo"])
    rmSync(join(heartbeatDir, file), { force: true });
  const lines = ["127.0.0.1 localhost", ...hosts];
  writeFileSync(join(folder, "hosts"), lines.map((line) => `${line}\n`).join(""));
  writeFileSync(join(folder, "init.sh"), initScript(name, folder));
}

/**
 * It holds the namespaces open until its standard input ends, which is when whoever started it has
 * ended, however that came about: the kernel ends the rest with it (pid_namespaces(7)).
 */
function initScript(name: string, folder: string): string {
  return `set -e
mount --make-rprivate /
mount --bind ${folder}/ha.d /etc/ha.d
mount --bind ${folder}/lib /var/lib
mount --bind ${folder}/log /var/log
mount --bind ${folder}/hosts /etc/hosts
mount -t tmpfs tmpfs /run
mkdir -p /run/lock/subsys /run/resource-agents
for part in "" /ccm /crm /dopd; do
  install -d -m 750 -o hacluster -g haclient /run/heartbeat$part
done
install -d -m 1777 /run/heartbeat/rsctmp
printf '#!/bin/sh\\necho "$0 $*" >>/var/log/reboot-called\\n' >${folder}/no-reboot
chmod 755 ${folder}/no-reboot
for program in /sbin/reboot /sbin/init; do
  if [ -e "$program" ]; then mount --bind ${folder}/no-reboot "$(readlink -f "$program")"; fi
done
hostname ${name}
trap "" TERM INT HUP
echo ready
read -r _ || true
`;
}

interface Init {
  readonly pid: number;
  readonly kill: () => void;
}

async function startInit({ network, name, folder }: SandboxOptions): Promise<Init> {
  const unshare = ["unshare", "-m", "-u", "-i", "-p", "-f", "--kill-child", "--mount-proc"];
  const args = ["netns", "exec", network.name, ...unshare, "bash", join(folder, "init.sh")];
  const child = spawn("ip", args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  let isReady = false;
  createInterface({ input: child.stdout }).on("line", (line) => (isReady ||= line === "ready"));
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  await until(`the machine of ${name}`, () => {
    if (child.exitCode !== null) throw new Error(`${name} has no machine: ${said}`);
    return isReady;
  });
  return { pid: childOf(child.pid!)!, kill: () => void child.kill("SIGKILL") };
}

/** The child of nsenter is the program, in other namespaces: it is what a signal is meant for. */
function spawnInside(args: readonly string[]): ChildProcess {
  const child = spawn("nsenter", args, { stdio: ["ignore", "pipe", "pipe"] });
  child.kill = (signal = "SIGTERM") => {
    const program = childOf(child.pid!);
    return program !== undefined && process.kill(program, signal);
  };
  return child;
}

/** proc_pid_task(5), children */
function childOf(pid: number): number | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return text === "" ? undefined : Number(text.split(" ")[0]);
  } catch {
    // It has ended.
    return undefined;
  }
}

/** proc_pid_stat(5): the state stands behind the name in parentheses. */
function hasEnded(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, "latin1").split(") ").at(-1)!.startsWith("Z");
  } catch {
    return true;
  }
}

function run(args: readonly string[]): Promise<Ran> {
  return new Promise((resolve, reject) => {
    execFile("nsenter", args, { timeout: 90_000 }, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, stdout, stderr });
      else if (typeof error.code === "number") resolve({ code: error.code, stdout, stderr });
      else reject(error);
    });
  });
}
