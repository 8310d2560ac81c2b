/**
 * A control group with little memory, in which the kernel shoots the daemon (cgroups(7)): the memory
 * controller of version 1, or of version 2.
 */
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Namespace } from "../netns/lab/namespace.ts";
import { until } from "../netns/lab/until.ts";

export interface MemoryGroup {
  /** Becomes the daemon, in the group, and the first that the kernel shoots there. */
  readonly under: readonly string[];
  /** Takes the memory that is left, and more, by a program that the kernel shoots later. */
  exhaust(namespace: Namespace): Promise<void>;
  remove(): void;
}

interface Controller {
  /** What mounts it. */
  readonly mount: string;
  readonly path: string;
  readonly limit: string;
  readonly usage: string;
  /** Where `oom_kill` counts those that were shot. */
  readonly events: string;
}

const version1 = {
  mount: "mount -t cgroup -o memory memory",
  path: "/sys/fs/cgroup/memory",
  limit: "memory.limit_in_bytes",
  usage: "memory.usage_in_bytes",
  events: "memory.oom_control",
};
const version2 = {
  mount: "mount -t cgroup2 cgroup2",
  path: "/sys/fs/cgroup",
  limit: "memory.max",
  usage: "memory.current",
  events: "memory.events",
};

function controller(): Controller | undefined {
  if (existsSync(join(version1.path, version1.limit))) return version1;
  const controllers = join(version2.path, "cgroup.subtree_control");
  const has = existsSync(controllers) && readFileSync(controllers, "utf8").includes("memory");
  return has ? version2 : undefined;
}

export function missingMemoryGroup(): string | undefined {
  return controller() === undefined ? "no memory controller of control groups" : undefined;
}

let count = 0;

export function makeMemoryGroup(): MemoryGroup {
  const { mount, path, limit, usage, events } = controller()!;
  count += 1;
  const name = `us-fault-${process.pid}-${count}`;
  const folder = join(path, name);
  mkdirSync(folder);
  const read = (file: string): string => readFileSync(join(folder, file), "utf8");
  // ip-netns(8): a program in a namespace has a /sys of its own, without what is mounted in it.
  const enter = `${mount} /sys/fs/cgroup && echo $$ >/sys/fs/cgroup/${name}/cgroup.procs`;
  // oom_score_adj, proc(5): the first to be shot is the one with the highest, the hog has less.
  const first = `${enter} && echo 1000 >/proc/self/oom_score_adj && exec "$@"`;
  const hog = `${enter} && exec tail /dev/zero`;
  return {
    under: ["sh", "-c", first, "sh"],
    async exhaust(namespace) {
      // Room for the hog's own pages: what it fills does not end.
      const used = Number(read(usage));
      writeFileSync(join(folder, limit), String(used + 8 * 1024 * 1024));
      const child = namespace.spawn("sh", ["-c", hog]);
      const hasShot = (): boolean => /^oom_kill [1-9]/m.test(read(events));
      await until("the kernel to shoot the daemon", hasShot, 20_000, 1);
      child.kill("SIGKILL");
    },
    remove() {
      // What was in it has been killed, and is gone in a moment.
      for (let tries = 0; existsSync(folder); tries++) {
        try {
          rmdirSync(folder);
        } catch (error) {
          if (tries > 200) throw error;
          Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
        }
      }
    },
  };
}
