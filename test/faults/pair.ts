/**
 * A pair with a virtual IP at home on alpha, and the two clients that watch it.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { routes, socketName } from "../../src/control/index.ts";
import type { RouteName } from "../../src/control/index.ts";
import { ucast, virtualIp, writeHaFiles } from "../netns/lab/ha-files.ts";
import type { Namespace } from "../netns/lab/namespace.ts";
import type { Node } from "../netns/lab/node.ts";
import { createNode } from "../netns/lab/node.ts";
import { until } from "../netns/lab/until.ts";
import type { ClientName, Network } from "./network.ts";
import { clients, createNetwork } from "./network.ts";
import type { Observer } from "./observer.ts";
import { macOf, startObserver } from "./observer.ts";
import type { Sight } from "./verdict.ts";

export interface PairOptions {
  readonly family: 4 | 6;
  /** Milliseconds; keepalive is a tenth of it. */
  readonly deadtime: number;
  /** More lines of ha.cf. */
  readonly more: readonly string[];
}

export interface Pair extends Pick<Network, "trunks" | "hub"> {
  readonly deadtime: number;
  readonly virtualIp: string;
  /** Holds the address when the fault comes. */
  readonly alpha: Node;
  readonly beta: Node;
  readonly near: Namespace;
  /** For files of a fault. */
  readonly folder: string;
  /** Called when the pair is removed, whatever happened. */
  readonly atEnd: (undo: () => void) => void;
  /** Starts both daemons and both clients. Ends when alpha holds, and beta could take over. */
  start(under: Under): Promise<void>;
  /** Asks the daemon of a node, as the command does. @returns what it answered, in short */
  takeover(node: Node): Promise<string>;
  /** Ends the clients. @returns what each saw, in the order of `clients` */
  sights(): Promise<readonly Sight[]>;
  remove(): Promise<void>;
}

/** Programs that become the daemons, with their arguments. */
export interface Under {
  readonly alpha?: readonly string[];
  readonly beta?: readonly string[];
}

const addresses = {
  4: {
    virtualIp,
    resource: `${virtualIp}/24/eth0`,
    clients: { near: "10.77.0.250", far: "10.77.0.251" },
  },
  6: {
    virtualIp: "fd77::100",
    resource: "IPv6addr::fd77::100/64/eth0",
    clients: { near: "fd77::250", far: "fd77::251" },
  },
} as const;

export function createPair({ family, deadtime, more }: PairOptions): Pair {
  const folder = mkdtempSync(join(tmpdir(), "us-fault-"));
  const undo: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const undoAll = (): void => {
    for (const each of undo.splice(0).toReversed()) each();
  };
  // Also of a process that is interrupted.
  process.once("exit", undoAll);
  const network = createNetwork();
  const alpha = createNode(network.alpha, join(folder, "alpha"));
  const beta = createNode(network.beta, join(folder, "beta"));
  const { virtualIp: address, resource, clients: own } = addresses[family];
  for (const { haDir } of [alpha, beta])
    writeHaFiles(haDir, {
      nodes: [alpha.name, beta.name],
      keepalive: `${deadtime / 10}ms`,
      warntime: `${deadtime * 0.3}ms`,
      deadtime: `${deadtime}ms`,
      // On a busy machine one may start seconds after the other: it is waited for.
      initdead: "20",
      media: ucast([alpha.name, beta.name]),
      resources: [`${alpha.name} ${resource}`],
      more,
    });
  let observers: readonly Observer[] = [];
  const observe = (name: ClientName): Promise<Observer> => {
    const client = network.clients[name];
    const nodes = { alpha: macOf(alpha.namespace), beta: macOf(beta.namespace) };
    const eye = { virtualIp: address, address: own[name], mac: macOf(client), nodes };
    return startObserver(client, eye, join(folder, `${name}.pcap`));
  };
  return {
    trunks: network.trunks,
    hub: network.hub,
    deadtime,
    virtualIp: address,
    alpha,
    beta,
    near: network.clients.near,
    folder,
    atEnd: (action) => void undo.push(action),
    async start(under) {
      alpha.start(under.alpha);
      beta.start(under.beta);
      await alpha.daemon.told("group-held");
      for (const node of [alpha, beta])
        await until(`${node.name} to know of both`, async () => isCalm(await ask(node, "status")));
      observers = await Promise.all(clients.map(observe));
    },
    takeover,
    sights: () => Promise.all(observers.map((observer) => observer.end())),
    async remove() {
      network.remove();
      await ended([alpha, beta]);
      process.off("exit", undoAll);
      undoAll();
    },
  };
}

/** They were killed, and their files are still in use until they are gone. */
async function ended(nodes: readonly Node[]): Promise<void> {
  for (const node of nodes) if (node.story().length > 0) await node.daemon.exited;
}

/** Alpha holds, and both hear each other. @param report - as JSON */
function isCalm(report: string): boolean {
  const said = report.replaceAll(/\s/g, "");
  return said.includes('"hearsUs":true') && said.includes('"holder":"alpha","state":"held"');
}

/** Without the start of a program, which would take longer than many a fault lasts. */
function takeover(node: Node): Promise<string> {
  return ask(node, "takeover", JSON.stringify({ selection: "all", wait: true }));
}

/** One request to the control socket. @returns the answer, or why there is none */
export function ask({ runDir }: Node, route: RouteName, body = ""): Promise<string> {
  const headers = { "content-type": "application/json" };
  const options = { socketPath: join(runDir, socketName), ...routes[route], headers };
  return new Promise((resolve) => {
    const asked = request(options, (response) => {
      text(response).then(
        (answer) => resolve(answer.trim()),
        () => resolve("no answer"),
      );
    });
    asked.on("error", (error) => resolve(error.message));
    asked.end(body);
  });
}
