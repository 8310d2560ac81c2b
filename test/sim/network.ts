/**
 * The network of the heartbeats: directed links that lose, double, delay and are cut, and somebody
 * on them who has recorded everything and knows no key.
 */
import type { NodeName } from "../../src/core/index.ts";
import type { Instant, Millis } from "../../src/std/time.ts";
import { after, millis } from "../../src/std/time.ts";
import type { Datagram } from "./datagrams.ts";
import { forged, inputOf } from "./datagrams.ts";
import { receive } from "./original.ts";
import type { Rng } from "./rng.ts";
import { between, chance, pick, seededRng } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import { isRunning, isUp } from "./sim-node.ts";
import type { Stage } from "./stage.ts";

interface Way {
  readonly source: SimNode;
  readonly target: SimNode;
  readonly sent: Instant;
  /** Sent to its address, so that a kernel without a daemon refuses it. */
  readonly isDirect: boolean;
}

/** What came through on a directed link. */
export interface Heard {
  readonly at: Instant;
  readonly sent: Instant;
  /** When it was heard again after it had been quiet. */
  readonly returned: Instant;
}

/** After how many keepalives a silent peer bounds a lease no more, at the least. */
export const QUIET = 1.5;

/** How many datagrams an attacker keeps. */
const RECORDS = 500;

export class Network {
  /** Directed links that are cut, as "from>to". */
  readonly cut: Set<string> = new Set();
  /** Of every directed link: when the newest datagram came through, and when it was sent. */
  readonly heard: Map<string, Heard> = new Map();

  /** Whether all is sent to each node's address, and not to all. */
  isUnicast = false;
  /**
   * Nodes whose firewall refuses heartbeats that are sent to them, though their daemon lives, and lets
   * none of theirs out.
   */
  readonly rejecting: Set<NodeName> = new Set();
  /** When the kernel of the one was last heard by the other to refuse, as "one>other". */
  readonly refused: Map<string, Instant> = new Map();

  readonly #stage: Stage;
  readonly #rng: Rng;
  readonly #attack: Rng;
  readonly #answers: Rng;
  readonly #recorded: Uint8Array[] = [];
  #sent = 0;

  constructor(stage: Stage, rng: Rng, attack: Rng) {
    this.#stage = stage;
    this.#rng = rng;
    this.#attack = attack;
    this.#answers = seededRng(attack.a);
  }

  /**
   * @param isAlive - whether it shows that its sender lives, as nothing but a heartbeat does
   * @param directly - to whom it is sent to his address, too
   */
  broadcast(
    source: SimNode,
    bytes: Uint8Array | undefined,
    isAlive: boolean,
    directly: readonly NodeName[] = [],
  ): void {
    if (bytes === undefined) return;
    this.#record(bytes);
    const datagram = { bytes, isAlive };
    const way = { source, sent: this.#stage.now, isDirect: this.isUnicast };
    for (const target of this.#stage.nodes.values()) {
      if (target === source) continue;
      this.#transmit({ ...way, target }, datagram, this.#rng);
      if (this.isUnicast || !directly.includes(target.name)) continue;
      this.#transmit({ ...way, target, isDirect: true }, datagram, this.#answers);
    }
  }

  heal(): void {
    this.cut.clear();
    this.rejecting.clear();
  }

  /** The attacker sends what he has: `count` recorded datagrams, of any sender and any age. */
  replay(target: SimNode, count: number): void {
    for (let sent = 0; sent < count && this.#recorded.length > 0; sent++) {
      this.#inject(target, pick(this.#recorded, this.#attack));
    }
  }

  /** The attacker sends what he can make: nonsense, or what he signed with a key of his own. */
  forge(target: SimNode, count: number): void {
    for (let sent = 0; sent < count; sent++) {
      const base = this.#recorded.length === 0 ? undefined : pick(this.#recorded, this.#attack);
      this.#inject(target, forged(base, this.#attack));
    }
  }

  #inject(target: SimNode, bytes: Uint8Array): void {
    if (!isUp(target) || target.original !== undefined) return;
    if (isRunning(target, this.#stage.now)) this.#stage.post(target, inputOf(bytes));
  }

  /** The latest ones, and some from long ago. */
  #record(bytes: Uint8Array): void {
    this.#sent += 1;
    if (this.#recorded.length < RECORDS) this.#recorded.push(bytes);
    else if (this.#sent % 2 === 0) this.#recorded[this.#sent % RECORDS] = bytes;
  }

  #transmit(way: Way, datagram: Datagram, rng: Rng): void {
    const { faults, agenda } = this.#stage;
    const copies = chance(rng, faults.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = this.#delayOf(rng);
      if (delay !== undefined)
        agenda.add(after(way.sent, delay), () => this.#receive(way, datagram));
    }
  }

  /** Undefined: it is lost. */
  #delayOf(rng: Rng): Millis | undefined {
    const { faults } = this.#stage;
    const isLost = chance(rng, faults.loss);
    const delay = millis(between(rng, faults.delayMin ?? 0, faults.delayMax));
    return isLost ? undefined : delay;
  }

  #receive(way: Way, { bytes, isAlive }: Datagram): void {
    const { source, target, sent } = way;
    const { now } = this.#stage;
    const link = linkOf(source.name, target.name);
    if (this.cut.has(link) || !isRunning(target, now)) return;
    if (this.rejecting.has(source.name)) return;
    if (!isUp(target) || this.rejecting.has(target.name)) return this.#refuse(way);
    if (isAlive) this.#note(link, sent, QUIET * target.config.timing.keepalive);
    if (target.original !== undefined) return receive(target.original, bytes);
    const input = inputOf(bytes);
    if (input.type === "rejected") throw new Error(`a datagram was rejected: ${input.reason}`);
    return this.#stage.post(target, input);
  }

  /** Port unreachable: by a kernel that has power, and on a way that loses like any other. */
  #refuse({ source, target, isDirect }: Way): void {
    const { agenda, now } = this.#stage;
    const link = linkOf(target.name, source.name);
    const delay = this.#delayOf(this.#answers);
    if (!isDirect || target.isOff || delay === undefined) return;
    agenda.add(after(now, delay), () => {
      if (this.cut.has(link) || !isRunning(source, this.#stage.now)) return;
      this.refused.set(link, this.#stage.now);
      this.#stage.post(source, { type: "unreachable", node: target.name });
    });
  }

  /** A copy of something older shows nothing. */
  #note(link: string, sent: Instant, quiet: number): void {
    const { now: at } = this.#stage;
    const before = this.heard.get(link);
    if (before !== undefined && sent <= before.sent) return;
    const wasQuiet = before === undefined || at - before.at >= quiet;
    this.heard.set(link, { at, sent, returned: wasQuiet ? at : before.returned });
  }
}

export function linkOf(from: NodeName | string, to: NodeName | string): string {
  return `${from}>${to}`;
}
