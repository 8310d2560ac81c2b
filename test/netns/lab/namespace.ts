/**
 * Network namespaces: each is the network of one machine, with processes of its own.
 */
import type { ChildProcess } from "node:child_process";
import { execFileSync, spawn } from "node:child_process";
import { readdirSync } from "node:fs";

export interface Namespace {
  readonly name: string;
  /** Runs `ip` there, and waits. @throws if it fails */
  ip(args: string): string;
  /** Runs any program there, and waits. @throws if it fails */
  run(program: string, args: readonly string[]): string;
  /** Starts a program there. Its output is read through the pipes of the child. */
  spawn(program: string, args: readonly string[]): ChildProcess;
  pids(): readonly number[];
}

/** `us-net-<pid of the maker>-<count>-<role>`: nobody else's, and a dead maker's are known. */
const prefix = "us-net-";
const made = new Set<string>();
let count = 0;

/** Made with its loopback up. */
export function createNamespace(role: string): Namespace {
  if (made.size === 0) removeForsaken();
  count += 1;
  const name = `${prefix}${process.pid}-${count}-${role}`;
  execFileSync("ip", ["netns", "add", name]);
  made.add(name);
  const namespace: Namespace = {
    name,
    ip: (args) => text("ip", ["-n", name, ...args.split(" ")]),
    run: (program, args) => text("ip", ["netns", "exec", name, program, ...args]),
    // `ip netns exec` becomes the program: the child's pid is the program's.
    spawn: (program, args) =>
      spawn("ip", ["netns", "exec", name, program, ...args], { stdio: ["ignore", "pipe", "pipe"] }),
    pids: () => pidsIn(name),
  };
  namespace.ip("link set lo up");
  return namespace;
}

/** Ends whatever runs there, then removes it. */
export function removeNamespace({ name }: Namespace): void {
  remove(name);
  made.delete(name);
}

/** A run that was ended by force leaves nothing, once another one runs. */
function removeForsaken(): void {
  for (const name of text("ip", ["netns", "list"])
    .split("\n")
    .map((line) => line.split(" ")[0]!)) {
    if (!name.startsWith(prefix)) continue;
    const maker = name.slice(prefix.length).split("-")[0]!;
    if (!readdirSync("/proc").includes(maker)) removeQuietly(name);
  }
}

/** Another run may have found it too. */
function removeQuietly(name: string): void {
  try {
    remove(name);
  } catch {
    // The other was quicker.
  }
}

process.on("exit", () => {
  for (const name of made) remove(name);
});

function remove(name: string): void {
  for (const pid of pidsIn(name)) kill(pid);
  execFileSync("ip", ["netns", "del", name]);
}

function pidsIn(name: string): readonly number[] {
  const lines = text("ip", ["netns", "pids", name]).split("\n");
  return lines.filter((line) => line !== "").map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself meanwhile.
  }
}

function text(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
