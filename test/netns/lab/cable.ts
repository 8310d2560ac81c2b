/**
 * A cable from a machine to a switch, and what may happen to it.
 */
import type { Namespace } from "./namespace.ts";

/** `from`: what the machine sends; `to`: what it would receive. */
export type Direction = "from" | "to";

export interface Cable {
  /** Both ends lose their carrier. */
  cut(): void;
  /** Drops what goes in one direction: nobody sees it from the carrier. */
  cutOneWay(direction: Direction): void;
  /** Drops what matches an expression of nft(8), in one direction. */
  drop(direction: Direction, what: string): void;
  /** Loses so many of a hundred packets, each way. */
  lose(percent: number): void;
  /** As good as new. */
  restore(): void;
  /** Takes the interface out of the machine. */
  unplug(): void;
  /** Puts a new one of the same name in: another index, another hardware address. */
  plugIn(): void;
}

export interface Ends {
  readonly machine: Namespace;
  /** The interface of the machine: `eth0`. */
  readonly device: string;
  readonly hub: Namespace;
  /** The bridge of the hub. */
  readonly bridge: string;
  /** The hub's interface, at most 15 characters. */
  readonly port: string;
}

export function layCable(ends: Ends): Cable {
  const { machine, device, hub, port } = ends;
  plugIn(ends);
  // The hub's own: this kernel may have no bridge family, and a port is a device like any other.
  const nft = (command: string): void => void hub.run("nft", [command]);
  const table = `netdev ${port}`;
  let isFiltered = false;
  const drop = (direction: Direction, when: string): void => {
    isFiltered = true;
    const hook = direction === "from" ? "ingress" : "egress";
    nft(`add table ${table}`);
    nft(`add chain ${table} ${direction} { type filter hook ${hook} device ${port} priority 0; }`);
    nft(`add rule ${table} ${direction} ${when} drop`);
  };
  return {
    cut: () => void hub.ip(`link set ${port} down`),
    drop,
    cutOneWay: (direction) => drop(direction, "counter"),
    lose(percent) {
      for (const direction of ["from", "to"] as const)
        drop(direction, `numgen random mod 100 < ${percent}`);
    },
    restore() {
      if (isFiltered) nft(`delete table ${table}`);
      isFiltered = false;
      hub.ip(`link set ${port} up`);
    },
    unplug: () => void machine.ip(`link del ${device}`),
    plugIn: () => plugIn(ends),
  };
}

function plugIn({ machine, device, hub, bridge, port }: Ends): void {
  machine.ip(`link add ${device} type veth peer name ${port} netns ${hub.name}`);
  machine.ip(`link set ${device} up`);
  hub.ip(`link set ${port} master ${bridge} up`);
}
