/**
 * Carries out what the core asks for.
 */
import type { Config } from "../config/index.ts";
import { answer, confirmation, outcome } from "../control/index.ts";
import type { Boot, Effect, Memory, Notice, RequestId } from "../core/index.ts";
import type { KernelWatch } from "../linux/index.ts";
import { now } from "../linux/index.ts";
import { unreachable } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import type { ControlServer } from "./control-server.ts";
import type { Duties } from "./duties.ts";
import type { Fencing } from "./fence.ts";
import type { History } from "./history.ts";
import type { Host } from "./host.ts";
import type { Leases } from "./leases.ts";
import type { Looker } from "./looker.ts";
import type { Loop } from "./loop.ts";
import type { Media } from "./media.ts";
import type { Pings } from "./pings.ts";
import type { Rehearsals } from "./rehearsal.ts";
import type { Scripts } from "./scripts.ts";
import type { Sightings } from "./sightings.ts";
import type { StandIn } from "./stand-in.ts";
import type { Workers } from "./taking.ts";
import { prolong, runTask } from "./taking.ts";
import type { Witness } from "./witness.ts";

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
  /** For rehearsals. */
  readonly standIn: StandIn;
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
  /** A bug of ours that has had no consequence yet: see rehearsal.ts. */
  readonly rehearsalFailed: (error: unknown) => void;
}

/** All that acts. */
export interface Parts {
  readonly options: DaemonOptions;
  readonly control: ControlServer;
  readonly duties: Duties;
  readonly scripts: Scripts;
  readonly fencing: Fencing;
  readonly workers: Workers;
  readonly looker: Looker;
  readonly media: Media;
  readonly pings: Pings;
  readonly sightings: Sightings;
  readonly witness: Witness;
  readonly loop: Loop;
  readonly rehearsals: Rehearsals;
  readonly watch: KernelWatch;
  readonly replies: Map<RequestId, (body: object) => void>;
}

/** @param config - the files that are in force */
export function performAll(parts: Parts, config: Config, effects: readonly Effect[]): void {
  const begun = now();
  for (const effect of effects) perform(parts, { config, begun }, effect);
}

/** A turn whose effects are being performed. */
interface Performance {
  readonly config: Config;
  readonly begun: Instant;
}

function perform(parts: Parts, { config, begun }: Performance, effect: Effect): void {
  const { options } = parts;
  switch (effect.type) {
    case "send":
      return parts.media.send(effect.message, effect.directly);
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
    case "renew": {
      const reason = prolong(options, effect);
      return reason === undefined ? undefined : parts.loop.post({ type: "lapsed", reason });
    }
    case "revoke":
      options.host.announcer.silence();
      return options.leases.revoke();
    case "probe":
      return parts.sightings.probe(effect.ips);
    case "vote":
      return parts.witness.vote(effect.want);
    case "remember":
      return options.remember(effect.memory);
    case "announce":
      return options.host.announcer.announce(effect.ips);
    case "run":
      return runTask(parts.workers, effect, begun);
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
    case "answered":
      return respond(parts, effect.request, outcome(config.core.self, effect.refusal));
    case "tell":
      return options.tell(effect.notice);
    case "exit":
      return finish(parts, effect.code);
    default:
      return unreachable(effect);
  }
}

function respond({ replies }: Parts, request: RequestId, body: object): void {
  replies.get(request)?.(body);
  replies.delete(request);
}

function finish(parts: Parts, code: number): void {
  // What did not stop keeps its address configured, and nobody is left who would remove it; nor the
  // table of the lease. What waits for the next daemon (75) keeps both on purpose.
  if (code !== 75) parts.options.host.sweep();
  parts.loop.stop();
  parts.rehearsals.close();
  parts.control.close();
  parts.watch.close();
  parts.media.close();
  parts.pings.close();
  parts.sightings.close();
  parts.witness.close();
  // Programs of respawn lines are told to end when nothing depends on them any more.
  parts.duties.end(code !== 1).then(() => parts.options.exit(code), parts.options.crash);
}
