/**
 * The network of a fault: two nodes, each on its half of a switch with a client beside it, and
 * trunks between the halves, so that what lies between the nodes can be cut, thinned out and
 * delayed without touching either of them, and each side of a cut has an eye.
 *
 *   alpha ─ eth0 ─┬─ service-a ═══ trunk ═══ service-b ─┬─ eth0 ─ beta
 *   near  ─ eth0 ─┘                                     └─ eth0 ─ far
 *   alpha ─ eth1 ─── private-a ═══ trunk ═══ private-b ─── eth1 ─ beta
 *
 * The switch's ports: alpha-0 and alpha-1, beta-0 and beta-1, near-0, far-0, and those of the trunks.
 * Addresses as in the lab's topology.ts; the clients have n = 250 (near) and n = 251 (far).
 */
import { layCable } from "../netns/lab/cable.ts";
import type { Namespace } from "../netns/lab/namespace.ts";
import { createNamespace, removeNamespace } from "../netns/lab/namespace.ts";
import type { Machine } from "../netns/lab/topology.ts";
import { addPrivateAddress, addServiceAddresses } from "../netns/lab/topology.ts";
import { until } from "../netns/lab/until.ts";
import type { Switch } from "./switch.ts";
import { switchOf } from "./switch.ts";

export const clients = ["near", "far"] as const;
export type ClientName = (typeof clients)[number];

/** Between the two halves of a network. */
export interface Trunk {
  /** Where alpha's half has it: what goes out there goes to beta's. */
  readonly port: string;
  /** Everything takes so long, each way, until `hurry` is called. */
  delay(ms: number): Promise<void>;
  hurry(): void;
}

export interface Network {
  readonly alpha: Machine;
  readonly beta: Machine;
  readonly clients: { readonly [N in ClientName]: Namespace };
  readonly trunks: { readonly service: Trunk; readonly private: Trunk };
  readonly hub: Switch;
  remove(): void;
}

const relay = new URL("relay.ts", import.meta.url).pathname;

export function createNetwork(): Network {
  const hub = createNamespace("switch");
  for (const bridge of ["service-a", "service-b", "private-a", "private-b"]) {
    hub.ip(`link add ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`);
    hub.ip(`link set ${bridge} up`);
  }
  const alpha = addMachine(hub, { name: "alpha", side: "a", number: 1 });
  const beta = addMachine(hub, { name: "beta", side: "b", number: 2 });
  const near = addClient(hub, { name: "near", side: "a", number: 250 });
  const far = addClient(hub, { name: "far", side: "b", number: 251 });
  const trunks = { service: layTrunk(hub, "service"), private: layTrunk(hub, "private") };
  const all = [alpha.namespace, beta.namespace, near, far, hub];
  const remove = (): void => all.forEach(removeNamespace);
  return { alpha, beta, clients: { near, far }, trunks, hub: switchOf(hub), remove };
}

interface Place {
  readonly name: string;
  readonly side: "a" | "b";
  readonly number: number;
}

function addMachine(hub: Namespace, { name, side, number }: Place): Machine {
  const machine = createNamespace(name);
  const [service, heartbeats] = (["service", "private"] as const).map((network, index) =>
    layCable({
      machine,
      device: `eth${index}`,
      hub,
      bridge: `${network}-${side}`,
      port: `${name}-${index}`,
    }),
  );
  addServiceAddresses(machine, number);
  addPrivateAddress(machine, number);
  return { name, namespace: machine, service: service!, private: heartbeats!, number };
}

function addClient(hub: Namespace, { name, side, number }: Place): Namespace {
  const machine = createNamespace(name);
  layCable({ machine, device: "eth0", hub, bridge: `service-${side}`, port: `${name}-0` });
  addServiceAddresses(machine, number);
  return machine;
}

function layTrunk(hub: Namespace, network: "service" | "private"): Trunk {
  const [near, far] = [`${network}-a`, `${network}-b`];
  const device = `${network}-t`;
  const port = `${network}-p`;
  const cable = layCable({ machine: hub, device, hub, bridge: near, port });
  hub.ip(`link set ${device} master ${far}`);
  let stop: (() => void) | undefined;
  return {
    port,
    async delay(ms) {
      const taps = [near, far].map((bridge) => makeTap(hub, bridge));
      const child = hub.spawn(process.execPath, [relay, ...taps.map(({ end }) => end), String(ms)]);
      let isReady = false;
      child.stdout!.once("data", () => (isReady = true));
      await until("a relay", () => isReady);
      // Not both ways at once: that were a loop.
      cable.cut();
      for (const tap of taps) tap.attach();
      stop = () => {
        child.kill("SIGKILL");
        for (const tap of taps) tap.remove();
      };
    },
    hurry() {
      stop?.();
      stop = undefined;
      cable.restore();
    },
  };
}

interface Tap {
  /** Where a program reads and writes what a port of the bridge has. */
  readonly end: string;
  attach(): void;
  remove(): void;
}

function makeTap(hub: Namespace, bridge: string): Tap {
  const end = `${bridge}-x`;
  const port = `${bridge}-y`;
  hub.ip(`link add ${end} type veth peer name ${port}`);
  hub.ip(`link set ${end} up`);
  return {
    end,
    attach: () => void hub.ip(`link set ${port} master ${bridge} up`),
    remove: () => void hub.ip(`link del ${end}`),
  };
}
