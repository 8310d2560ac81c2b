/**
 * How a daemon deals with the lease of its kernel, and what the kernel makes of it when nobody does.
 *
 * A deadline is worked out in one moment and handed over as a length of time in another. What the
 * daemon does about that is what daemon/leases.ts does: it looks at the clock again behind the call.
 */
import type { Instant } from "../../src/std/time.ts";
import { after, instant, millis } from "../../src/std/time.ts";
import { momentOf } from "./clock.ts";
import { expire, isLeased, kindOf } from "./kernel.ts";
import type { Rng } from "./rng.ts";
import { between, chance } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import { isLeasing, mechanismOf } from "./sim-node.ts";
import type { Stage } from "./stage.ts";

export class Leases {
  readonly #stage: Stage;
  readonly #rng: Rng;

  constructor(stage: Stage, rng: Rng) {
    this.#stage = stage;
    this.#rng = rng;
  }

  /** Begins a lease, or prolongs one, until a moment of the node's own clock. */
  set(node: SimNode, type: "grant" | "renew", until: Instant): void {
    if (!isLeasing(node)) return;
    const { now, faults } = this.#stage;
    const length = momentOf(node.clock, until) - now;
    if (!chance(this.#rng, faults.stall ?? 0))
      return this.#call(node, type, { length, asked: now });
    // The process is stopped between the clock and the call.
    const { deadtime } = node.config.timing;
    this.#stage.pause(node, between(this.#rng, 1, 5 * deadtime));
    node.todo.unshift(() => this.#call(node, type, { length, asked: now }));
  }

  revoke(node: SimNode, why = "falls silent"): void {
    const { kernel } = node;
    const wasLeased = isLeased(kernel, this.#stage.now);
    kernel.leaseUntil = undefined;
    if (wasLeased && kernel.guarded.size > 0) this.#stage.write(node, why);
    if (mechanismOf(node) === "lifetime") this.#expire(node);
  }

  #call(
    node: SimNode,
    type: "grant" | "renew",
    { length, asked }: { readonly length: number; readonly asked: Instant },
  ): void {
    const { kernel } = node;
    const { now } = this.#stage;
    const wasLeased = isLeased(kernel, now);
    if (length <= 0 || (type === "renew" && !wasLeased)) {
      if (length <= 0) this.revoke(node);
      return this.#lapsed(node, "the lease had run out");
    }
    const { lease, timing } = node.config;
    const margin = timing.deadtime - (lease ?? timing.deadtime);
    // What was late is told again, if the kernel counts milliseconds.
    const isExact = now - asked > margin / 8 && mechanismOf(node) === "nftables";
    const end = after(isExact ? asked : now, millis(length + this.#lateness(node, length)));
    kernel.leaseUntil = end > now ? end : now;
    if (!wasLeased) this.#watch(node);
    if (now - asked <= margin / 2) return undefined;
    this.revoke(node);
    return this.#lapsed(node, "the call came too late");
  }

  #lapsed(node: SimNode, reason: string): void {
    this.#stage.post(node, { type: "lapsed", reason });
  }

  /** Lifetimes are whole seconds, and the kernel looks after them in its own time. */
  #lateness(node: SimNode, length: number): number {
    if (mechanismOf(node) !== "lifetime") return 0;
    const { late } = kindOf("lifetime");
    return Math.min(late, Math.ceil(length / 1000) * 1000 - length + between(this.#rng, 0, 350));
  }

  /** Notices when nobody has renewed: one happening for each lease, however often it is renewed. */
  #watch(node: SimNode): void {
    const { kernel } = node;
    const look = (): void => {
      if (node.kernel !== kernel || kernel.leaseUntil === undefined) return;
      if (isLeased(kernel, this.#stage.now)) {
        return this.#stage.agenda.add(kernel.leaseUntil, look);
      }
      kernel.leaseUntil = undefined;
      if (kernel.guarded.size > 0) this.#stage.write(node, "falls silent: nobody has renewed");
      if (mechanismOf(node) === "lifetime") this.#expire(node);
    };
    this.#stage.agenda.add(kernel.leaseUntil ?? instant(0), look);
  }

  #expire(node: SimNode): void {
    if (expire(node.kernel)) this.#stage.changed(node);
  }
}
