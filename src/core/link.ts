/**
 * A link: one peer on one medium. Up as soon as something new is heard, dead after deadtime.
 *
 * A link's death moves nothing as long as the peer is heard on another; it is told, because the
 * next one to die is the last.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, elapsed } from "../std/time.ts";
import type { Notice } from "./notice.ts";
import type { MediumName, NodeName } from "./types.ts";

export interface Link {
  readonly medium: MediumName;
  state: "unknown" | "up" | "dead";
  /** Undefined: nothing yet. */
  heard: Instant | undefined;
  /** The newest heartbeat that came this way. Copies and replays of older ones prove nothing. */
  generation: number;
  sequence: number;
}

export function newLink(medium: MediumName): Link {
  return { medium, state: "unknown", heard: undefined, generation: 0, sequence: 0 };
}

export interface Mark {
  readonly generation: number;
  readonly sequence: number;
}

/** Takes note of a heartbeat that came this way. */
export function hearOnLink(
  link: Link,
  peer: NodeName,
  mark: Mark,
  now: Instant,
): Notice | undefined {
  const isNews =
    mark.generation > link.generation ||
    (mark.generation === link.generation && mark.sequence > link.sequence);
  if (!isNews) return undefined;
  link.generation = mark.generation;
  link.sequence = mark.sequence;
  link.heard = now;
  if (link.state === "up") return undefined;
  link.state = "up";
  return { code: "link-up", peer, medium: link.medium };
}

/** Draws the conclusion from how long nothing came this way. */
export function judgeLink(
  link: Link,
  peer: NodeName,
  deadtime: Millis,
  now: Instant,
): Notice | undefined {
  if (link.state !== "up" || link.heard === undefined) return undefined;
  const silent = elapsed(link.heard, now);
  if (silent < deadtime) return undefined;
  link.state = "dead";
  return { code: "link-dead", peer, medium: link.medium, silent };
}

/** When `judgeLink` may next say something, if nothing comes this way. */
export function linkJudgementDue(link: Link, deadtime: Millis): Instant | undefined {
  if (link.state !== "up" || link.heard === undefined) return undefined;
  return after(link.heard, deadtime);
}
