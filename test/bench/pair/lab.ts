/**
 * The network of a measurement, the same for all programs: a switch, two machines, and a client that
 * asks for the virtual IP once a millisecond.
 *
 * A machine has processes, files and a host name of its own (test/interop/lab/sandbox.ts), so that each
 * program finds its files where it expects them, and a machine can lose its power.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Capture } from "../../faults/capture.ts";
import { startCapture } from "../../faults/capture.ts";
import type { Observer } from "../../faults/observer.ts";
import { macOf, startObserver } from "../../faults/observer.ts";
import type { Switch } from "../../faults/switch.ts";
import { switchOf } from "../../faults/switch.ts";
import type { Sandbox } from "../../interop/lab/sandbox.ts";
import { createSandbox } from "../../interop/lab/sandbox.ts";
import { virtualIp } from "../../netns/lab/ha-files.ts";
import type { Machine } from "../../netns/lab/topology.ts";
import { createTopology } from "../../netns/lab/topology.ts";
import { temporaryFolder } from "../folder.ts";

export interface Station extends Machine {
  readonly sandbox: Sandbox;
  /** For files that are not the sandbox's. */
  readonly folder: string;
  /** What the program on it is made of, whoever started it. */
  pids(): readonly number[];
  /** Whether its kernel has the virtual IP. */
  hasAddress(): boolean;
}

export interface Lab {
  readonly alpha: Station;
  readonly beta: Station;
  readonly hub: Switch;
  /** A client begins to ask. */
  observe(): Promise<Observer>;
  /** Keeps what passes the switch from alpha to beta, on the service network. */
  listen(filter: string): Promise<Capture>;
  remove(): void;
}

export const names = ["alpha", "beta"] as const;

/** The client's address: see topology.ts. */
const CLIENT = "10.77.0.250";

/** Both machines have power; nothing runs on them. */
export async function createLab(): Promise<Lab> {
  const folder = temporaryFolder("bench");
  const root = folder.path;
  const topology = createTopology(names);
  const remove = (): void => {
    topology.remove();
    folder.remove();
  };
  try {
    const [alpha, beta] = topology.machines.map((machine) => stationOf(machine, root));
    if (alpha === undefined || beta === undefined) throw new Error("a pair is two");
    await Promise.all([alpha.sandbox.powerOn(), beta.sandbox.powerOn()]);
    const nodes = { alpha: macOf(alpha.namespace), beta: macOf(beta.namespace) };
    const eye = { virtualIp, address: CLIENT, mac: macOf(topology.client), nodes };
    return {
      alpha,
      beta,
      hub: switchOf(topology.hub),
      observe: () => startObserver(topology.client, eye, join(root, "client.pcap")),
      listen(filter) {
        const options = { device: "beta-0", bytes: HEARTBEAT_MAX, file: join(root, "beta.pcap") };
        return startCapture(topology.hub, { ...options, filter });
      },
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Bytes of a frame with a heartbeat in it. */
const HEARTBEAT_MAX = 1514;

function stationOf(machine: Machine, root: string): Station {
  const { name, namespace } = machine;
  const folder = join(root, name);
  const hosts = ["10.77.0.1 alpha", "10.77.0.2 beta"];
  const sandbox = createSandbox({ network: namespace, name, folder, hosts });
  const own = join(folder, "own");
  mkdirSync(own);
  return {
    ...machine,
    sandbox,
    folder: own,
    pids: () => namespace.pids().filter((pid) => !scaffolding.has(commandOf(pid))),
    hasAddress: () => namespace.ip(`-o addr show to ${virtualIp}`) !== "",
  };
}

/** What holds the machine open, and what carries a program into it. */
const scaffolding: ReadonlySet<string> = new Set(["bash", "unshare", "nsenter", "ip", ""]);

/** The name of its program (proc_pid_comm(5)). */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, "latin1").trim();
  } catch {
    // It has ended.
    return "";
  }
}
