/**
 * Network namespaces of a test's own. This process's thread enters one for as long as a function
 * runs: a socket opened meanwhile belongs to it for ever.
 */
import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import koffi from "koffi";
import { assert } from "../../../src/std/assert.ts";
import type { Result } from "../../../src/std/result.ts";

export interface Namespace {
  readonly name: string;
  /** Runs `ip` there. */
  ip(args: string): string;
  /** Runs any program there. */
  run(program: string, args: readonly string[]): string;
  /** Runs a function there. It must not be asynchronous. */
  inside<T>(action: () => T): T;
  remove(): void;
}

/** Made with its loopback up. */
export function createNamespace(role: string): Namespace {
  const name = `us-linux-${process.pid}-${role}`;
  execFileSync("ip", ["netns", "add", name]);
  const namespace: Namespace = {
    name,
    ip: (args) => execFileSync("ip", ["-n", name, ...args.split(" ")], { encoding: "utf8" }),
    run: (program, args) =>
      execFileSync("ip", ["netns", "exec", name, program, ...args], { encoding: "utf8" }),
    inside: (action) => inside(name, action),
    remove: () => void execFileSync("ip", ["netns", "del", name]),
  };
  namespace.ip("link set lo up");
  return namespace;
}

/** A cable between two namespaces, up at both ends. */
export function connect(
  left: Namespace,
  leftDevice: string,
  right: Namespace,
  rightDevice: string,
): void {
  left.ip(`link add ${leftDevice} type veth peer name ${rightDevice} netns ${right.name}`);
  left.ip(`link set ${leftDevice} up`);
  right.ip(`link set ${rightDevice} up`);
}

/** For `expect.poll`: how long the kernel may take on a busy machine. */
export const patience = { timeout: 10_000, interval: 5 };

export function valueOf<T, E>(result: Result<T, E>): T {
  assert(result.ok, `success, not ${JSON.stringify(result)}`);
  return result.value;
}

const setns: (fd: number, type: number) => number = koffi.load(null).func("int setns(int, int)");

function inside<T>(name: string, action: () => T): T {
  const home = openSync("/proc/thread-self/ns/net", "r");
  try {
    enter(`/run/netns/${name}`);
    return action();
  } finally {
    assert(setns(home, CLONE_NEWNET) === 0, "a way back into the namespace that we came from");
    closeSync(home);
  }
}

function enter(path: string): void {
  const fd = openSync(path, "r");
  const entered = setns(fd, CLONE_NEWNET);
  closeSync(fd);
  assert(entered === 0, `to enter ${path}, which needs root`);
}

/** include/uapi/linux/sched.h */
const CLONE_NEWNET = 0x40000000;
