/**
 * The daemon: everything that acts, around the core that decides.
 */
import type { Config } from "../config/index.ts";
import { history as historyOf, report, settings as settingsOf } from "../control/index.ts";
import type { Effect, Input, JobId, JobOutcome, RequestId, State } from "../core/index.ts";
import { createState, nextDeath, requestId, statusOf } from "../core/index.ts";
import type { Errno } from "../linux/index.ts";
import { notify, now, openAlarm, watchKernel } from "../linux/index.ts";
import type { Instant } from "../std/time.ts";
import { elapsed, never } from "../std/time.ts";
import type { Stamp } from "../wire/index.ts";
import type { ControlOptions } from "./control-server.ts";
import { openControl } from "./control-server.ts";
import { openDuties } from "./duties.ts";
import { openFencing } from "./fence.ts";
import type { Looker } from "./looker.ts";
import { openLooker } from "./looker.ts";
import type { Loop } from "./loop.ts";
import { startLoop } from "./loop.ts";
import { openMedia } from "./media.ts";
import type { DaemonOptions, Parts } from "./perform.ts";
import { performAll } from "./perform.ts";
import { openPings } from "./pings.ts";
import type { Rehearsals, Stage } from "./rehearsal.ts";
import { startRehearsals } from "./rehearsal.ts";
import { scriptEnvironment } from "./script-environment.ts";
import { openScripts } from "./scripts.ts";
import { openSightings } from "./sightings.ts";
import { stampOf } from "./stamp.ts";
import { loadWitness, openWitness } from "./witness.ts";

export interface Daemon {
  reload(config: Config): void;
  /** The files have errors. */
  refuse(errors: readonly string[]): void;
  leave(): void;
}

export async function startDaemon(options: DaemonOptions): Promise<Daemon | { fault: string }> {
  let { config } = options;
  await loadWitness(config);
  const startedAt = now();
  const state = createState(config.core, options.boot, startedAt);
  const replies: Parts["replies"] = new Map();
  const post = (input: Input): void => loop.post(input);
  const looker = openLooker(options.host, () => groupsOf(state), post);

  const control = await openControl({
    runDir: options.runDir,
    status: () => reportOf(options, state, startedAt),
    history: () => historyOf(config.core.self, options.history.entries()),
    settings: () => settingsOf(config.core.self, config.settings),
    ...asking(replies, post),
  });
  if ("fault" in control) return { fault: faultSentence(control.fault, options.runDir) };

  const acting = openWorkers(options, () => config, { post, looker });
  const duties = openDuties(options);
  const loop: Loop = startLoop(state, {
    now,
    alarm: openAlarm,
    perform: (effects) => perform(effects),
    turned() {
      duties.turned(state.active);
      parts.rehearsals.turned(nextDeath(state));
    },
    crash: options.crash,
  });
  const stamp = (): Stamp => stampOf(config, options.uuid);
  const media = openMedia({ ...config, host: options.host, post, stamp });
  const sightings = openSightings({ ...options, groups: config.core.groups, post });
  const watch = watchKernel(() => {
    looker.look();
    media.kernelChanged();
    sightings.kernelChanged();
  });
  if (!watch.ok) return unwatched({ control, loop, media, sightings }, watch.error);
  const parts: Parts = {
    options,
    control,
    duties,
    ...acting,
    looker,
    media,
    pings: openPings(config.core.pings, post, options.tell),
    sightings,
    witness: openWitness(config, post),
    loop,
    rehearsals: rehearsalsOf(options, () => ({ ...options, ...config, stamp })),
    watch: watch.value,
    replies,
  };
  const perform = (effects: readonly Effect[]): void => performAll(parts, config, effects);
  looker.look();
  post({ type: "leaseKind", kind: options.leases.kind });
  return handleOf(parts, (next) => {
    config = next;
  });
}

function handleOf(parts: Parts, use: (config: Config) => void): Daemon {
  const { loop, looker, options } = parts;
  return {
    reload(next) {
      use(next);
      reconfigure(parts, next);
      // The groups are new from the next turn on: what the kernel has of them is looked up then.
      looker.lookAnew();
    },
    refuse(errors) {
      loop.post({ type: "misconfigured", errors: errors.length, first: errors[0] ?? "" });
    },
    leave() {
      notify(options.notifySocket, "STOPPING=1");
      loop.post({ type: "leave" });
    },
  };
}

function rehearsalsOf({ rehearsalFailed }: DaemonOptions, stage: () => Stage): Rehearsals {
  return startRehearsals({ stage, alarm: openAlarm, failed: rehearsalFailed });
}

/** What runs because the core asks for it. */
function openWorkers(
  options: DaemonOptions,
  config: () => Config,
  { post, looker }: { readonly post: (input: Input) => void; readonly looker: Looker },
): Pick<Parts, "scripts" | "fencing" | "workers"> {
  const runner = {
    haDir: options.haDir,
    env: () => scriptEnvironment(config(), options.haDir),
    done: (job: JobId, outcome: JobOutcome) => post({ type: "jobDone", job, outcome }),
    print: options.print,
  };
  const scripts = openScripts(runner);
  const fencing = openFencing({ ...runner, programs: () => config().fencePrograms });
  const done = (job: JobId, outcome: JobOutcome): void => {
    runner.done(job, outcome);
    looker.lookAnew();
  };
  return { scripts, fencing, workers: { host: options.host, scripts, fencing, done } };
}

function reconfigure(
  { loop, media, pings, sightings, witness, duties, options: { leases, host, standIn } }: Parts,
  next: Config,
): void {
  const times = { lease: next.core.lease, deadtime: next.core.timing.deadtime };
  leases.reconfigure(times);
  standIn.leases.reconfigure(times);
  // Without a lease nothing ends it either.
  if (next.core.lease === undefined) host.announcer.allowUntil(never);
  loop.post({ type: "leaseKind", kind: leases.kind });
  loop.post({ type: "configured", config: next.core });
  // What becomes of new media is news only to a core that knows of them.
  media.reconfigure(next.media, next.keys);
  pings.reconfigure(next.core.pings);
  sightings.reconfigure(next.core.groups);
  witness.reconfigure(next);
  duties.reconfigure(next);
}

function unwatched(
  { control, loop, media, sightings }: Pick<Parts, "control" | "loop" | "media" | "sightings">,
  { call, errno }: Errno,
): { readonly fault: string } {
  loop.stop();
  media.close();
  sightings.close();
  control.close();
  return { fault: `the kernel does not tell of changes: ${call}: ${errno}` };
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
): Pick<ControlOptions, "command" | "confirm" | "maintain" | "restart"> {
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
    maintain(word, reply) {
      post({ type: "maintain", request: numbered(reply), ...word });
    },
    restart({ within }, reply) {
      post({ type: "goAway", request: numbered(reply), within });
    },
  };
}

function groupsOf(state: State): Config["core"]["groups"] {
  return [...state.groups.values()].map((group) => group.config);
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
