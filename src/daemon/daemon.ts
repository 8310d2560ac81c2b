/**
 * The daemon: everything that acts, around the core that decides.
 */
import { readFileSync } from "node:fs";
import type { Config } from "../config/index.ts";
import {
  answer,
  confirmation,
  history as historyOf,
  report,
  settings as settingsOf,
} from "../control/index.ts";
import type {
  Boot,
  Effect,
  Input,
  JobId,
  JobOutcome,
  Memory,
  Notice,
  RequestId,
  State,
  Task,
} from "../core/index.ts";
import { createState, requestId, statusOf } from "../core/index.ts";
import type { Errno, KernelWatch } from "../linux/index.ts";
import { notify, now, watchKernel } from "../linux/index.ts";
import { unreachable } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import { elapsed } from "../std/time.ts";
import type { Stamp } from "../wire/index.ts";
import type { ControlOptions, ControlServer } from "./control-server.ts";
import { openControl } from "./control-server.ts";
import type { Duties } from "./duties.ts";
import { openDuties } from "./duties.ts";
import type { Fencing } from "./fence.ts";
import { openFencing } from "./fence.ts";
import type { History } from "./history.ts";
import type { Host } from "./host.ts";
import type { Leases } from "./leases.ts";
import type { Loop } from "./loop.ts";
import { startLoop } from "./loop.ts";
import type { Media } from "./media.ts";
import { openMedia } from "./media.ts";
import type { Pings } from "./pings.ts";
import { openPings } from "./pings.ts";
import { scriptEnvironment } from "./script-environment.ts";
import type { Scripts } from "./scripts.ts";
import { openScripts } from "./scripts.ts";
import type { Sightings } from "./sightings.ts";
import { openSightings } from "./sightings.ts";
import type { Witness } from "./witness.ts";
import { openWitness } from "./witness.ts";

export interface DaemonOptions {
  readonly haDir: string;
  readonly runDir: string;
  readonly version: string;
  readonly config: Config;
  readonly boot: Boot;
  /** Saves a generation that began while the daemon ran. Must not wait. */
  readonly saveGeneration: (generation: number) => void;
  /** 16 bytes: by these, besides the name, an original knows a node. */
  readonly uuid: Uint8Array;
  readonly host: Host;
  readonly leases: Leases;
  /** Saves what the next life must know. Must not wait. */
  readonly remember: (memory: Memory) => void;
  readonly history: History;
  readonly tell: (notice: Notice) => void;
  /** A line that a resource's program printed. */
  readonly print: (resource: string, line: string) => void;
  /** NOTIFY_SOCKET, and the interval at which systemd wants to be fed (sd_watchdog_enabled(3)). */
  readonly notifySocket: string | undefined;
  readonly watchdogMs: number | undefined;
  /** The last thing that is called: with the exit status. */
  readonly exit: (code: number) => void;
  readonly crash: (error: unknown) => void;
}

export interface Daemon {
  reload(config: Config): void;
  /** The files have errors. */
  refuse(errors: readonly string[]): void;
  leave(): void;
}

export async function startDaemon(options: DaemonOptions): Promise<Daemon | { fault: string }> {
  let { config } = options;
  const startedAt = now();
  const state = createState(config.core, options.boot, startedAt);
  const replies: Parts["replies"] = new Map();
  const post = (input: Input): void => loop.post(input);
  const look = (): void => post({ type: "host", addresses: options.host.look(groupsOf(state)) });

  const control = await openControl({
    runDir: options.runDir,
    status: () => reportOf(options, state, startedAt),
    history: () => historyOf(config.core.self, options.history.entries()),
    settings: () => settingsOf(config.core.self, config.settings),
    ...asking(replies, post),
  });
  if ("fault" in control) return { fault: faultSentence(control.fault, options.runDir) };

  const programs = openPrograms(options, () => config, post);
  const duties = openDuties(options);
  const loop: Loop = startLoop(state, {
    now,
    perform: (effect) => perform(effect),
    turned: () => duties.turned(state.active),
    crash: options.crash,
  });
  const stamp = (): Stamp => stampOf(config, options.uuid);
  const media = openMedia({ ...config, host: options.host, post, stamp });
  const watch = watchKernel(() => {
    look();
    media.kernelChanged();
  });
  if (!watch.ok) return unwatched({ control, loop, media }, watch.error);
  const parts: Parts = {
    options,
    control,
    duties,
    ...programs,
    media,
    pings: openPings(config.core.pings, post),
    sightings: openSightings({ groups: config.core.groups, host: options.host, post }),
    witness: openWitness(config, post),
    loop,
    watch: watch.value,
    replies,
  };
  const perform = (effect: Effect): void => act(parts, config, effect);
  look();
  post({ type: "leaseKind", kind: options.leases.kind });
  return {
    reload(next) {
      config = next;
      reconfigure(parts, next);
      // The groups are new from the next turn on: what the kernel has of them is looked up then.
      setImmediate(look);
    },
    refuse(errors) {
      post({ type: "misconfigured", errors: errors.length, first: errors[0] ?? "" });
    },
    leave() {
      notify(options.notifySocket, "STOPPING=1");
      post({ type: "leave" });
    },
  };
}

/** What runs because the core asks for it. */
function openPrograms(
  options: DaemonOptions,
  config: () => Config,
  post: (input: Input) => void,
): Pick<Parts, "scripts" | "fencing"> {
  const runner = {
    haDir: options.haDir,
    env: () => scriptEnvironment(config(), options.haDir),
    done: (job: JobId, outcome: JobOutcome) => post({ type: "jobDone", job, outcome }),
    print: options.print,
  };
  return {
    scripts: openScripts(runner),
    fencing: openFencing({ ...runner, programs: () => config().fencePrograms }),
  };
}

function reconfigure(
  { loop, media, pings, sightings, witness, duties }: Parts,
  next: Config,
): void {
  loop.post({ type: "configured", config: next.core });
  // What becomes of new media is news only to a core that knows of them.
  media.reconfigure(next.media, next.keys);
  pings.reconfigure(next.core.pings);
  sightings.reconfigure(next.core.groups);
  witness.reconfigure(next);
  duties.reconfigure(next);
}

function unwatched(
  { control, loop, media }: Pick<Parts, "control" | "loop" | "media">,
  { call, errno }: Errno,
): { readonly fault: string } {
  loop.stop();
  media.close();
  control.close();
  return { fault: `the kernel does not tell of changes: ${call}: ${errno}` };
}

interface Parts {
  readonly options: DaemonOptions;
  readonly control: ControlServer;
  readonly duties: Duties;
  readonly scripts: Scripts;
  readonly fencing: Fencing;
  readonly media: Media;
  readonly pings: Pings;
  readonly sightings: Sightings;
  readonly witness: Witness;
  readonly loop: Loop;
  readonly watch: KernelWatch;
  readonly replies: Map<RequestId, (body: object) => void>;
}

function reportOf(options: DaemonOptions, state: State, startedAt: Instant): object {
  const at = now();
  const extra = { software: options.version, uptimeMs: elapsed(startedAt, at) };
  return report(statusOf(state, at), Date.now(), extra);
}

/** Hands commands to the core, each under a number by which its answer finds back. */
function asking(
  replies: Parts["replies"],
  post: (input: Input) => void,
): Pick<ControlOptions, "command" | "confirm"> {
  let last = 0;
  const numbered = (reply: (body: object) => void): RequestId => {
    last += 1;
    replies.set(requestId(last), reply);
    return requestId(last);
  };
  return {
    command(command, reply) {
      post({ type: "command", request: numbered(reply), command });
    },
    confirm(node, reply) {
      post({ type: "confirm", request: numbered(reply), node });
    },
  };
}

function groupsOf(state: State): Config["core"]["groups"] {
  return [...state.groups.values()].map((group) => group.config);
}

function act(parts: Parts, config: Config, effect: Effect): void {
  const { options } = parts;
  switch (effect.type) {
    case "send":
      return parts.media.send(effect.message);
    case "say":
      return parts.media.say(effect.message);
    case "repeat":
      return parts.media.repeat(effect.sequence);
    case "saveGeneration":
      // Of the life that has ended nothing more is to be heard, not even late.
      parts.media.dropUnsent();
      return options.saveGeneration(effect.generation);
    case "ask":
      return parts.pings.ask();
    case "grant":
    case "renew":
      return noteLapse(parts, options.leases[effect.type](effect.until));
    case "revoke":
      return options.leases.revoke();
    case "probe":
      return parts.sightings.probe(effect.ips);
    case "vote":
      return parts.witness.vote(effect.want);
    case "remember":
      return options.remember(effect.memory);
    case "announce":
      return options.host.announce(effect.ips);
    case "run":
      return runTask(parts, effect.job, effect.task);
    case "cancel":
      parts.scripts.cancel(effect.job);
      return parts.fencing.cancel(effect.job);
    case "reply":
      return respond(parts, effect.request, answer(config.core.self, effect.reply));
    case "confirmed":
      return respond(
        parts,
        effect.request,
        confirmation(config.core.self, effect.node, effect.refusal),
      );
    case "tell":
      return options.tell(effect.notice);
    case "exit":
      return finish(parts, effect.code);
    default:
      return unreachable(effect);
  }
}

function noteLapse({ loop }: Parts, reason: string | undefined): void {
  if (reason !== undefined) loop.post({ type: "lapsed", reason });
}

function respond({ replies }: Parts, request: RequestId, body: object): void {
  replies.get(request)?.(body);
  replies.delete(request);
}

function runTask(parts: Parts, job: JobId, task: Task): void {
  const done = (outcome: JobOutcome): void => parts.loop.post({ type: "jobDone", job, outcome });
  switch (task.type) {
    case "addAddresses":
      return done(parts.options.host.add(task.ips));
    case "removeAddresses":
      return done(parts.options.host.remove(task.ips));
    case "start":
    case "stop":
      return parts.scripts.run(job, task.type, task.resource);
    case "fence":
      return parts.fencing.run(job, task.node, task.device);
    default:
      return unreachable(task);
  }
}

function finish(parts: Parts, code: number): void {
  // What did not stop keeps its address configured, and nobody is left who would remove it.
  if (code !== 0) parts.options.host.sweep();
  parts.loop.stop();
  parts.control.close();
  parts.watch.close();
  parts.media.close();
  parts.pings.close();
  parts.sightings.close();
  parts.witness.close();
  // Programs of respawn lines are told to end when nothing depends on them any more.
  parts.duties.end(code === 0).then(() => parts.options.exit(code), parts.options.crash);
}

function stampOf(config: Config, uuid: Uint8Array): Stamp {
  return {
    seconds: Date.now() / 1000,
    load: loadAverage(),
    ttl: config.core.peers.length + 1 + config.core.pings.length + config.duties.hopfudge,
    uuid,
  };
}

/** What the original sends too; nobody decides by it. */
function loadAverage(): string {
  try {
    return readFileSync("/proc/loadavg", "latin1").trim();
  } catch {
    return "0.00 0.00 0.00 1/1 1";
  }
}

function faultSentence(
  fault:
    | { readonly type: "already-running" }
    | { readonly type: "failed"; readonly reason: string },
  runDir: string,
): string {
  return fault.type === "already-running"
    ? `a daemon is running already (it answers in ${runDir})`
    : `the control socket in ${runDir} cannot be opened: ${fault.reason}`;
}
