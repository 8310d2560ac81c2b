/**
 * A whole cluster in one thread: virtual clocks, virtual networks, virtual kernels, and the real
 * codec between the nodes. Everything that happens is drawn from one seed, so a seed and a commit
 * are a complete bug report.
 */
import type { Command, Input, NodeName, Reply, RequestId, State } from "../../src/core/index.ts";
import { requestId, step } from "../../src/core/index.ts";
import type { Instant, Millis } from "../../src/std/time.ts";
import { after, instant, millis } from "../../src/std/time.ts";
import { Agenda } from "./agenda.ts";
import { beginLife, endLife, forgetKernel, isContinued } from "./boot.ts";
import { momentOf, shownAt, standStill } from "./clock.ts";
import { Etcd } from "./etcd.ts";
import type { Faults } from "./faults.ts";
import { Jobs } from "./jobs.ts";
import type { Kernel } from "./kernel.ts";
import { isLeased, release } from "./kernel.ts";
import { Lan } from "./lan.ts";
import { Leases } from "./leases.ts";
import { Network } from "./network.ts";
import type { MachinePorts } from "./original-machine.ts";
import { bootOriginal } from "./original-machine.ts";
import { stop } from "./original.ts";
import type { Outside } from "./perform.ts";
import { perform } from "./perform.ts";
import type { Rng } from "./rng.ts";
import { between, chance, nextUint32, seededRng } from "./rng.ts";
import type { SimConfig, SimNode } from "./sim-node.ts";
import { isUp, newNode } from "./sim-node.ts";
import type { Stage } from "./stage.ts";
import { assertBounded, assertNotMissed, assertSame } from "./turn-checks.ts";

export type { SimNode } from "./sim-node.ts";

/** How many turns a node may take at one moment. */
const TURNS_AT_ONCE_MAX = 500;

export class World implements Stage {
  readonly nodes: Map<NodeName, SimNode> = new Map();
  readonly agenda: Agenda = new Agenda();
  readonly network: Network;
  readonly lan: Lan;
  readonly etcd: Etcd;
  readonly replies: Map<RequestId, Reply> = new Map();
  now: Instant = instant(0);
  faults: Faults;
  /** What every node did, for golden traces and for the eye. */
  readonly trace: string[] = [];
  /** Compare every turn with that of a copy. */
  isCheckingDeterminism = false;
  /** Tell in the story what is done at every turn, too. */
  isTalkative = false;

  /** Ping nodes that a node does not reach, as "node>ping". */
  readonly missed: Set<string> = new Set();

  readonly #observe: (world: World) => void;
  readonly #jobs: Jobs;
  readonly #outside: Outside;
  /** One generator for each kind of chance: a new fault does not shift all the others. */
  readonly #scripts: Rng;
  readonly #stalls: Rng;
  #lastRequest = 0;

  constructor(
    configs: readonly SimConfig[],
    faults: Faults,
    rng: Rng,
    observe: (world: World) => void = () => undefined,
  ) {
    this.faults = faults;
    const draw = (): Rng => seededRng(nextUint32(rng));
    const network = draw();
    this.#scripts = draw();
    this.#stalls = draw();
    this.network = new Network(this, network, draw());
    this.lan = new Lan(this, draw());
    this.etcd = new Etcd(this, draw());
    this.#jobs = new Jobs(this, this.#scripts);
    const leases = new Leases(this, this.#stalls);
    const chances = { network, stalls: this.#stalls };
    this.#outside = { world: this, jobs: this.#jobs, leases, chances };
    this.#observe = observe;
    for (const config of configs) this.nodes.set(config.self, newNode(config, this.nodes.size));
  }

  boot(node: SimNode): void {
    if (isUp(node)) return;
    if (this.now < node.suspendedUntil) {
      return this.agenda.add(node.suspendedUntil, () => this.boot(node));
    }
    node.isOff = false;
    // One that goes on where its former life ended knows what that knew.
    if (!isContinued(node, this.now)) node.bootedAt = this.now;
    if (node.config.original !== undefined) return bootOriginal(this.#machine(node), node, []);
    beginLife(node, this.now);
    this.write(node, "boots");
    this.#jobs.look(node);
    this.#wake(node);
  }

  /** The machine loses power: its memory and all that its kernel had are gone. */
  crash(node: SimNode): void {
    this.#end(node);
    node.isOff = true;
    forgetKernel(node, this.now, this.#stalls);
    this.write(node, "crashed");
  }

  /**
   * The daemon is killed with -9. A moment later systemd's ExecStopPost removes its addresses, unless
   * a lease lives: then the kernel sees to that.
   *
   * @param back - when it is started again, in milliseconds
   */
  kill(node: SimNode, back?: number): void {
    const wasUp = isUp(node);
    this.#end(node);
    this.write(node, "killed");
    this.agenda.add(after(this.now, millis(20)), () => {
      if (!isUp(node) && !isLeased(node.kernel, this.now)) release(node.kernel);
    });
    if (wasUp && back !== undefined) this.#bootAfter(node, back);
  }

  /** The daemon does not run for a while; its machine does. */
  pause(node: SimNode, duration: number): void {
    const until = after(this.now, millis(duration));
    if (until < node.pausedUntil) return;
    node.pausedUntil = until;
    this.write(node, `paused for ${duration} ms`);
    this.agenda.add(until, () => this.#resume(node));
  }

  /**
   * The whole machine stands still, and the lease in its kernel with it.
   *
   * @param isNoticed - whether its clock goes on meanwhile
   */
  suspend(node: SimNode, duration: number, isNoticed: boolean): void {
    if (this.now < node.suspendedUntil) return;
    node.suspendedUntil = after(this.now, millis(duration));
    const { kernel } = node;
    if (kernel.leaseUntil !== undefined) {
      kernel.leaseUntil = after(kernel.leaseUntil, millis(duration));
    }
    const { clock } = node;
    if (!isNoticed) this.agenda.add(node.suspendedUntil, () => standStill(clock, duration));
    this.pause(node, duration);
  }

  /** Somebody removes or adds an address, or an interface, behind the daemon's back. */
  meddle(node: SimNode, change: (kernel: Kernel) => void): void {
    change(node.kernel);
    this.changed(node);
  }

  changed(node: SimNode): void {
    this.#jobs.look(node);
  }

  command(node: SimNode, command: Command): RequestId {
    const request = this.#nextRequest();
    this.post(node, { type: "command", request, command });
    return request;
  }

  confirm(node: SimNode, target: NodeName): void {
    this.post(node, { type: "confirm", request: this.#nextRequest(), node: target });
  }

  maintain(node: SimNode, on: boolean, lasts?: Millis): void {
    const request = this.#nextRequest();
    this.post(node, { type: "maintain", request, on, lasts, reason: "a test" });
  }

  /** The daemon is to be replaced, and to be back within this. */
  goAway(node: SimNode, within: Millis): void {
    this.post(node, { type: "goAway", request: this.#nextRequest(), within });
  }

  /** The files were changed, and are read anew if a daemon runs. */
  reload(node: SimNode, config: SimConfig): void {
    node.config = config;
    this.post(node, { type: "configured", config });
    this.agenda.add(this.now, () => this.changed(node));
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
      const next = this.agenda.next(end);
      if (next === undefined) break;
      this.now = next.at;
      next.run();
      this.#observe(this);
    }
    this.now = end;
  }

  /** Where an address is configured. */
  holdersOf(address: string): NodeName[] {
    return this.#those(({ kernel }) => kernel.addresses.has(address));
  }

  /** Who answers for it at this moment. */
  answerersOf(address: string): NodeName[] {
    return this.#those((node) => this.lan.answers(node, address));
  }

  write(node: SimNode, what: string): void {
    const at = (this.now / 1000).toFixed(3).padStart(9);
    this.trace.push(`${at} ${node.name}: ${what}`);
    if (this.trace.length > 4000) this.trace.splice(0, 2000);
  }

  #those(matches: (node: SimNode) => boolean): NodeName[] {
    return [...this.nodes.values()].filter(matches).map(({ name }) => name);
  }

  #nextRequest(): RequestId {
    this.#lastRequest += 1;
    return requestId(this.#lastRequest);
  }

  #end(node: SimNode): void {
    endLife(node, this.now);
  }

  #bootAfter(node: SimNode, delay: number): void {
    this.agenda.add(after(this.now, millis(delay)), () => this.boot(node));
  }

  #wake(node: SimNode): void {
    if (node.turnDue || node.state === undefined) return;
    node.turnDue = true;
    this.agenda.add(this.now, () => {
      node.turnDue = false;
      this.#resume(node);
    });
  }

  /** Does what was decided before anything is decided anew. */
  #resume(node: SimNode): void {
    const { state } = node;
    if (state === undefined || this.now < node.pausedUntil) return;
    if (node.todo.length > 0) this.#drain(node);
    else this.#turn(node);
    if (node.state === state && node.todo.length === 0) this.#setAlarm(node);
  }

  #turn(node: SimNode): void {
    const { state } = node;
    if (state === undefined) return;
    this.#countTurn(node, state);
    const inputs = node.inbox.splice(0);
    const copy = this.isCheckingDeterminism ? structuredClone(state) : undefined;
    const now = shownAt(node.clock, this.now);
    const effects = step(state, inputs, now);
    if (copy !== undefined) assertSame(step(copy, structuredClone(inputs), now), effects);
    assertBounded(state);
    assertNotMissed(state);
    for (const effect of effects) node.todo.push(() => perform(this.#outside, node, effect));
    this.#drain(node);
  }

  /** A deadline that is due and does nothing would come again for ever. */
  #countTurn(node: SimNode, state: State): void {
    node.turns = node.turnedAt === this.now ? node.turns + 1 : 0;
    node.turnedAt = this.now;
    if (node.turns < TURNS_AT_ONCE_MAX) return;
    const { at, why } = state.next;
    const due = at - shownAt(node.clock, this.now);
    throw new Error(`${node.name} takes turns without an end: ${why} is due in ${due} ms`);
  }

  #drain(node: SimNode): void {
    while (this.now >= node.pausedUntil) {
      const next = node.todo.shift();
      if (next === undefined) {
        if (node.inbox.length > 0) this.#wake(node);
        return;
      }
      next();
      if (node.todo.length > 0 && chance(this.#stalls, this.faults.stall ?? 0)) {
        this.pause(node, between(this.#stalls, 1, 5 * node.config.timing.deadtime));
      }
    }
  }

  #setAlarm(node: SimNode): void {
    const { state } = node;
    if (state === undefined) return;
    const at = momentOf(node.clock, state.next.at);
    if (at >= Number.MAX_SAFE_INTEGER) return;
    this.agenda.add(at > this.now ? at : this.now, () => {
      if (node.state !== state) return;
      if (state.next.at <= shownAt(node.clock, this.now)) this.#wake(node);
    });
  }

  /** A daemon that is to come back leaves what it has to the kernel. */
  exit(node: SimNode, code: 0 | 1 | 75): void {
    node.saved = node.unsaved ?? node.saved;
    this.#end(node);
    if (code === 75) this.#bootAfter(node, between(this.#stalls, 100, 2000));
    else release(node.kernel);
    this.write(node, `exits with ${code}`);
  }

  #machine(node: SimNode): MachinePorts {
    return {
      stage: this,
      rng: this.#scripts,
      transmit: (bytes, isStatus) => this.network.broadcast(node, bytes, isStatus),
      exit: () => this.#end(node),
    };
  }
}
