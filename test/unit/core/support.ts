/**
 * alpha's view of a cluster, as tests want it: what beta said, when, and what alpha holds itself.
 */
import type { Group, Local, Taking } from "../../../src/core/group.ts";
import type { Claim, Message, NodeName, State } from "../../../src/core/index.ts";
import { createState, jobId, nodeName } from "../../../src/core/index.ts";
import type { Peer } from "../../../src/core/peer.ts";
import { hear } from "../../../src/core/peer.ts";
import type { Turn } from "../../../src/core/turn.ts";
import type { Instant } from "../../../src/std/time.ts";
import { instant, millis } from "../../../src/std/time.ts";
import type { Shape } from "../../sim/configs.ts";
import { clusterOf, timing, vip } from "../../sim/configs.ts";

export const alpha: NodeName = nodeName("alpha");
export const beta: NodeName = nodeName("beta");
export const gamma: NodeName = nodeName("gamma");

/** What beta says at its first heartbeat, but for what a test changes. */
export function heartbeat(change: Partial<Message> = {}): Message {
  return {
    from: beta,
    boot: "00000000000000b1",
    generation: 1,
    sequence: 1,
    changed: 1,
    phase: "active",
    deadtime: timing.deadtime,
    claims: [],
    stances: [],
    hears: [],
    digest: "00000000000000aa",
    reach: undefined,
    ...change,
  };
}

export function claim(change: Partial<Claim> = {}): Claim {
  return {
    group: vip,
    term: 1,
    at: "held",
    pinned: false,
    reason: "start",
    from: undefined,
    age: millis(0),
    ...change,
  };
}

/** alpha's state, with its peers not yet heard. */
export function stateOf(names: readonly string[] = ["alpha", "beta"], shape: Shape = {}): State {
  const config = clusterOf(names, shape).find(({ self }) => self === alpha)!;
  return createState(config, { boot: "00000000000000a1", generation: 1 }, instant(0));
}

export function peerOf(state: State, name: NodeName = beta): Peer {
  return state.peers.get(name)!;
}

export function groupOf(state: State): Group {
  return state.groups.get(vip)!;
}

/** Lets alpha hear heartbeats, one from each sender that they name, at this moment. */
export function hearAll(state: State, messages: readonly Message[], now: Instant): State {
  state.now = now;
  for (const message of messages) hear(peerOf(state, message.from), message, false, now);
  return state;
}

export function turnOf(state: State): Turn {
  return {
    state,
    acts: [],
    tells: [],
    offers: new Map(),
    urgent: false,
    follows: false,
    hasNews: true,
    wantsToTake: false,
    claimants: new Map(),
  };
}

export function taking(term = 1): Taking {
  const [lostAt, decidedAt] = [instant(0), instant(0)];
  return { term, reason: "start", from: undefined, lostAt, decidedAt, pinned: false };
}

export function held(term = 1): Local {
  return { at: "held", taking: taking(term), since: instant(0) };
}

export function starting(step: number, term = 1): Local {
  return { at: "starting", taking: taking(term), step, job: jobId(1), abort: undefined };
}
