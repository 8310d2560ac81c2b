/**
 * The witness: one key that one node can have, with a lease of its own, and the client of it that runs
 * in every daemon. It keeps true time, and is reached or not.
 */
import type { Instant } from "../../src/std/time.ts";
import { after, instant, millis } from "../../src/std/time.ts";
import { shownAt } from "./clock.ts";
import type { Rng } from "./rng.ts";
import { between } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import type { Stage } from "./stage.ts";

interface Held {
  readonly node: SimNode;
  /** The client's lease: another one of the same node is another owner. */
  readonly lease: string;
  until: Instant;
}

/** How long the client waits for an answer. */
const TIMEOUT = 1000;

export class Etcd {
  /** Nodes that do not reach it. */
  readonly unreached: Set<SimNode["name"]> = new Set();

  readonly #stage: Stage;
  readonly #rng: Rng;
  #held: Held | undefined;

  constructor(stage: Stage, rng: Rng) {
    this.#stage = stage;
    this.#rng = rng;
  }

  /** What the effect `vote` asks of the client. */
  vote(node: SimNode, want: boolean): void {
    node.asked += 1;
    if (want) return this.#ask(node, leaseOf(node));
    const lease = leaseOf(node, node.asked - 1);
    return this.#reach(node, () => this.#giveBack(lease));
  }

  #ask(node: SimNode, lease: string): void {
    const { agenda, now } = this.#stage;
    if (leaseOf(node) !== lease) return;
    // A process that does not run asks nothing.
    if (now < node.pausedUntil) {
      return agenda.add(node.pausedUntil, () => this.#ask(node, lease));
    }
    const sent = shownAt(node.clock, now);
    let isAnswered = false;
    this.#reach(node, () => {
      const isOwner = this.#take(node, lease);
      const owner = this.#held?.node.name;
      this.#reach(node, () => {
        isAnswered = true;
        this.#told(node, { lease, sent, isOwner, owner });
      });
    });
    return agenda.add(after(now, millis(TIMEOUT)), () => {
      if (!isAnswered) this.#failed(node, lease);
    });
  }

  #told(
    node: SimNode,
    answer: {
      readonly lease: string;
      readonly sent: Instant;
      readonly isOwner: boolean;
      readonly owner: SimNode["name"] | undefined;
    },
  ): void {
    const { lease, sent, isOwner, owner } = answer;
    if (leaseOf(node) !== lease) {
      // It is not wanted any more: what came too late is undone.
      // Of a life that has ended nobody is there to undo it: the key goes when its time is over.
      const isAlive = node.state !== undefined && lease.startsWith(lifeOf(node));
      if (isOwner && isAlive) this.#reach(node, () => this.#giveBack(lease));
      return;
    }
    const ttl = ttlOf(node);
    const until = isOwner ? instant(sent + ttl - ttl / 100 - 50) : undefined;
    this.#stage.post(node, { type: "witness", until, owner, fault: undefined });
    this.#again(node, lease, isOwner ? ttl / 3 : intervalOf(node));
  }

  /** What it had it has until that runs out; it is not told anew. */
  #failed(node: SimNode, lease: string): void {
    if (leaseOf(node) !== lease || node.state === undefined) return;
    const known = node.state.witness.until;
    const isLive = known !== undefined && known > shownAt(node.clock, this.#stage.now);
    const fault = "etcd does not answer";
    const until = isLive ? known : undefined;
    this.#stage.post(node, { type: "witness", until, owner: undefined, fault });
    this.#again(node, lease, intervalOf(node));
  }

  #again(node: SimNode, lease: string, delay: number): void {
    const { agenda, now } = this.#stage;
    agenda.add(after(now, millis(delay)), () => this.#ask(node, lease));
  }

  #take(node: SimNode, lease: string): boolean {
    const { now } = this.#stage;
    const until = after(now, millis(ttlOf(node)));
    if (this.#held !== undefined && now >= this.#held.until) this.#held = undefined;
    this.#held ??= { node, lease, until };
    if (this.#held.lease !== lease) return false;
    this.#held.until = until;
    return true;
  }

  #giveBack(lease: string): void {
    if (this.#held?.lease === lease) this.#held = undefined;
  }

  /** A request, or its answer, on its way. */
  #reach(node: SimNode, arrive: () => void): void {
    const delay = millis(between(this.#rng, 1, 30));
    this.#stage.agenda.add(after(this.#stage.now, delay), () => {
      if (!this.unreached.has(node.name)) arrive();
    });
  }
}

/** Another life of the daemon, or another wish of it, is another lease. */
function leaseOf(node: SimNode, asked: number = node.asked): string {
  return `${lifeOf(node)}${node.state === undefined ? "dead" : ""}${asked}`;
}

function lifeOf({ name, generation }: SimNode): string {
  return `${name} ${generation} `;
}

function ttlOf({ config }: SimNode): number {
  return Math.max(Math.ceil((2 * config.timing.deadtime) / 1000), 5) * 1000;
}

function intervalOf({ config }: SimNode): number {
  return Math.max(config.timing.keepalive, 500);
}
