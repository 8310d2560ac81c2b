/**
 * The network of the clients: who sees whose ARP. It may be the cable of the heartbeats or another
 * one, so it is cut with them or without them.
 */
import type { GroupName, NodeName, VirtualIp } from "../../src/core/index.ts";
import { nodeName } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import { after, millis } from "../../src/std/time.ts";
import { answersFor } from "./kernel.ts";
import { linkOf } from "./network.ts";
import type { Rng } from "./rng.ts";
import { between, chance } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import { isRunning } from "./sim-node.ts";
import type { Stage } from "./stage.ts";

/** A machine that serves nobody: the gateway, in whose eyes an address is where it was announced. */
export const CLIENT = "client";

interface Way {
  readonly asker: SimNode;
  readonly holder: SimNode;
}

export class Lan {
  /** Directed ways that are cut, as "from>to"; to {@link CLIENT} as well. */
  readonly cut: Set<string> = new Set();
  /** By address: the node that the client believes to have it. */
  readonly believed: Map<string, NodeName> = new Map();
  /** When an answer to a probe, or an announcement, was last lost: by the way, and by {@link questionOf}. */
  readonly missed: Map<string, Instant> = new Map();
  /** When an answer to a probe last came. */
  readonly answered: Map<string, Instant> = new Map();

  readonly #stage: Stage;
  readonly #rng: Rng;

  constructor(stage: Stage, rng: Rng) {
    this.#stage = stage;
    this.#rng = rng;
  }

  /** Whether a node answers for an address at this moment. */
  answers(node: SimNode, address: string): boolean {
    const { now } = this.#stage;
    if (node.kernel.isUnplugged) return false;
    return isRunning(node, now) && answersFor(node.kernel, address, now);
  }

  /** Asks who has the addresses: each answer is a sighting at the asker. */
  probe(asker: SimNode, ips: readonly VirtualIp[]): void {
    const { agenda, nodes, now } = this.#stage;
    for (const holder of nodes.values()) {
      if (holder === asker) continue;
      const asked = ips.filter(({ address }) => holder.kernel.addresses.has(address));
      if (asked.length === 0) continue;
      const isLost = !this.#passes(asker.name, holder.name);
      agenda.add(after(now, this.#delay()), () => {
        const answered = asked.filter(({ address }) => this.answers(holder, address));
        if (answered.length > 0) this.#answer({ asker, holder }, answered, isLost);
      });
    }
  }

  /** Tells everybody, if the kernel lets it out. */
  announce(node: SimNode, ips: readonly VirtualIp[]): void {
    const { agenda, nodes, now } = this.#stage;
    const told = ips.filter(({ address }) => this.answers(node, address));
    if (told.length === 0) return;
    if (this.#passes(node.name, CLIENT)) {
      for (const { address } of told) this.believed.set(address, node.name);
    }
    for (const other of nodes.values()) {
      if (other === node) continue;
      if (!this.#passes(node.name, other.name)) {
        const link = linkOf(other.name, node.name);
        this.#note(this.missed, link, told);
        continue;
      }
      agenda.add(after(now, this.#delay()), () => this.#sight(other, node, told));
    }
  }

  #answer(way: Way, ips: readonly VirtualIp[], isLost: boolean): void {
    const { asker, holder } = way;
    const { agenda, now } = this.#stage;
    const link = linkOf(asker.name, holder.name);
    if (isLost || !this.#passes(holder.name, asker.name)) {
      this.#note(this.missed, link, ips);
      return;
    }
    agenda.add(after(now, this.#delay()), () => {
      if (!isRunning(asker, this.#stage.now)) return;
      this.#note(this.answered, link, ips);
      this.#sight(asker, holder, ips);
    });
  }

  /** Of the way as a whole, for a lease is of a node, and of each address. */
  #note(times: Map<string, Instant>, link: string, ips: readonly VirtualIp[]): void {
    if (ips.length > 0) times.set(link, this.#stage.now);
    for (const { address } of ips) times.set(questionOf(link, address), this.#stage.now);
  }

  #sight(node: SimNode, user: SimNode, ips: readonly VirtualIp[]): void {
    if (!isRunning(node, this.#stage.now)) return;
    for (const { address } of ips) {
      const group = groupOf(node, address);
      if (group !== undefined) this.#stage.post(node, { type: "sighting", group, mac: user.mac });
    }
  }

  #passes(from: string, to: string): boolean {
    if (this.cut.has(linkOf(from, to)) || this.#isUnplugged(from) || this.#isUnplugged(to)) {
      return false;
    }
    return !chance(this.#rng, this.#stage.faults.arpLoss ?? 0);
  }

  #isUnplugged(name: string): boolean {
    return this.#stage.nodes.get(nodeName(name))?.kernel.isUnplugged === true;
  }

  /** A frame through a switch, and the machine behind it: tenths of a millisecond. */
  #delay(): ReturnType<typeof millis> {
    return millis(between(this.#rng, 1, 4) / 10);
  }
}

/** @param way - "asker>holder" */
export function questionOf(way: string, address: string): string {
  return `${way} ${address}`;
}

function groupOf({ config }: SimNode, address: string): GroupName | undefined {
  return config.groups.find(({ resources }) =>
    resources.some((resource) => resource.type === "address" && resource.ip.address === address),
  )?.name;
}
