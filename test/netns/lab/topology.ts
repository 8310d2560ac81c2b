/**
 * A small network: nodes with two cables each, a client, and a switch.
 *
 *   node ─ eth0 ──┬── service ──┬── eth0 ─ client
 *   node ─ eth0 ──┘             │
 *   node ─ eth1 ────── private (heartbeats only)
 *
 * Addresses: node n has 10.77.0.n and fd77::n on eth0, 10.78.0.n on eth1; the client has n = 250.
 */
import type { Cable } from "./cable.ts";
import { layCable } from "./cable.ts";
import type { Namespace } from "./namespace.ts";
import { createNamespace, removeNamespace } from "./namespace.ts";

export interface Machine {
  readonly name: string;
  readonly namespace: Namespace;
  readonly service: Cable;
  readonly private: Cable;
  /** The last number of its addresses. */
  readonly number: number;
}

export interface Topology {
  readonly machines: readonly Machine[];
  readonly client: Namespace;
  /** The switch: its bridges are `service` and `private`. */
  readonly hub: Namespace;
  remove(): void;
}

/** @param names - of the nodes, at most 12 characters each */
export function createTopology(names: readonly string[]): Topology {
  const hub = createNamespace("switch");
  for (const bridge of ["service", "private"]) {
    hub.ip(`link add ${bridge} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`);
    hub.ip(`link set ${bridge} up`);
  }
  const machines = names.map((name, index) => addMachine(hub, name, index + 1));
  const client = createNamespace("client");
  const device = "eth0";
  layCable({ machine: client, device, hub, bridge: "service", port: "client-0" });
  addServiceAddresses(client, CLIENT);
  const all = [...machines.map(({ namespace }) => namespace), client, hub];
  return { machines, client, hub, remove: () => all.forEach(removeNamespace) };
}

const CLIENT = 250;

function addMachine(hub: Namespace, name: string, number: number): Machine {
  const machine = createNamespace(name);
  const service = layCable({ machine, device: "eth0", hub, bridge: "service", port: `${name}-0` });
  const heartbeats = layCable({
    machine,
    device: "eth1",
    hub,
    bridge: "private",
    port: `${name}-1`,
  });
  addServiceAddresses(machine, number);
  addPrivateAddress(machine, number);
  return { name, namespace: machine, service, private: heartbeats, number };
}

/** Also for an interface that was removed and made anew. */
export function addServiceAddresses(machine: Namespace, number: number): void {
  machine.ip(`addr add 10.77.0.${number}/24 brd + dev eth0`);
  machine.ip(`addr add fd77::${number}/64 dev eth0 nodad`);
}

export function addPrivateAddress(machine: Namespace, number: number): void {
  machine.ip(`addr add 10.78.0.${number}/24 brd + dev eth1`);
}
