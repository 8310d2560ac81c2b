/**
 * A whole cluster: machines, files, services behind the virtual IP, and who watches them.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Client } from "./client.ts";
import { startClient } from "./client.ts";
import type { HaFiles } from "./ha-files.ts";
import { virtualIp, writeHaFiles } from "./ha-files.ts";
import type { Holders } from "./holders.ts";
import { watchHolders } from "./holders.ts";
import type { Namespace } from "./namespace.ts";
import type { Node } from "./node.ts";
import { createNode } from "./node.ts";
import { createTopology } from "./topology.ts";
import { until } from "./until.ts";

export interface ClusterOptions extends Partial<HaFiles> {
  /** What the client asks. Default: {@link virtualIp}. */
  readonly address?: string;
}

export interface Cluster {
  readonly nodes: readonly Node[];
  /** @throws if there is none of this name */
  readonly node: (name: string) => Node;
  /** The client's machine. */
  readonly clientPlace: Namespace;
  readonly client: Client;
  readonly holders: Holders;
  /** Writes the files of every node anew: nobody is told. */
  write(files: Partial<HaFiles>): void;
  /** Starts every daemon, and waits until the client is answered by the first node. */
  readonly start: () => Promise<void>;
  /** Ends and removes everything. */
  remove(): void;
}

/** Nothing runs on it yet but the services that answer the client. */
export async function createCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const names = options.nodes ?? ["alpha", "beta"];
  const folder = mkdtempSync(join(tmpdir(), "us-net-"));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  // Also of a process that is interrupted; the namespaces see to themselves.
  process.once("exit", removeFolder);
  const topology = createTopology(names);
  const nodes = topology.machines.map((machine) => createNode(machine, join(folder, machine.name)));
  const write = (files: Partial<HaFiles>): void => {
    for (const { haDir } of nodes) writeHaFiles(haDir, { nodes: names, ...options, ...files });
  };
  const node = (name: string): Node => {
    const found = nodes.find((each) => each.name === name);
    if (found === undefined) throw new Error(`there is no node ${name}`);
    return found;
  };
  write({});
  const [holders] = await Promise.all([
    watchHolders(topology.hub, nodes),
    ...nodes.map(startService),
  ]);
  const client = startClient(topology.client, options.address ?? virtualIp);
  return {
    nodes,
    node,
    clientPlace: topology.client,
    client,
    holders,
    write,
    async start() {
      for (const each of nodes) each.start();
      await Promise.all(nodes.map(({ daemon }) => daemon.told("active")));
      await client.answeredBy(names[0]!);
      client.begin();
    },
    remove() {
      topology.remove();
      removeFolder();
      process.off("exit", removeFolder);
    },
  };
}

const service = new URL("respond.ts", import.meta.url).pathname;

async function startService({ name, namespace }: Node): Promise<void> {
  let ready = 0;
  const child = namespace.spawn(process.execPath, [service, name]);
  createInterface({ input: child.stdout! }).on("line", () => (ready += 1));
  await until(`the service of ${name}`, () => ready === 2);
}
