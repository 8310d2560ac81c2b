/**
 * A whole cluster in one thread: virtual clock, virtual network, virtual kernels, and the real
 * codec between the nodes. Everything that happens is drawn from one seed, so a seed and a commit
 * are a complete bug report.
 */
import type {
  Command,
  CoreConfig,
  Effect,
  GroupName,
  Input,
  JobId,
  NodeName,
  Reply,
  RequestId,
  State,
  Task,
} from "../../src/core/index.ts";
import { createState, nextDeadline, requestId, step } from "../../src/core/index.ts";
import { unreachable } from "../../src/std/assert.ts";
import type { Instant } from "../../src/std/time.ts";
import { after, instant, millis } from "../../src/std/time.ts";
import type { Key } from "../../src/wire/index.ts";
import { decode, encodeHeartbeat, heartbeatOf } from "../../src/wire/index.ts";
import { Agenda } from "./agenda.ts";
import { eth0 } from "./configs.ts";
import type { Faults } from "./faults.ts";
import type { Kernel } from "./kernel.ts";
import { addAddresses, factsOf, newKernel, release, removeAddresses } from "./kernel.ts";
import type { Rng } from "./rng.ts";
import { between, chance, nextUint32, seededRng } from "./rng.ts";

export interface SimNode {
  readonly name: NodeName;
  readonly config: CoreConfig;
  /** The daemon's memory; lost when it dies. */
  state: State | undefined;
  generation: number;
  bootedAt: Instant;
  pausedUntil: Instant;
  /** What came in and was not looked at yet. */
  readonly inbox: Input[];
  turnDue: boolean;
  kernel: Kernel;
  /** Jobs that wait to be cancelled: they hang. */
  readonly hanging: Map<JobId, Task>;
}

const key: Key = { index: 1, method: "sha1", secret: "simulated" };

export class World {
  readonly nodes: Map<NodeName, SimNode> = new Map();
  /** Directed links that are cut, as "from>to". */
  readonly cut: Set<string> = new Set();
  /** Of every directed link: when the newest datagram came through, and when it was sent. */
  readonly heard: Map<string, { readonly at: Instant; readonly sent: Instant }> = new Map();
  readonly replies: Map<RequestId, Reply> = new Map();
  now: Instant = instant(0);
  faults: Faults;
  /** What every node did, for golden traces and for the eye. */
  readonly trace: string[] = [];
  /** Compare every turn with that of a copy. */
  isCheckingDeterminism = false;

  readonly #agenda = new Agenda();
  readonly #observe: (world: World) => void;
  /** One generator for each kind of chance: a new fault does not shift all the others. */
  readonly #network: Rng;
  readonly #scripts: Rng;
  #lastRequest = 0;

  constructor(
    configs: readonly CoreConfig[],
    faults: Faults,
    rng: Rng,
    observe: (world: World) => void = () => undefined,
  ) {
    this.faults = faults;
    this.#network = seededRng(nextUint32(rng));
    this.#scripts = seededRng(nextUint32(rng));
    this.#observe = observe;
    for (const config of configs) this.nodes.set(config.self, newNode(config));
  }

  boot(node: SimNode): void {
    if (node.state !== undefined) return;
    node.generation += 1;
    const boot = node.generation.toString(16).padStart(16, "0");
    // The start-up sweep: what a dead daemon left is taken away before anything is said.
    release(node.kernel);
    node.state = createState(node.config, { boot, generation: node.generation }, this.now);
    node.bootedAt = this.now;
    this.#write(node, "boots");
    this.#look(node);
  }

  /** The machine loses power: its memory and all that its kernel had are gone. */
  crash(node: SimNode): void {
    this.#end(node);
    node.kernel = newKernel();
    this.#write(node, "crashed");
  }

  /** The daemon is killed with -9; systemd's ExecStopPost removes its addresses a moment later. */
  kill(node: SimNode): void {
    this.#end(node);
    this.#write(node, "killed");
    this.#agenda.add(after(this.now, millis(20)), () => {
      if (node.state === undefined) release(node.kernel);
    });
  }

  /** The machine does not run for a while; what its kernel has stays configured. */
  pause(node: SimNode, duration: number): void {
    node.pausedUntil = after(this.now, millis(duration));
    this.#write(node, `paused for ${duration} ms`);
    this.#agenda.add(node.pausedUntil, () => this.#wake(node));
  }

  /** Somebody removes or adds an address, or an interface, behind the daemon's back. */
  meddle(node: SimNode, change: (kernel: Kernel) => void): void {
    change(node.kernel);
    this.#look(node);
  }

  command(node: SimNode, command: Command): RequestId {
    this.#lastRequest += 1;
    const request = requestId(this.#lastRequest);
    this.post(node, { type: "command", request, command });
    return request;
  }

  leave(node: SimNode): void {
    this.post(node, { type: "leave" });
  }

  post(node: SimNode, input: Input): void {
    if (node.state === undefined) return;
    node.inbox.push(input);
    this.#wake(node);
  }

  runFor(duration: number): void {
    const end = after(this.now, millis(duration));
    for (;;) {
      const next = this.#agenda.next(end);
      if (next === undefined) break;
      this.now = next.at;
      next.run();
      this.#observe(this);
    }
    this.now = end;
  }

  holdersOf(address: string): NodeName[] {
    return [...this.nodes.values()]
      .filter(({ kernel }) => kernel.addresses.has(address))
      .map(({ name }) => name);
  }

  #end(node: SimNode): void {
    node.state = undefined;
    node.inbox.length = 0;
    node.hanging.clear();
    node.pausedUntil = this.now;
  }

  #look(node: SimNode): void {
    this.post(node, { type: "host", addresses: factsOf(node.kernel, node.config) });
  }

  #wake(node: SimNode): void {
    if (node.turnDue || node.state === undefined) return;
    node.turnDue = true;
    this.#agenda.add(this.now, () => {
      node.turnDue = false;
      this.#turn(node);
    });
  }

  #turn(node: SimNode): void {
    const { state } = node;
    if (state === undefined || this.now < node.pausedUntil) return;
    const inputs = node.inbox.splice(0);
    const copy = this.isCheckingDeterminism ? structuredClone(state) : undefined;
    const effects = step(state, inputs, this.now);
    if (copy !== undefined) assertSame(step(copy, structuredClone(inputs), this.now), effects);
    assertBounded(state);
    for (const effect of effects) this.#perform(node, effect);
    if (node.state !== state) return;
    const { at } = nextDeadline(state);
    if (at >= Number.MAX_SAFE_INTEGER) return;
    this.#agenda.add(at > this.now ? at : this.now, () => {
      if (node.state === state && nextDeadline(state).at <= this.now) this.#wake(node);
    });
  }

  #perform(node: SimNode, effect: Effect): void {
    switch (effect.type) {
      case "send":
        return this.#send(node, effect);
      case "announce":
        return undefined;
      case "run":
        return this.#run(node, effect.job, effect.group, effect.task);
      case "cancel":
        return this.#cancel(node, effect.job);
      case "reply":
        this.replies.set(effect.request, effect.reply);
        for (const { group, result } of effect.reply.groups) {
          this.#write(node, `answers ${result.type} group=${group}${describe(result)}`);
        }
        return undefined;
      case "tell":
        return this.#write(node, `${effect.notice.code}${describe(effect.notice)}`);
      case "exit":
        this.#end(node);
        release(node.kernel);
        return this.#write(node, `exits with ${effect.code}`);
      default:
        return unreachable(effect);
    }
  }

  #send(node: SimNode, { message }: Extract<Effect, { type: "send" }>): void {
    const stamp = { seconds: 1 + this.now / 1000, load: "0.00 0.00 0.00 1/1 1", ttl: 3 };
    const bytes = encodeHeartbeat(message, stamp, key);
    for (const target of this.nodes.values()) {
      if (target !== node) this.#transmit(node, target, bytes);
    }
  }

  #transmit(source: SimNode, target: SimNode, bytes: Uint8Array): void {
    const copies = chance(this.#network, this.faults.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const isLost = chance(this.#network, this.faults.loss);
      const delay = millis(between(this.#network, this.faults.delayMin ?? 0, this.faults.delayMax));
      if (isLost) continue;
      const sent = this.now;
      this.#agenda.add(after(sent, delay), () => this.#receive({ source, target, sent }, bytes));
    }
  }

  #receive(
    {
      source,
      target,
      sent,
    }: { readonly source: SimNode; readonly target: SimNode; readonly sent: Instant },
    bytes: Uint8Array,
  ): void {
    const link = `${source.name}>${target.name}`;
    if (this.cut.has(link) || target.state === undefined) return;
    if (sent > (this.heard.get(link)?.sent ?? -1)) this.heard.set(link, { at: this.now, sent });
    const envelope = decode(bytes, [key], key);
    if (!envelope.ok) throw new Error(`our own heartbeat was rejected: ${envelope.error}`);
    const message = heartbeatOf(envelope.value);
    if (!message.ok) throw new Error(`our own heartbeat was not understood: ${message.error}`);
    this.post(target, { type: "message", medium: eth0, message: message.value });
  }

  #run(node: SimNode, job: JobId, group: GroupName, task: Task): void {
    if (task.type === "addAddresses" || task.type === "removeAddresses") {
      const failure = this.#runAddresses(node, group, task);
      const outcome =
        failure === undefined
          ? ({ type: "succeeded" } as const)
          : ({ type: "failed", reason: failure } as const);
      return this.post(node, { type: "jobDone", job, outcome });
    }
    this.#write(node, `${task.type} ${task.resource.name}`);
    // What is begun runs from its beginning, and until its end.
    node.kernel.services.add(task.resource.name);
    if (chance(this.#scripts, this.faults.hang)) {
      node.hanging.set(job, task);
      return undefined;
    }
    return this.#runScript(node, job, task);
  }

  #runAddresses(node: SimNode, group: GroupName, task: Task): string | undefined {
    if (task.type !== "addAddresses" && task.type !== "removeAddresses") return undefined;
    const addresses = task.ips.map(({ address }) => address).join(" ");
    this.#write(node, `${task.type} ${addresses} of ${group}`);
    const failure = task.type === "addAddresses" ? addAddresses(node.kernel, task.ips) : undefined;
    if (task.type === "removeAddresses") removeAddresses(node.kernel, task.ips);
    // The kernel reports the change, as rtnetlink's multicast groups do.
    const { state } = node;
    this.#agenda.add(this.now, () => {
      if (node.state === state) this.#look(node);
    });
    return failure;
  }

  #runScript(node: SimNode, job: JobId, task: Extract<Task, { type: "start" | "stop" }>): void {
    const { state } = node;
    const { faults } = this;
    const failure = task.type === "start" ? faults.startFailure : faults.stopFailure;
    const fails = chance(this.#scripts, failure);
    const duration = millis(between(this.#scripts, 1, faults.jobMax));
    this.#agenda.add(after(this.now, duration), () => {
      if (node.state !== state || node.hanging.has(job)) return;
      if (task.type === "stop" && !fails) node.kernel.services.delete(task.resource.name);
      this.post(node, {
        type: "jobDone",
        job,
        outcome: fails ? { type: "failed", reason: "exit status 1" } : { type: "succeeded" },
      });
    });
  }

  #cancel(node: SimNode, job: JobId): void {
    if (node.hanging.delete(job)) {
      this.post(node, { type: "jobDone", job, outcome: { type: "cancelled" } });
    }
  }

  #write(node: SimNode, what: string): void {
    const at = (this.now / 1000).toFixed(3).padStart(9);
    this.trace.push(`${at} ${node.name}: ${what}`);
    if (this.trace.length > 4000) this.trace.splice(0, 2000);
  }
}

function newNode(config: CoreConfig): SimNode {
  return {
    name: config.self,
    config,
    state: undefined,
    generation: 0,
    bootedAt: instant(0),
    pausedUntil: instant(0),
    inbox: [],
    turnDue: false,
    kernel: newKernel(),
    hanging: new Map(),
  };
}

function assertSame(copy: readonly Effect[], effects: readonly Effect[]): void {
  if (JSON.stringify(copy) !== JSON.stringify(effects)) {
    throw new Error("the same inputs at the same moment gave other effects");
  }
}

/** Nothing in a state grows without a limit. */
function assertBounded(state: State): void {
  const sizes = [state.jobs.size, state.commands.length, state.sent.length / 100];
  if (sizes.some((size) => size > 60)) throw new Error(`a state that grows: ${sizes.join(", ")}`);
}

function describe(values: object): string {
  return Object.entries(values)
    .filter(([name, value]) => name !== "code" && name !== "type" && value !== undefined)
    .map(([name, value]) => ` ${name}=${typeof value === "number" ? Math.round(value) : value}`)
    .join("");
}
