/**
 * A takeover that does not happen, played with the daemon's own parts: a peer that holds the first of
 * our groups falls silent, the core decides, and what it asks for is done to a stand-in of the host.
 *
 * V8 reads and compiles a function when it is called for the first time, and what takes over is called
 * for the first time at the worst moment: some milliseconds, which nobody waits for now. And what was
 * run a minute ago lies in no cache of the processor any more, which costs as much again. So it is
 * played after the start, every minute, and right before a peer that is late is called dead; in short
 * pieces between the turns of the loop.
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
  VirtualIp,
} from "../core/index.ts";
import { createState, nextDeadline, step } from "../core/index.ts";
import type { Alarm } from "../linux/index.ts";
import { now } from "../linux/index.ts";
import type { Instant } from "../std/time.ts";
import { after, instant, millis, never, seconds } from "../std/time.ts";
import type { Stamp } from "../wire/index.ts";
import { decode, encodeHeartbeat, heartbeatOf } from "../wire/index.ts";
import type { StandIn } from "./stand-in.ts";
import { prolong, runTask } from "./taking.ts";

/** What it is played with. */
export interface Stage {
  readonly core: CoreConfig;
  readonly keys: KeyRing;
  readonly stamp: () => Stamp;
  readonly standIn: StandIn;
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
/** Of a thousand groups the first is as good as all, and of its addresses a few. */
const GROUPS = 1;
const ADDRESSES = 4;
/** So often the peer answers before it falls silent. */
const WORDS = 3;
/** A play that has no end yet has none. */
const TURNS_MAX = 40;

/**
 * In the first act a peer that holds a group falls silent, and it is taken; in the second it is back, and
 * an operator wants it there.
 */
export type Acts = 1 | 2;

/**
 * One play, piece by piece.
 *
 * @returns whether it came to its end
 */
export function* rehearsal(stage: Stage, acts: Acts = 2): Generator<undefined, boolean> {
  const [peer] = stage.core.peers;
  const groups = stage.core.groups
    .filter(({ nodes }) => peer !== undefined && nodes.includes(peer))
    .slice(0, GROUPS)
    .map(shortened);
  if (peer === undefined || groups.length === 0) return false;
  const core = configOf(stage.core, peer, groups);
  const state = createState(core, { boot: "0".repeat(16), generation: 1 }, instant(0));
  stage.standIn.host.look(groups);
  let inputs = beginning(groups);
  let isTaken = false;
  let isOver = false;
  for (let turns = 0; turns < TURNS_MAX && !isOver; turns++) {
    const at = inputs.length > 0 ? state.now : nextDeadline(state).at;
    const effects = step(state, inputs, at);
    inputs = effects.flatMap((effect) => outcomesOf(stage, effect, at));
    const stages = [...state.groups.values()].map(({ local }) => local.at);
    isTaken ||= stages.every((each) => each === "held");
    isOver = isTaken && (acts === 1 || stages.every((each) => each === "stopped"));
    const spoken = effects.find((effect) => effect.type === "send")?.message;
    if (spoken !== undefined && (isTaken || spoken.sequence <= WORDS)) {
      inputs.push(
        ...heard(stage, isTaken ? wishOf(core, peer, spoken) : answerOf(core, peer, spoken)),
      );
    }
    yield undefined;
  }
  leave(stage.standIn, groups);
  return isOver;
}

function shortened(group: GroupConfig): GroupConfig {
  const few = new Set(addressesOf(group).slice(0, ADDRESSES));
  const resources = group.resources.filter((each) => each.type !== "address" || few.has(each.ip));
  return { ...group, resources };
}

function addressesOf({ resources }: GroupConfig): readonly VirtualIp[] {
  return resources.flatMap((each) => (each.type === "address" ? [each.ip] : []));
}

/** The next play begins as this one did. */
function leave({ host, leases }: StandIn, groups: readonly GroupConfig[]): void {
  leases.revoke();
  host.remove(groups.flatMap(addressesOf));
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

/** That of a peer that is to have it, and knows that it has not. */
function wishOf(core: CoreConfig, peer: NodeName, spoken: Message): Message {
  const stances = core.groups.map(({ name: group }) => ({ group, at: "wants" as const }));
  return { ...answerOf(core, peer, spoken), changed: spoken.sequence, claims: [], stances };
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

/** The play has a clock of its own, and the kernel has not. */
function outcomesOf({ standIn }: Stage, effect: Effect, at: Instant): Input[] {
  if (effect.type === "grant" || effect.type === "renew") {
    prolong(standIn, { ...effect, until: after(now(), LEASE) });
  }
  if (effect.type !== "run") return [];
  // No program is run, and what becomes of an address is the play's own affair.
  runTask({ ...standIn, ...idle }, effect, now());
  const moments = { begun: at, leased: at, added: at, announced: at };
  return [{ type: "jobDone", job: effect.job, outcome: { type: "succeeded", moments } }];
}

const nothing = (): void => undefined;
const idle = { scripts: { run: nothing }, fencing: { run: nothing }, done: nothing } as const;

/**
 * After the start: so often does V8 have to see a function until it has compiled it for good, which takes
 * longer than to run it, and is done when it is called.
 */
const FIRST_TIMES = 50;
const OFTEN_MS = 50;
const EVERY_MS = 60_000;
/** So long before a death. Longer than a play takes, and a play takes some milliseconds. */
const LEAD = millis(10);

export interface Rehearsals {
  /** @param death - the next one to be expected: see core's `nextDeath` */
  turned(death: Instant): void;
  close(): void;
}

export interface RehearsalOptions {
  /** As it is by then: the files may be read anew. */
  readonly stage: () => Stage;
  readonly alarm: (onDue: () => void) => Alarm;
  /**
   * A bug of ours, seen in a play. It must not end a daemon that serves: both nodes would end by it,
   * and again after every start. Nothing is played after it.
   */
  readonly failed: (error: unknown) => void;
}

export function startRehearsals({ stage, alarm: open, failed }: RehearsalOptions): Rehearsals {
  let plays = 0;
  let isClosed = false;
  let piece: NodeJS.Immediate | undefined;
  let expected: Instant = never;
  const play = (running: Generator<undefined, boolean>): void => {
    piece = setImmediate(() => {
      try {
        if (running.next().done !== true) return play(running);
        piece = undefined;
        plays += 1;
      } catch (error) {
        end();
        failed(error);
      }
      return undefined;
    });
  };
  const begin = (acts: Acts): void => {
    if (piece === undefined && !isClosed) play(rehearsal(stage(), acts));
  };
  const often = setInterval(() => {
    if (plays < FIRST_TIMES) begin(2);
    else clearInterval(often);
  }, OFTEN_MS).unref();
  const again = setInterval(() => begin(2), EVERY_MS).unref();
  const alarm = open(() => {
    alarm.set(never);
    begin(1);
  });
  const end = (): void => {
    if (!isClosed) alarm.close();
    isClosed = true;
    clearInterval(often);
    clearInterval(again);
    clearImmediate(piece);
  };
  begin(2);
  return {
    turned(death) {
      if (death === expected || isClosed) return;
      expected = death;
      alarm.set(death === never ? never : instant(death - LEAD));
    },
    close: end,
  };
}
