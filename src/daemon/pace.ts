/**
 * When the next announcement that is repeated may go out on an interface, by ARP or neighbour
 * discovery: not where ten frames went out within a second, because a switch with Dynamic ARP
 * Inspection shuts a port from which it hears fifteen (the default of `ip arp inspection limit`).
 *
 * The first announcement of an address does not wait, for until it is heard nobody reaches the
 * address. It counts all the same, and where an interface has no more than ten virtual IPs, room is
 * kept for the first announcements of those that may still be taken: so that never more than ten
 * announcements go out in a second. Where there are more of them no limit can be kept but by leaving
 * clients behind: there the first announcements go out at once and what follows waits until they are
 * a second old; and of hundreds so much goes out that everything has been said again before the
 * next minute, in which it is to be said again.
 *
 * Probes do not wait either, for the core takes an address for free when nobody has answered: a
 * question that was not asked yet must not count as one. The core itself does not ask too often. They
 * count too, so that announcements yield to them, all but one a second: a node that probes for long
 * still repeats what it has said.
 */
import type { Instant } from "../std/time.ts";
import { after, elapsed, millis } from "../std/time.ts";

export type Kind = "announcement" | "probe";

/** What went out on one interface within the last second, and what waits. */
export interface Pace<T> {
  /** Oldest first. */
  readonly sent: { readonly at: Instant; readonly kind: Kind }[];
  /** By a name, under which the same thing waits but once; in the order in which they came. */
  readonly waiting: Map<string, T>;
}

export function newPace<T>(): Pace<T> {
  return { sent: [], waiting: new Map<string, T>() };
}

/** So many frames in a second, and what can wait waits. */
export const FRAMES_MAX = 10;

/** What an interface bears. */
export interface Room {
  /** So many frames in a second. */
  readonly most: number;
  /** How many first announcements may still come, for which room is to be kept. */
  readonly reserved: number;
}

/** @param unannounced - how many of its virtual IPs may still be announced for the first time */
export function roomFor(virtualIps: number, unannounced: number): Room {
  if (virtualIps <= FRAMES_MAX)
    return { most: FRAMES_MAX, reserved: Math.min(unannounced, FRAMES_MAX - 1) };
  const most = Math.ceil((virtualIps * FORMS) / ROUND_SECONDS);
  return { most: Math.max(FRAMES_MAX, most), reserved: 0 };
}

/** Of an IPv4 address a request and a reply. */
const FORMS = 2;
/** Announcements are refreshed every minute: see core/announce.ts. */
const ROUND_SECONDS = 40;

/** Something goes out now. */
export function noteSent<T>(pace: Pace<T>, kind: Kind, now: Instant): void {
  forgetOld(pace, now);
  pace.sent.push({ at: now, kind });
}

/** What may go out now, if anything: it waits no longer, and is counted if {@link noteSent} is told. */
export function takeDue<T>(pace: Pace<T>, room: Room, now: Instant): T | undefined {
  forgetOld(pace, now);
  const { sent, waiting } = pace;
  const announced = sent.filter(({ kind }) => kind === "announcement").length;
  if (announced + room.reserved >= room.most) return undefined;
  if (announced > 0 && sent.length >= room.most) return undefined;
  return shift(waiting);
}

/** When {@link takeDue} is to be asked again; undefined: nothing waits. */
export function nextDue<T>({ sent, waiting }: Pace<T>): Instant | undefined {
  if (waiting.size === 0) return undefined;
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
