/**
 * A takeover that does not happen, played with the daemon's own parts: a peer that holds the first of
 * our groups falls silent, the core decides, the kernel is asked for what changes nothing.
 *
 * V8 reads and compiles a function when it is called for the first time, and what takes over is called
 * for the first time at the worst moment: some milliseconds, which nobody waits for now. Played in
 * short pieces between the turns of the loop, after the start and every minute.
 */
import type { KeyRing } from "../config/index.ts";
import type {
  AddressFact,
  CoreConfig,
  Effect,
  GroupConfig,
  Input,
  Message,
  NodeName,
  State,
} from "../core/index.ts";
import { createState, nextDeadline, step } from "../core/index.ts";
import type { Instant } from "../std/time.ts";
import { instant, millis, seconds } from "../std/time.ts";
import type { Stamp } from "../wire/index.ts";
import { decode, encodeHeartbeat, heartbeatOf } from "../wire/index.ts";
import type { Host } from "./host.ts";

/** What it is played with. */
export interface Stage {
  readonly core: CoreConfig;
  readonly keys: KeyRing;
  readonly stamp: () => Stamp;
  readonly host: Pick<Host, "rehearse">;
}

/** Times of its own: the shortest play that has all the turns. */
const TIMING = {
  keepalive: seconds(1),
  warntime: seconds(2),
  deadtime: seconds(4),
  initdead: seconds(8),
  deadping: seconds(4),
};
const LEASE = millis(3800);
/** Of a thousand groups the first is as good as all. */
const GROUPS = 1;
/** So often the peer answers before it falls silent. */
const WORDS = 3;
/** A play that has no end yet has none. */
const TURNS_MAX = 40;

/**
 * One play, piece by piece.
 *
 * @returns whether the group was held at the end
 */
export function* rehearsal(stage: Stage): Generator<undefined, boolean> {
  const [peer] = stage.core.peers;
  const groups = stage.core.groups
    .filter(({ nodes }) => peer !== undefined && nodes.includes(peer))
    .slice(0, GROUPS);
  if (peer === undefined || groups.length === 0) return false;
  const core = configOf(stage.core, peer, groups);
  const state = createState(core, { boot: "0".repeat(16), generation: 1 }, instant(0));
  let inputs = beginning(groups);
  for (let turns = 0; turns < TURNS_MAX && !isOver(state); turns++) {
    const at = inputs.length > 0 ? state.now : nextDeadline(state).at;
    const effects = step(state, inputs, at);
    inputs = effects.flatMap((effect) => outcomesOf(stage, effect, at));
    const spoken = effects.find((effect) => effect.type === "send")?.message;
    if (spoken !== undefined && spoken.sequence <= WORDS) {
      inputs.push(...heard(stage, answerOf(core, peer, spoken)));
    }
    yield undefined;
  }
  return isOver(state);
}

function configOf(core: CoreConfig, peer: NodeName, groups: readonly GroupConfig[]): CoreConfig {
  const lease = core.lease === undefined ? undefined : LEASE;
  // A device or a witness takes its time anyway.
  const alone = { fencing: undefined, hasWitness: false, pings: [] };
  return { ...core, ...alone, peers: [peer], groups, timing: TIMING, lease };
}

function beginning(groups: readonly GroupConfig[]): Input[] {
  const addresses = groups.flatMap(({ name: group, resources }) =>
    resources
      .filter(({ type }) => type === "address")
      .map(({ name: resource }): AddressFact => ({
        group,
        resource,
        present: "absent",
        obstacle: undefined,
      })),
  );
  const kind = { mechanism: "nftables", late: millis(4), fault: undefined } as const;
  return [
    { type: "leaseKind", kind },
    { type: "host", addresses },
  ];
}

function isOver({ groups }: State): boolean {
  return [...groups.values()].every(({ local }) => local.at === "held");
}

/** The holder's heartbeat, which acknowledges ours. */
function answerOf(core: CoreConfig, peer: NodeName, spoken: Message): Message {
  const { generation, sequence } = spoken;
  const claims = core.groups.map(({ name: group }) => ({
    group,
    term: 1,
    at: "held" as const,
    pinned: false,
    reason: "start" as const,
    from: undefined,
    age: seconds(60),
  }));
  const hears = [{ node: core.self, generation, sequence }];
  const own = { from: peer, boot: "1".repeat(16), phase: "active" as const, lease: core.lease };
  return { ...spoken, ...own, changed: 1, claims, stances: [], hears };
}

/** Out by the wire, and in again. */
function heard({ core, keys, stamp }: Stage, message: Message): Input[] {
  const [medium] = core.media;
  const envelope = decode(encodeHeartbeat(message, stamp(), keys.active), keys.all, keys.active);
  if (medium === undefined || !envelope.ok) return [];
  const understood = heartbeatOf(envelope.value);
  return understood.ok ? [{ type: "message", medium, message: understood.value }] : [];
}

function outcomesOf({ host }: Stage, effect: Effect, at: Instant): Input[] {
  if (effect.type !== "run") return [];
  const { job, task } = effect;
  if (task.type === "addAddresses") host.rehearse(task.ips);
  const moments = { begun: at, leased: at, added: at, announced: at };
  return [{ type: "jobDone", job, outcome: { type: "succeeded", moments } }];
}

/** At the start: so often does V8 have to see a function before it takes it for a frequent one. */
const FIRST_TIMES = 5;
const EVERY_MS = 60_000;

export interface Rehearsals {
  close(): void;
}

/**
 * @param stage - as it is by then: the files may be read anew
 * @param failed - a bug of ours, seen in a play. It must not end a daemon that serves: both nodes would
 *   end by it, and again after every start. Nothing is played after it.
 */
export function startRehearsals(stage: () => Stage, failed: (error: unknown) => void): Rehearsals {
  let piece: NodeJS.Immediate | undefined;
  const play = (times: number, running = rehearsal(stage())): void => {
    piece = setImmediate(() => {
      try {
        if (running.next().done !== true) play(times, running);
        else if (times > 1) play(times - 1);
      } catch (error) {
        clearInterval(again);
        failed(error);
      }
    });
  };
  const again = setInterval(() => play(1), EVERY_MS).unref();
  play(FIRST_TIMES);
  return {
    close() {
      clearInterval(again);
      clearImmediate(piece);
    },
  };
}
