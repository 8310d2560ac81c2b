/**
 * A ping node: an address that only answers pings, and shows whether a node is connected at all.
 *
 *             answers              silent for deadping
 *   unknown ─────────▶ up ────────────────────────────▶ dead
 *      │                ▲                                │
 *      │ initdead       └─────────── answers ────────────┤
 *      └─────────────────────────────────────────────────┘
 *
 * Its death is no death of a node: nothing is taken for it. What follows from it is in reach.ts.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, elapsed, millis } from "../std/time.ts";
import type { Notice } from "./notice.ts";
import type { CoreConfig, Timing } from "./types.ts";

export interface PingNode {
  readonly name: string;
  /** `unknown` until it answers or the time to do so is over: it counts neither way. */
  state: "unknown" | "up" | "dead";
  /** When it answered last. */
  heard: Instant | undefined;
  /** From when on its silence counts. */
  judgedFrom: Instant;
  /** Until then silence of one that never answered proves nothing. */
  joinsAt: Instant;
}

/** @param joinsAt - when it is dead if it has not answered until then */
export function newPing(name: string, joinsAt: Instant, now: Instant): PingNode {
  return { name, state: "unknown", heard: undefined, judgedFrom: now, joinsAt };
}

/** Those of a node that starts: switches may be slow, as they may be for peers. */
export function firstPings(config: CoreConfig, now: Instant): [string, PingNode][] {
  const { initdead, deadping } = config.timing;
  const joinsAt = after(now, initdead > deadping ? initdead : deadping);
  return config.pings.map(({ name }) => [name, newPing(name, joinsAt, now)]);
}

/** A gateway answers others too. */
const LEAST_INTERVAL = 100;

/**
 * How often ping nodes are asked: once in a keepalive, but ten times a second at most, and at any
 * rate three times in deadping.
 */
export function askInterval({ keepalive, deadping }: Timing): Millis {
  return millis(Math.min(Math.max(keepalive, LEAST_INTERVAL), deadping / 3));
}

/** Takes note of an answer. */
export function hearPing(ping: PingNode, now: Instant): Notice | undefined {
  const isNews = ping.state !== "up";
  ping.state = "up";
  ping.heard = now;
  ping.judgedFrom = now;
  return isNews ? { code: "ping-up", ping: ping.name } : undefined;
}

/** Draws the conclusion from silence. */
export function judgePing(ping: PingNode, deadping: Millis, now: Instant): Notice | undefined {
  const due = pingJudgementDue(ping, deadping);
  if (due === undefined || now < due) return undefined;
  ping.state = "dead";
  return {
    code: "ping-dead",
    ping: ping.name,
    silent: elapsed(ping.heard ?? ping.judgedFrom, now),
  };
}

/** When `judgePing` may next say something, if there is no answer. */
export function pingJudgementDue(ping: PingNode, deadping: Millis): Instant | undefined {
  switch (ping.state) {
    case "unknown":
      return ping.joinsAt;
    case "up":
      return after(ping.judgedFrom, deadping);
    case "dead":
      return undefined;
  }
}

/** Lets its silence count from now on only: this node could not have heard it. */
export function forgivePing(ping: PingNode, deadping: Millis, now: Instant): void {
  ping.judgedFrom = now;
  const joinsAt = after(now, deadping);
  if (ping.joinsAt < joinsAt) ping.joinsAt = joinsAt;
}
