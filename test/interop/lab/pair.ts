/**
 * A pair of machines that each run an original heartbeat or Understudy, and who watches them.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Client } from "../../netns/lab/client.ts";
import { startClient } from "../../netns/lab/client.ts";
import type { Holders } from "../../netns/lab/holders.ts";
import { watchHolders } from "../../netns/lab/holders.ts";
import type { Namespace } from "../../netns/lab/namespace.ts";
import type { Machine } from "../../netns/lab/topology.ts";
import { createTopology } from "../../netns/lab/topology.ts";
import { until } from "../../netns/lab/until.ts";
import type { Capture } from "./capture.ts";
import { startCapture } from "./capture.ts";
import type { Name, PairFiles } from "./pair-files.ts";
import { address, bothAtHome, lineOf, names, script, writePairFiles } from "./pair-files.ts";
import type { PairNode, Role } from "./pair-node.ts";
import { createPairNode } from "./pair-node.ts";
import { createSandbox } from "./sandbox.ts";

export type Roles = Readonly<Record<Name, Role>>;

export interface PairOptions extends PairFiles {
  readonly roles: Roles;
  /** What is different on a node. */
  readonly only?: Partial<Record<Name, PairFiles>>;
}

export interface Pair extends Readonly<Record<Name, PairNode>> {
  readonly nodes: readonly [PairNode, PairNode];
  /** The one that runs this. @throws if not exactly one does */
  readonly the: (role: Role) => PairNode;
  readonly other: (node: PairNode) => PairNode;
  /** Asks alpha's address all the time. */
  readonly client: Client;
  readonly holders: Holders;
  /** Who has had the address of a node's group, in turn. */
  readonly tenants: (whose: Name) => readonly Name[];
  /** Of the heartbeat network. */
  readonly capture: Capture;
  readonly hub: Namespace;
  /** Starts both, and waits until each holds its own group and all is in order. */
  start(): Promise<void>;
  /** Waits until both say that all is in order. */
  settle(): Promise<void>;
  /** Waits until alpha's group, address and script, is on this node only, and beta's on that one. */
  held(alphas: Name, betas: Name): Promise<void>;
  /** The same for one of the two groups. */
  groupHeld(whose: Name, by: Name): Promise<void>;
  /** Who has the address of a node's group now. */
  readonly holdersOf: (whose: Name) => readonly string[];
  /** Waits until the other node has the group that is at home on this one. */
  takesFrom(node: PairNode): Promise<void>;
  /** Waits until both have both. */
  heldTwice(): Promise<void>;
  /** Waits until one node, and only one, has each address, and both say that all is in order. */
  single(): Promise<void>;
  /** How long two nodes have had an address at once so far, in milliseconds. */
  overlapMs(): number;
  /** Heartbeats do not pass: both ways, or only from a node. The client's network is well. */
  cut(): void;
  cutFrom(node: PairNode): void;
  /** Loses so many of a hundred heartbeats, each way. */
  lose(percent: number): void;
  heal(): void;
  remove(): void;
}

export async function createPair(options: PairOptions): Promise<Pair> {
  removeForsaken();
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  const topology = createTopology(names);
  const remove = (): void => {
    topology.remove();
    removeFolder();
    process.off("exit", removeFolder);
  };
  try {
    const nodes = topology.machines.map((machine) => newNode(machine, folder, options));
    await Promise.all(nodes.map(({ sandbox }) => sandbox.powerOn()));
    const capture = await startCapture(topology.hub, "private", join(folder, "heartbeats.pcap"));
    const [holders] = await Promise.all([
      watchHolders(topology.hub, topology.machines),
      ...topology.machines.map(startService),
    ]);
    const client = startClient(topology.client, address.alpha);
    const lines = options.resources ?? bothAtHome;
    const homes = names.filter((name) => lines.includes(lineOf(name)));
    return pairOf({ nodes, homes, capture, holders, client, hub: topology.hub, remove });
  } catch (error) {
    remove();
    throw error;
  }
}

/** `us-pair-<pid of the maker>-...`: a dead maker's are nobody's. */
const prefix = "us-pair-";

function removeForsaken(): void {
  for (const name of readdirSync(tmpdir()).filter((each) => each.startsWith(prefix))) {
    const maker = name.slice(prefix.length).split("-")[0];
    if (existsSync(`/proc/${maker}`)) continue;
    rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function newNode(machine: Machine, folder: string, options: PairOptions): PairNode {
  const { name, namespace: network } = machine;
  const hosts = ["10.77.0.1 alpha", "10.77.0.2 beta"];
  const sandbox = createSandbox({ network, name, folder: join(folder, name), hosts });
  const self = names.find((each) => each === name)!;
  writePairFiles(sandbox.haDir, self, { ...options, ...options.only?.[self] });
  return createPairNode(machine, sandbox, options.roles[self]);
}

interface Parts extends Pick<Pair, "capture" | "holders" | "client" | "hub" | "remove"> {
  readonly nodes: readonly PairNode[];
  /** Whose lines there are. */
  readonly homes: readonly Name[];
}

function pairOf({ nodes: [alpha, beta], ...parts }: Parts): Pair {
  if (alpha === undefined || beta === undefined) throw new Error("a pair is two");
  const nodes = [alpha, beta] as const;
  const pair: Pair = {
    ...parts,
    alpha,
    beta,
    nodes,
    the(role) {
      const [found, ...more] = nodes.filter((node) => node.role === role);
      if (found === undefined || more.length > 0) throw new Error(`not one ${role}`);
      return found;
    },
    other: (node) => (node === alpha ? beta : alpha),
    async start() {
      await Promise.all(nodes.map((node) => node.start()));
      for (const name of parts.homes) await pair.groupHeld(name, name);
      await pair.settle();
      parts.client.begin();
    },
    async settle() {
      await Promise.all(nodes.map((node) => node.settles()));
    },
    async held(alphas, betas) {
      await heldBy(pair, "alpha", alphas);
      await heldBy(pair, "beta", betas);
    },
    groupHeld: (whose, by) => heldBy(pair, whose, by),
    async heldTwice() {
      for (const whose of names) await heldBy(pair, whose, ...names);
    },
    async single() {
      const what = "one holder of each group";
      await until(what, () => areSingle(parts.holders), 90_000);
      await pair.settle();
      await until(what, () => areSingle(parts.holders));
    },
    holdersOf: (whose) => parts.holders.now(address[whose]),
    async takesFrom(node) {
      const taker = pair.other(node).name;
      await until(`${taker} to take from ${node.name}`, () =>
        pair.holdersOf(node.name).includes(taker),
      );
    },
    overlapMs: () => Math.max(...names.map((whose) => parts.holders.overlapMs(address[whose]))),
    tenants: (whose) => withoutRepeats(parts.holders.sequence(address[whose])).filter(isName),
    cut: () => nodes.forEach((node) => pair.cutFrom(node)),
    // Nobody's carrier tells: a switch between them has failed.
    cutFrom: (node) => node.private.cutOneWay("from"),
    lose: (percent) => alpha.private.lose(percent),
    heal: () => nodes.forEach((node) => node.private.restore()),
  };
  return pair;
}

function areSingle(holders: Holders): boolean {
  return names.every((whose) => holders.now(address[whose]).length === 1);
}

async function heldBy(pair: Pair, whose: Name, ...wanted: readonly Name[]): Promise<void> {
  const addressOn = (): string => pair.holders.now(address[whose]).toSorted().join();
  const scriptOn = (): string =>
    pair.nodes
      .filter((node) => node.runs().includes(whose))
      .map(({ name }) => name)
      .join();
  const isSo = (): boolean => [addressOn(), scriptOn()].every((on) => on === wanted.join());
  const what = `${address[whose]} and ${script[whose]} to be on ${wanted.join()}`;
  await until(what, isSo, 60_000).catch((error: unknown) => {
    const instead = `they are on ${addressOn() || "none"} and ${scriptOn() || "none"}`;
    throw new Error(`${String(error)}: ${instead}`, { cause: error });
  });
}

/** ifconfig(8) adds an address with the mask of its class, and adds it anew with its own. */
function withoutRepeats(all: readonly string[]): readonly string[] {
  return all.filter((each, index) => each !== all[index - 1]);
}

function isName(text: string): text is Name {
  return names.some((name) => name === text);
}

const service = new URL("../../netns/lab/respond.ts", import.meta.url).pathname;

/** It answers on whatever address its machine has; it needs none of the machine's files. */
async function startService({ name, namespace }: Machine): Promise<void> {
  let ready = 0;
  const child = namespace.spawn(process.execPath, [service, name]);
  createInterface({ input: child.stdout! }).on("line", () => (ready += 1));
  await until(`the service of ${name}`, () => ready === 2);
}
