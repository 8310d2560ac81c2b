/**
 * Two machines for daemons that are started again and again, and what is seen of them from outside.
 */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { routes, socketName } from "../../src/control/index.ts";
import { writeHaFiles } from "../netns/lab/ha-files.ts";
import type { Namespace } from "../netns/lab/namespace.ts";
import { createTopology } from "../netns/lab/topology.ts";
import { until } from "../netns/lab/until.ts";

export interface Place {
  readonly nodes: readonly [Spot, Spot];
  /** Waits for a heartbeat of the first node that was sent after this moment. @returns its own */
  heartbeat(after: number): Promise<number>;
  remove(): Promise<void>;
}

/** A machine, and the options of all commands there. */
export interface Spot {
  readonly name: string;
  readonly namespace: Namespace;
  readonly runDir: string;
  readonly options: readonly string[];
}

/** Milliseconds of the wall clock, by which the kernel stamps what it sends. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * @param folder - for its files
 * @param keepalive - in milliseconds
 */
export async function createPlace(folder: string, keepalive: number): Promise<Place> {
  const names = ["alpha", "beta"];
  // Also of a fast one: on a machine that is busy with other things nothing is to happen.
  const deadtime = Math.max(1000, 5 * keepalive);
  const topology = createTopology(names);
  const [alpha, beta] = topology.machines.map(({ name, namespace }): Spot => {
    const haDir = join(folder, name, "ha.d");
    writeHaFiles(haDir, {
      nodes: names,
      keepalive: `${keepalive}ms`,
      warntime: `${deadtime / 2}ms`,
      deadtime: `${deadtime}ms`,
      initdead: "60",
    });
    const runDir = join(folder, name, "run");
    const dirs = ["--ha-dir", haDir, "--run-dir", runDir, "--state-dir", join(folder, name, "lib")];
    const heartbeatDir = ["--heartbeat-dir", join(folder, name, "heartbeat")];
    return { name, namespace, runDir, options: [...dirs, ...heartbeatDir, "--node", name] };
  });
  const filter = ["-i", "alpha-1", "-Q", "in", "-n", "-q", "-tt", "-l", "--immediate-mode"];
  const tcpdump = topology.hub.spawn("tcpdump", [...filter, "udp port 694"]);
  let said = "";
  tcpdump.stderr!.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  await until("a capture to begin", () => said.includes("listening on"));
  // Of the first heartbeat that was sent after `from`.
  let [from, latest] = [Infinity, 0];
  createInterface({ input: tcpdump.stdout! }).on("line", (line) => {
    const at = Number.parseFloat(line) * 1000;
    if (at > from) [from, latest] = [Infinity, at];
  });
  return {
    nodes: [alpha!, beta!],
    async heartbeat(after) {
      [from, latest] = [after, 0];
      return until("a heartbeat", () => latest > 0 && latest, 30_000, 1);
    },
    async remove() {
      topology.remove();
      if (tcpdump.exitCode === null && tcpdump.signalCode === null) await once(tcpdump, "exit");
    },
  };
}

/**
 * @param words - Node, its options, and the program
 */
export function startDaemon({ namespace, options }: Spot, words: readonly string[]): ChildProcess {
  const [first, ...rest] = words;
  const child = namespace.spawn(first!, [...rest, "run", ...options]);
  child.stdout!.resume();
  child.stderr!.pipe(process.stderr);
  return child;
}

/** In good order. */
export async function stopDaemon(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  if (child.exitCode === null) await once(child, "exit");
}

/** Waits until the daemon has answered a request for its status. @returns when */
export async function answered({ runDir }: Spot): Promise<number> {
  const path = join(runDir, socketName);
  return until("an answer", async () => (await isAnswered(path)) && wallMs(), 30_000, 1);
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const { method, path: route } = routes.status;
    socket.write(`${method} ${route} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    socket.on("data", () => {
      resolve(true);
      socket.destroy();
    });
    socket.on("error", () => resolve(false));
    socket.on("close", () => resolve(false));
  });
}
