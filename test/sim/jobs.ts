/**
 * What a node begins and waits for: addresses, resource scripts, fencing devices.
 */
import type { GroupName, JobId, Task } from "../../src/core/index.ts";
import { after, millis } from "../../src/std/time.ts";
import { addAddresses, factsOf, removeAddresses } from "./kernel.ts";
import type { Rng } from "./rng.ts";
import { between, chance } from "./rng.ts";
import type { SimNode } from "./sim-node.ts";
import { isLeasing } from "./sim-node.ts";
import type { Stage } from "./stage.ts";

type AddressTask = Extract<Task, { type: "addAddresses" | "removeAddresses" }>;

export class Jobs {
  readonly #stage: Stage;
  readonly #rng: Rng;

  constructor(stage: Stage, rng: Rng) {
    this.#stage = stage;
    this.#rng = rng;
  }

  run(node: SimNode, job: JobId, group: GroupName | undefined, task: Task): void {
    if (task.type === "addAddresses" || task.type === "removeAddresses") {
      return this.#done(node, job, this.#runAddresses(node, group, task));
    }
    const what = task.type === "fence" ? `${task.node} by ${task.device}` : task.resource.name;
    this.#stage.write(node, `${task.type} ${what}`);
    // What is begun runs from its beginning, and until its end.
    if (task.type !== "fence") node.kernel.services.add(task.resource.name);
    if (chance(this.#rng, this.#stage.faults.hang)) {
      node.hanging.set(job, task);
      return undefined;
    }
    return task.type === "fence" ? this.#fence(node, job, task) : this.#runScript(node, job, task);
  }

  cancel(node: SimNode, job: JobId): void {
    if (node.hanging.delete(job)) {
      this.#stage.post(node, { type: "jobDone", job, outcome: { type: "cancelled" } });
    }
  }

  /** The daemon finds out what its kernel has. */
  look(node: SimNode): void {
    const addresses = factsOf(node.kernel, node.config, node.mac);
    this.#stage.post(node, { type: "host", addresses });
  }

  /** The device really switches the other machine off, unless its driver loses power before. */
  #fence(node: SimNode, job: JobId, task: Extract<Task, { type: "fence" }>): void {
    const { kernel, state } = node;
    const { faults, now, nodes, agenda } = this.#stage;
    const fails = chance(this.#rng, faults.fenceFailure);
    const duration = millis(between(this.#rng, 1, faults.fenceMax));
    agenda.add(after(now, duration), () => {
      if (node.kernel !== kernel) return;
      const target = nodes.get(task.node);
      if (!fails && target !== undefined) this.#stage.crash(target);
      if (node.state !== state || !state?.jobs.has(job)) return;
      this.#done(node, job, fails ? "exit status 1" : undefined);
    });
  }

  #runAddresses(
    node: SimNode,
    group: GroupName | undefined,
    task: AddressTask,
  ): string | undefined {
    const { kernel, state } = node;
    const { agenda, now } = this.#stage;
    const addresses = task.ips.map(({ address }) => address).join(" ");
    this.#stage.write(node, `${task.type} ${addresses} of ${group}`);
    const isAdding = task.type === "addAddresses";
    const failure = isAdding ? addAddresses(kernel, task.ips, isLeasing(node)) : undefined;
    if (!isAdding) removeAddresses(kernel, task.ips);
    // The kernel reports the change, as rtnetlink's multicast groups do.
    agenda.add(now, () => {
      if (node.state === state) this.look(node);
    });
    return failure;
  }

  #runScript(node: SimNode, job: JobId, task: Extract<Task, { type: "start" | "stop" }>): void {
    const { state } = node;
    const { faults, agenda, now } = this.#stage;
    const failure = task.type === "start" ? faults.startFailure : faults.stopFailure;
    const fails = chance(this.#rng, failure);
    const duration = millis(between(this.#rng, 1, faults.jobMax));
    agenda.add(after(now, duration), () => {
      if (node.state !== state || node.hanging.has(job)) return;
      if (task.type === "stop" && !fails) node.kernel.services.delete(task.resource.name);
      this.#done(node, job, fails ? "exit status 1" : undefined);
    });
  }

  #done(node: SimNode, job: JobId, reason: string | undefined): void {
    const outcome =
      reason === undefined
        ? ({ type: "succeeded" } as const)
        : ({ type: "failed", reason } as const);
    this.#stage.post(node, { type: "jobDone", job, outcome });
  }
}
