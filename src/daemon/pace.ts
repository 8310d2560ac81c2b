/**
 * When the next frame of ARP or neighbour discovery may go out on an interface: never more than ten
 * in any second, because a switch with Dynamic ARP Inspection shuts a port from which it hears
 * fifteen (the default of `ip arp inspection limit`).
 *
 * Two kinds wait: announcements that are repeated, and probes; they take turns. The first
 * announcement of an address does not wait, for until it is heard nobody reaches the address. It
 * counts all the same, and where an interface has no more than ten virtual IPs, room is kept for the
 * first announcements of those that may still be taken: so that never more than ten announcements go
 * out in a second. Where there are more of them no limit can be kept but by leaving clients behind:
 * there the first announcements go out at once and what follows waits until they are a second old.
 * Probes and first announcements together can exceed ten where a node probes for addresses and takes
 * them within the same second: with up to seven addresses that stays below fifteen.
 */
import type { Instant } from "../std/time.ts";
import { after, elapsed, millis } from "../std/time.ts";

export type Kind = "announcement" | "probe";

/** What went out on one interface within the last second, and what waits. */
export interface Pace<T> {
  /** Oldest first. */
  readonly sent: { readonly at: Instant; readonly kind: Kind }[];
  /** By a name, under which the same thing waits but once; in the order in which they came. */
  readonly waiting: Readonly<Record<Kind, Map<string, T>>>;
  /** The kind whose turn it was last. */
  last: Kind;
}

export function newPace<T>(): Pace<T> {
  return {
    sent: [],
    waiting: { announcement: new Map<string, T>(), probe: new Map<string, T>() },
    last: "probe",
  };
}

/** The most frames in a second. */
export const FRAMES_MAX = 10;

/** Something goes out now. */
export function noteSent<T>(pace: Pace<T>, kind: Kind, now: Instant): void {
  pace.sent.push({ at: now, kind });
}

/**
 * What may go out now, if anything: it waits no longer, and is counted if {@link noteSent} is told.
 *
 * @param reserved - how many first announcements may still come, for which room is to be kept
 */
export function takeDue<T>(pace: Pace<T>, reserved: number, now: Instant): T | undefined {
  forgetOld(pace, now);
  const { sent, waiting } = pace;
  if (sent.length >= FRAMES_MAX) return undefined;
  const announced = sent.filter(({ kind }) => kind === "announcement").length;
  const mayAnnounce = waiting.announcement.size > 0 && announced + reserved < FRAMES_MAX;
  const isProbe = waiting.probe.size > 0 && (pace.last === "announcement" || !mayAnnounce);
  if (!isProbe && !mayAnnounce) return undefined;
  pace.last = isProbe ? "probe" : "announcement";
  return shift(waiting[pace.last]);
}

/** When {@link takeDue} is to be asked again; undefined: nothing waits. */
export function nextDue<T>({ sent, waiting }: Pace<T>): Instant | undefined {
  if (waiting.announcement.size + waiting.probe.size === 0) return undefined;
  const [oldest] = sent;
  return oldest === undefined ? undefined : after(oldest.at, WINDOW);
}

/** A little more than a second: on its way one frame is quicker than another. */
const WINDOW = millis(1020);

function forgetOld<T>({ sent }: Pace<T>, now: Instant): void {
  const first = sent.findIndex(({ at }) => elapsed(at, now) < WINDOW);
  sent.splice(0, first < 0 ? sent.length : first);
}

function shift<T>(queue: Map<string, T>): T | undefined {
  for (const [name, value] of queue) {
    queue.delete(name);
    return value;
  }
  return undefined;
}
