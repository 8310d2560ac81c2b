/**
 * A daemon that is replaced, and nothing moves: it says that it is away and back within a time, waits
 * until every living peer has acknowledged that, stretches its lease to exactly this time, and ends
 * without giving anything up. Its next life finds the lease in the kernel and goes on (remember.ts).
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, instant, seconds } from "../std/time.ts";
import { knowsUs } from "./agreement.ts";
import { isClaimed } from "./group.ts";
import type { Input } from "./input.ts";
import { livingOriginal } from "./original.ts";
import { isAlive } from "./peer.ts";
import { rememberNow } from "./remember.ts";
import { leaseOf, marginOf } from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, tell } from "./turn.ts";
import type { RequestId } from "./types.ts";

export interface Away {
  readonly request: RequestId;
  readonly within: Millis;
  readonly since: Instant;
  /** The first heartbeat that says so. */
  readonly saidSince: number;
}

/** How long peers may take to acknowledge it. */
const PATIENCE: Millis = seconds(2);

export function recordGoAway(turn: Turn, input: Extract<Input, { type: "goAway" }>): void {
  const { state } = turn;
  const { request, within } = input;
  const refusal =
    state.away === undefined
      ? refusalOf(state)
      : "this node is about to restart its daemon already";
  if (refusal !== undefined) return act(turn, { type: "answered", request, refusal });
  const saidSince = state.sequence + 1;
  state.away = { request, within, since: state.now, saidSince };
  state.changed = saidSince;
  turn.urgent = true;
}

function refusalOf(state: State): string | undefined {
  if (state.leaving !== undefined) return "this node is being stopped";
  const original = livingOriginal(state);
  if (original !== undefined) {
    return `${original.peer.name} runs the original heartbeat, which does not wait for a daemon`;
  }
  const peers = [...state.peers.values()];
  const away = peers.find((peer) => isAlive(peer) && peer.phase === "away");
  if (away !== undefined) return `the daemon of ${away.name} is being replaced just now`;
  // The lease must not go beyond what the witness, or a ping node, allows.
  const { hasWitness, onIsolated } = state.config;
  const silent = peers.find((peer) => !isAlive(peer) && peer.liveness !== "left");
  if (silent !== undefined && (hasWitness === true || onIsolated === "release")) {
    return `${silent.name} is not heard: nobody can promise to wait`;
  }
  const claimed = [...state.groups.values()].filter(isClaimed);
  const moving = claimed.find(({ local }) => local.at !== "held");
  if (moving !== undefined) return `${moving.config.name} is ${moving.local.at} just now`;
  if (claimed.length > 0 && leaseOf(state) === undefined) {
    return "without a lease nothing would end if the daemon did not come back: stop it instead";
  }
  return state.lease.lapsed === undefined ? undefined : state.lease.lapsed.why;
}

/** Goes when every peer knows, or says that it cannot. */
export function settleAway(turn: Turn): void {
  const { state } = turn;
  const { away } = state;
  if (away === undefined) return;
  const unaware = [...state.peers.values()].find(
    (peer) => isAlive(peer) && !knowsUs(peer, state, away.saidSince),
  );
  // What was no reason when it was asked for may be one by now.
  const hindrance = refusalOf(state);
  if (hindrance === undefined) {
    if (unaware === undefined && state.sequence >= away.saidSince) return go(turn, away);
    if (state.now < after(away.since, PATIENCE)) return;
  }
  state.away = undefined;
  state.changed = state.sequence + 1;
  turn.urgent = true;
  const refusal = hindrance ?? `${unaware?.name ?? "a peer"} does not acknowledge it`;
  act(turn, { type: "answered", request: away.request, refusal });
}

function go(turn: Turn, { request, within, since }: Away): void {
  const { state } = turn;
  if (state.lease.until !== undefined) {
    // The peers count from the moment in which they heard it.
    const until = instant(after(since, within) - marginOf(state));
    state.lease.until = until;
    act(turn, { type: "renew", until });
  }
  act(turn, { type: "answered", request, refusal: undefined });
  tell(turn, { code: "away", within });
  rememberNow(turn);
  state.exited = true;
  turn.tells.push({ type: "exit", code: 75 });
}

export function awayDue({ away }: State): Instant | undefined {
  return away === undefined ? undefined : after(away.since, PATIENCE);
}
