/**
 * What this node says: everything, at every heartbeat, so that one heard is as good as all heard.
 */
import { after, elapsed, millis } from "../std/time.ts";
import { doubtsOf } from "./believed.ts";
import type { Group } from "./group.ts";
import { ownClaim, ownStance } from "./group.ts";
import { maintenanceOf } from "./maintenance.ts";
import { isAlive } from "./peer.ts";
import { ownObstacle } from "./placement.ts";
import { leaseOf } from "./right.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act } from "./turn.ts";
import type { Hearing, Message, Phase } from "./types.ts";
import { overduePeers } from "./unreachable.ts";

/** The last words are lost like any others: they are said three times. */
const LAST_WORDS = 3;

/** Of keepalive: for so long a node waits for the heartbeat of a holder that it answers. */
const FOLLOWERS_PATIENCE = 1.125;

/** Sends the heartbeat if it is due, or if somebody waits for it. */
export function speak(turn: Turn): void {
  const { state } = turn;
  const { keepalive } = state.config.timing;
  const patience = millis(turn.follows ? keepalive * FOLLOWERS_PATIENCE : keepalive);
  if (state.exited) return;
  if (state.now < state.nextKeepalive && !turn.urgent) {
    if (turn.follows) state.nextKeepalive = after(state.now, patience);
    return;
  }
  const message = nextMessage(state, phaseOf(state));
  const directly = overduePeers(state);
  act(turn, { type: "send", message, ...(directly.length === 0 ? {} : { directly }) });
  const next = after(state.nextKeepalive, keepalive);
  // On schedule if it can be kept, so that the interval does not drift.
  const isKept = !turn.urgent && next > state.now;
  state.nextKeepalive = isKept && !turn.follows ? next : after(state.now, patience);
}

/** Says that this node is gone. Nothing is said after it. */
export function sayGoodbye(turn: Turn): void {
  const message = nextMessage(turn.state, "gone");
  for (let copy = 0; copy < LAST_WORDS; copy++) act(turn, { type: "send", message });
}

function phaseOf(state: State): Phase {
  if (state.leaving !== undefined) return "leaving";
  if (state.away !== undefined) return "away";
  if (state.active) return "active";
  return state.sequence === 0 ? "init" : "up";
}

function nextMessage(state: State, phase: Phase): Message {
  state.sequence += 1;
  remember(state);
  const groups = [...state.groups.values()];
  return {
    from: state.config.self,
    boot: state.boot,
    generation: state.generation,
    sequence: state.sequence,
    changed: state.changed,
    phase,
    deadtime: state.config.timing.deadtime,
    claims: groups.flatMap((group) => ownClaim(group, state.now) ?? []),
    stances: groups.flatMap((group) => ownStance(group, ownObstacle(state, group)) ?? []),
    hears: [...state.peers.values()].filter(isAlive).map(hearingOf),
    digest: state.config.digest,
    reach: state.reach,
    maintenance: maintenanceOf(state),
    lease: leaseSaid(state),
    back: state.away?.within,
    macs: macsOf(groups),
    doubts: doubtsOf(state),
  };
}

/** At the worst, its kernel being late. Nothing while this node is silent. */
function leaseSaid(state: State): Message["lease"] {
  const length = leaseOf(state);
  if (length !== undefined && state.lease.lapsed !== undefined) return millis(0);
  return length === undefined ? undefined : millis(length + (state.lease.kind?.late ?? 0));
}

/** By what hardware addresses the network reaches what is held here, or would be. */
function macsOf(groups: readonly Group[]): readonly string[] {
  const macs = groups.flatMap(({ facts }) => [...facts.values()].flatMap(({ mac }) => mac ?? []));
  return [...new Set(macs)];
}

function hearingOf({
  name,
  generation,
  sequence,
}: {
  readonly name: Hearing["node"];
  readonly generation: number;
  readonly sequence: number;
}): Hearing {
  return { node: name, generation, sequence };
}

/** Keeps the moments of what was sent for as long as an acknowledgement of it may matter. */
function remember(state: State): void {
  const { deadtime } = state.config.timing;
  state.sent.push({ sequence: state.sequence, at: state.now, deadtime });
  let outdated = 0;
  for (const sent of state.sent) {
    if (elapsed(sent.at, state.now) < sent.deadtime) break;
    outdated += 1;
  }
  if (outdated > 0) state.sent.splice(0, outdated);
}
