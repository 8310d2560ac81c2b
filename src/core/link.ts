/**
 * A link: one peer on one medium. Up as soon as something new is heard, late after warntime, dead
 * after deadtime.
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
  state: "unknown" | "up" | "late" | "dead";
  /** Undefined: nothing yet. */
  heard: Instant | undefined;
  /** From when on its silence counts. */
  judgedFrom: Instant | undefined;
  /** The newest heartbeat that came this way. Copies and replays of older ones prove nothing. */
  generation: number;
  sequence: number;
}

export function newLink(medium: MediumName): Link {
  return {
    medium,
    state: "unknown",
    heard: undefined,
    judgedFrom: undefined,
    generation: 0,
    sequence: 0,
  };
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
  link.judgedFrom = now;
  const before = link.state;
  link.state = "up";
  if (before === "up" || before === "late") return undefined;
  return { code: "link-up", peer, medium: link.medium };
}

/** Draws the conclusion from how long nothing came this way. */
export function judgeLink(
  link: Link,
  peer: NodeName,
  limits: LinkLimits,
  now: Instant,
): Notice | undefined {
  const due = linkJudgementDue(link, limits);
  if (due === undefined || link.heard === undefined || now < due) return undefined;
  const silent = elapsed(link.heard, now);
  const isLate = link.state === "up" && now < after(link.judgedFrom ?? link.heard, limits.deadtime);
  link.state = isLate ? "late" : "dead";
  const code = link.state === "late" ? "link-late" : "link-dead";
  return { code, peer, medium: link.medium, silent };
}

/** The peer's own deadtime, and our warntime. */
export interface LinkLimits {
  readonly warntime: Millis;
  readonly deadtime: Millis;
}

/** When `judgeLink` may next say something, if nothing comes this way. */
export function linkJudgementDue(
  link: Link,
  { warntime, deadtime }: LinkLimits,
): Instant | undefined {
  if (link.judgedFrom === undefined) return undefined;
  if (link.state === "late") return after(link.judgedFrom, deadtime);
  if (link.state !== "up") return undefined;
  return after(link.judgedFrom, warntime < deadtime ? warntime : deadtime);
}
