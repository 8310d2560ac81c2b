/**
 * A whole cluster in one thread: virtual clock, virtual network, virtual kernels, and the real
 * codec between the nodes. Everything that happens is drawn from one seed, so a seed and a commit
 * are a complete bug report.
 */
import type {
  Command,
  Effect,
  GroupName,
  Input,
  JobId,
  NodeName,
  OriginalMessage,
  Reply,
  RequestId,
  Side,
  Task,
} from "../../src/core/index.ts";
import { createState, nextDeadline, requestId, step } from "../../src/core/index.ts";
import { unreachable } from "../../src/std/assert.ts";
import type { Instant } from "../../src/std/time.ts";
import { after, instant, millis } from "../../src/std/time.ts";
import { encodeHeartbeat, encodeOriginal } from "../../src/wire/index.ts";
import { Agenda } from "./agenda.ts";
import type { Datagram } from "./datagrams.ts";
import { inputOf, key, stampOf } from "./datagrams.ts";
import type { Faults } from "./faults.ts";
import type { Kernel } from "./kernel.ts";
import { addAddresses, factsOf, newKernel, release, removeAddresses } from "./kernel.ts";
import { observed } from "./original-life.ts";
import { machineOf } from "./original-machine.ts";
import { wordsOf } from "./original-words.ts";
import { beginOriginal, receive, stop } from "./original.ts";
import type { Rng } from "./rng.ts";
import { between, chance, nextUint32, seededRng } from "./rng.ts";
import type { SimConfig, SimNode } from "./sim-node.ts";
import { describe, isUp, keepSaid, newNode } from "./sim-node.ts";
import { assertBounded, assertSame } from "./turn-checks.ts";

export type { SimNode } from "./sim-node.ts";

const succeeded = { type: "succeeded" } as const;

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

  /** Ping nodes that a node does not reach, as "node>ping". */
  readonly missed: Set<string> = new Set();

  readonly #agenda = new Agenda();
  readonly #observe: (world: World) => void;
  /** One generator for each kind of chance: a new fault does not shift all the others. */
  readonly #network: Rng;
  readonly #scripts: Rng;
  #lastRequest = 0;

  constructor(
    configs: readonly SimConfig[],
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
    if (isUp(node)) return;
    node.bootedAt = this.now;
    if (node.config.original !== undefined) return this.#beginOriginal(node, []);
    node.generation += 1;
    const boot = node.generation.toString(16).padStart(16, "0");
    // The start-up sweep: what a dead daemon left is taken away before anything is said.
    release(node.kernel);
    node.state = createState(node.config, { boot, generation: node.generation }, this.now);
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

  confirm(node: SimNode, target: NodeName): void {
    this.#lastRequest += 1;
    this.post(node, { type: "confirm", request: requestId(this.#lastRequest), node: target });
  }

  leave(node: SimNode): void {
    if (node.original !== undefined) stop(node.original);
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
    node.original = undefined;
    node.lives += 1;
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
      case "say":
        return this.#say(node, effect.message);
      case "repeat":
        return this.#broadcast(node, node.said.get(effect.sequence), false);
      case "saveGeneration":
        node.generation = effect.generation;
        return undefined;
      case "announce":
        return undefined;
      case "grant":
      case "renew":
      case "revoke":
      case "probe":
      case "vote":
      case "remember":
        return undefined;
      case "ask":
        return this.#ask(node);
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
      case "confirmed":
        return this.#write(node, `answers ${effect.refusal ?? `taken: ${effect.node} is off`}`);
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

  #ask(node: SimNode): void {
    const { state } = node;
    for (const { name } of node.config.pings) {
      if (this.missed.has(`${node.name}>${name}`)) continue;
      if (chance(this.#network, this.faults.loss)) continue;
      this.#agenda.add(after(this.now, millis(1)), () => {
        if (node.state === state) this.post(node, { type: "pong", ping: name });
      });
    }
  }

  #send(node: SimNode, { message }: Extract<Effect, { type: "send" }>): void {
    const bytes = encodeHeartbeat(message, stampOf(node.name, this.now), key);
    keepSaid(node, message.sequence, bytes);
    this.#broadcast(node, bytes, true);
  }

  #say(node: SimNode, message: OriginalMessage): void {
    const { sequence, saying } = message;
    const bytes = encodeOriginal(message, stampOf(node.name, this.now), key);
    keepSaid(node, sequence, bytes);
    if (sequence !== undefined) this.#write(node, `says ${wordsOf(saying)}`);
    this.#broadcast(node, bytes, false);
  }

  #broadcast(node: SimNode, bytes: Uint8Array | undefined, isAlive: boolean): void {
    for (const target of this.nodes.values()) {
      if (target !== node && bytes !== undefined) this.#transmit(node, target, { bytes, isAlive });
    }
  }

  #beginOriginal(node: SimNode, held: readonly Side[]): void {
    node.generation += 1;
    node.lives += 1;
    this.#write(node, held.length === 0 ? "boots" : "restarts quickly");
    const { original: knobs = observed, ...config } = node.config;
    const machine = machineOf(this, node, {
      rng: this.#scripts,
      agenda: this.#agenda,
      write: (what) => this.#write(node, what),
      transmit: (bytes, isStatus) => this.#broadcast(node, bytes, isStatus),
      restart: (sides) => this.#beginOriginal(node, sides),
      exit: () => this.#end(node),
    });
    const { generation } = node;
    node.original = beginOriginal({ config, machine, knobs, generation, held });
  }

  #transmit(source: SimNode, target: SimNode, datagram: Datagram): void {
    const copies = chance(this.#network, this.faults.duplication) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const isLost = chance(this.#network, this.faults.loss);
      const delay = millis(between(this.#network, this.faults.delayMin ?? 0, this.faults.delayMax));
      if (isLost) continue;
      const sent = this.now;
      this.#agenda.add(after(sent, delay), () => this.#receive({ source, target, sent }, datagram));
    }
  }

  #receive(
    {
      source,
      target,
      sent,
    }: { readonly source: SimNode; readonly target: SimNode; readonly sent: Instant },
    { bytes, isAlive }: Datagram,
  ): void {
    const link = `${source.name}>${target.name}`;
    if (this.cut.has(link) || !isUp(target)) return;
    if (isAlive && sent > (this.heard.get(link)?.sent ?? -1))
      this.heard.set(link, { at: this.now, sent });
    if (target.original !== undefined) return receive(target.original, bytes);
    return this.post(target, inputOf(bytes));
  }

  #run(node: SimNode, job: JobId, group: GroupName | undefined, task: Task): void {
    if (task.type === "addAddresses" || task.type === "removeAddresses") {
      return this.#done(node, job, this.#runAddresses(node, group, task));
    }
    const what = task.type === "fence" ? `${task.node} by ${task.device}` : task.resource.name;
    this.#write(node, `${task.type} ${what}`);
    // What is begun runs from its beginning, and until its end.
    if (task.type !== "fence") node.kernel.services.add(task.resource.name);
    if (chance(this.#scripts, this.faults.hang)) {
      node.hanging.set(job, task);
      return undefined;
    }
    return task.type === "fence" ? this.#fence(node, job, task) : this.#runScript(node, job, task);
  }

  /** The device really switches the other machine off, unless its driver loses power before. */
  #fence(node: SimNode, job: JobId, task: Extract<Task, { type: "fence" }>): void {
    const { kernel } = node;
    const fails = chance(this.#scripts, this.faults.fenceFailure);
    const duration = millis(between(this.#scripts, 1, this.faults.fenceMax));
    const { state } = node;
    this.#agenda.add(after(this.now, duration), () => {
      if (node.kernel !== kernel) return;
      const target = this.nodes.get(task.node);
      if (!fails && target !== undefined) this.crash(target);
      if (node.state !== state || !state?.jobs.has(job)) return;
      this.#done(node, job, fails ? "exit status 1" : undefined);
    });
  }

  #runAddresses(node: SimNode, group: GroupName | undefined, task: Task): string | undefined {
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
      this.#done(node, job, fails ? "exit status 1" : undefined);
    });
  }

  #done(node: SimNode, job: JobId, reason: string | undefined): void {
    const isFailed = reason !== undefined;
    const outcome = isFailed ? ({ type: "failed", reason } as const) : succeeded;
    this.post(node, { type: "jobDone", job, outcome });
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
