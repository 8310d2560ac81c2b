/**
 * Which signs of an address's use the core is told, so that who floods the network makes few turns,
 * and hides nobody else's answer.
 *
 * What counts is who gives the sign: a stranger's frames take nothing away from those of another
 * hardware address. Who is known at an address is told once for every question, at once; the core
 * asks some ten times a second at most. Everything else finds room in what each address has for
 * itself, or in what all have together. Only who was never seen at an address can be missed then,
 * while somebody invents more hardware addresses than there is room for.
 */
import type { Instant } from "../std/time.ts";
import { elapsed, millis, seconds } from "../std/time.ts";

/** What was told of the addresses of this node. */
export interface SightingLimit {
  /** By the address. */
  readonly uses: Map<string, Use>;
  /** For what no longer has room with its own address. */
  readonly common: Room;
}

/** Of one address. */
interface Use {
  readonly own: Room;
  /** How often it was asked for. */
  questions: number;
  /** By the hardware address; who was seen last comes last. */
  readonly senders: Map<string, Sender>;
}

interface Sender {
  /** The question after which it was told last. */
  question: number;
  toldAt: Instant;
  /** It was seen again: an invented hardware address seldom is. */
  isKnown: boolean;
}

/** What was told in the second that began then. */
interface Room {
  since: Instant | undefined;
  told: number;
}

export function newSightingLimit(): SightingLimit {
  return { uses: new Map(), common: newRoom() };
}

/** The network is asked for an address now. */
export function noteQuestion(limit: SightingLimit, address: string): void {
  useOf(limit, address).questions += 1;
}

/** @returns whether this sign is to be told, and then counts as told */
export function takeSighting(
  limit: SightingLimit,
  { address, mac }: { readonly address: string; readonly mac: string },
  now: Instant,
): boolean {
  const use = useOf(limit, address);
  const sender = use.senders.get(mac);
  if (sender !== undefined) {
    sender.isKnown = true;
    // It moves to the end.
    use.senders.delete(mac);
    use.senders.set(mac, sender);
  }
  if (!isNews(limit, { use, sender }, now)) return false;
  if (sender === undefined) {
    if (use.senders.size >= SENDERS_MAX) use.senders.delete(leastOf(use));
    use.senders.set(mac, { question: use.questions, toldAt: now, isKnown: false });
  } else {
    Object.assign(sender, { question: use.questions, toldAt: now });
  }
  return true;
}

/** How many hardware addresses are known at one address. */
const SENDERS_MAX = 16;

const TOLD_EVERY = millis(100);

/** In a second. */
const OWN_MAX = 10;
const COMMON_MAX = 100;
const ROOM = seconds(1);

function isNews(
  { common }: SightingLimit,
  { use, sender }: { readonly use: Use; readonly sender: Sender | undefined },
  now: Instant,
): boolean {
  if (sender !== undefined) {
    if (sender.question !== use.questions) return true;
    if (elapsed(sender.toldAt, now) < TOLD_EVERY) return false;
  }
  return takeRoom(use.own, OWN_MAX, now) || takeRoom(common, COMMON_MAX, now);
}

function takeRoom(room: Room, most: number, now: Instant): boolean {
  if (room.since === undefined || elapsed(room.since, now) >= ROOM) {
    Object.assign(room, { since: now, told: 0 });
  }
  if (room.told >= most) return false;
  room.told += 1;
  return true;
}

/** Who was seen but once, or else who was not seen for longest. */
function leastOf({ senders }: Use): string {
  let oldest = "";
  for (const [mac, { isKnown }] of senders) {
    if (!isKnown) return mac;
    if (oldest === "") oldest = mac;
  }
  return oldest;
}

function useOf({ uses }: SightingLimit, address: string): Use {
  const use = uses.get(address) ?? { own: newRoom(), questions: 0, senders: new Map() };
  uses.set(address, use);
  return use;
}

function newRoom(): Room {
  return { since: undefined, told: 0 };
}
