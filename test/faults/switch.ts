/**
 * The switch: what may happen to its ports, to several of them in the same moment. A fault that
 * came piece by piece would be another one: with a deadtime of 100 ms each piece lasts long enough.
 */
import type { Namespace } from "../netns/lab/namespace.ts";

export interface Drop {
  readonly port: string;
  /** As the switch sees it: what comes in at the port, or what goes out. */
  readonly hook: "ingress" | "egress";
  /** An expression of nft(8). */
  readonly what: string;
}

export interface Switch {
  /** Drops what matches, all of it from the same moment on. */
  drop(drops: readonly Drop[]): void;
  /** The cables of these ports lose their carrier. */
  cut(ports: readonly string[]): void;
  /** Undoes everything. */
  restore(): void;
}

export function switchOf(hub: Namespace): Switch {
  let isFiltered = false;
  let down: readonly string[] = [];
  const set = (ports: readonly string[], state: "up" | "down"): void => {
    const commands = ports.map((port) => `ip link set ${port} ${state}`);
    hub.run("sh", ["-c", commands.join(" && ")]);
  };
  return {
    drop(drops) {
      isFiltered = true;
      // One argument is one transaction.
      hub.run("nft", [["add table netdev faults", ...drops.flatMap(commandsOf)].join("\n")]);
    },
    cut(ports) {
      down = ports;
      set(ports, "down");
    },
    restore() {
      if (isFiltered) hub.run("nft", ["delete table netdev faults"]);
      if (down.length > 0) set(down, "up");
      isFiltered = false;
      down = [];
    },
  };
}

function commandsOf({ port, hook, what }: Drop): readonly string[] {
  const chain = `netdev faults ${port}-${hook}`;
  return [
    `add chain ${chain} { type filter hook ${hook} device ${port} priority 0; }`,
    `add rule ${chain} ${what} drop`,
  ];
}
