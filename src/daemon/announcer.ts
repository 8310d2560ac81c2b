/**
 * Sends what tells the network where virtual IPs are, and asks it who has them: ARP and neighbour
 * discovery, paced for each interface (pace.ts).
 *
 * An address that was not announced since it was added is told at once: as an ARP request, or as a
 * neighbour advertisement. A probe leaves at once too: the core counts the question as asked, and
 * silence as an answer. The ARP reply, repeats and refreshes wait their turn. What waits is made
 * when it is sent, from what holds then, and is dropped when the address is no longer held or the
 * lease has run out: a node that was stalled does not say what was true before.
 */
import type { VirtualIp } from "../core/index.ts";
import {
  encodeAddressProbe,
  encodeAdvertisement,
  encodeArpAnnouncements,
  encodeArpProbe,
  now,
} from "../linux/index.ts";
import type { Instant } from "../std/time.ts";
import { elapsed, never, seconds } from "../std/time.ts";
import type { Kind, Pace, Room } from "./pace.ts";
import { newPace, nextDue, noteSent, roomFor, takeDue } from "./pace.ts";

/** Where an address belongs on this host. */
export interface Place {
  readonly family: 4 | 6;
  readonly address: string;
  readonly ifindex: number;
  /** Of the interface, lower case with colons. */
  readonly mac: string;
}

export interface Announcer {
  /** Tells each of these once, if it was not told since it was added. */
  first(ips: readonly VirtualIp[]): void;
  announce(ips: readonly VirtualIp[]): void;
  /** Asks who has them. The probes have left when this returns. */
  probe(ips: readonly VirtualIp[]): void;
  /** They are given up, or have gone: what waits is dropped, and the next time is a first time. */
  forget(addresses: Iterable<string>): void;
  /** The kernel was looked at. @param places - of all virtual IPs that have one */
  look(places: readonly Place[], isPresent: (address: string) => boolean): void;
  /** Announcements that wait may be sent until then, which is when the lease ends. */
  allowUntil(until: Instant): void;
  /** The node falls silent: nothing of what was announced counts any more. */
  silence(): void;
}

export interface AnnouncerOptions {
  readonly placeOf: (ip: VirtualIp) => Place | undefined;
  /** What the kernel does not take is lost: it is repeated in a moment anyway. */
  readonly send: (ifindex: number, frame: Uint8Array) => void;
}

/** One frame of an announcement that waits. */
interface Waiting {
  readonly ip: VirtualIp;
  readonly ifindex: number;
  /** Which one of its frames. */
  readonly form: number;
}

interface Announcing extends AnnouncerOptions {
  /** By the interface's index. */
  readonly paces: Map<number, Pace<Waiting>>;
  /** Addresses that were announced since they were added. */
  readonly announced: Set<string>;
  /** Of these, those of which the first of the frames has been sent, and the others are to follow. */
  readonly begun: Set<string>;
  /** When each was announced for the first time, the last time that was. */
  readonly firsts: Map<string, Instant>;
  /** All virtual IPs, by the interface's index. */
  virtual: ReadonlyMap<number, readonly Place[]>;
  allowed: Instant;
  timer: NodeJS.Timeout | undefined;
}

export function openAnnouncer(options: AnnouncerOptions): Announcer {
  const state: Announcing = {
    ...options,
    paces: new Map(),
    announced: new Set(),
    begun: new Set(),
    firsts: new Map(),
    virtual: new Map(),
    allowed: never,
    timer: undefined,
  };
  return {
    first(ips) {
      for (const ip of ips) tellFirst(state, ip);
    },
    announce(ips) {
      // Every address is told once before any is told again.
      for (const ip of ips) tellFirst(state, ip);
      for (const ip of ips) enqueueForms(state, ip, state.begun.delete(ip.address) ? 1 : 0);
      sendDue(state);
    },
    probe(ips) {
      for (const ip of ips) sendProbe(state, ip);
    },
    forget: (addresses) => forget(state, addresses),
    look(places, isPresent) {
      state.virtual = Map.groupBy(places, ({ ifindex }) => ifindex);
      for (const ifindex of state.paces.keys()) {
        if (!state.virtual.has(ifindex)) state.paces.delete(ifindex);
      }
      forget(
        state,
        [...state.announced].filter((address) => !isPresent(address)),
      );
    },
    allowUntil(until) {
      state.allowed = until;
    },
    silence: () => forget(state, [...state.announced]),
  };
}

/** How often an address can be told for the first time: one that comes and goes is no emergency. */
const FIRST_AGAIN = seconds(1);

function tellFirst(state: Announcing, ip: VirtualIp): void {
  if (state.announced.has(ip.address)) return;
  const place = state.placeOf(ip);
  if (place === undefined) return;
  const at = now();
  // Without a lease the kernel drops it: then it is told when there is one.
  if (at >= state.allowed) return;
  state.announced.add(ip.address);
  const before = state.firsts.get(ip.address);
  if (before !== undefined && elapsed(before, at) < FIRST_AGAIN) return;
  state.firsts.set(ip.address, at);
  const [frame] = framesOf(place);
  if (frame === undefined) return;
  send(state, { ifindex: place.ifindex, frame, kind: "announcement" });
  state.begun.add(ip.address);
}

function enqueueForms(state: Announcing, ip: VirtualIp, first: number): void {
  const forms = ip.family === 4 ? 2 : 1;
  const ifindex = state.placeOf(ip)?.ifindex;
  if (ifindex === undefined) return;
  const { waiting } = paceOf(state, ifindex);
  for (let form = first; form < forms; form++) {
    waiting.set(`${ip.address} ${form}`, { ip, ifindex, form });
  }
}

function sendProbe(state: Announcing, ip: VirtualIp): void {
  const place = state.placeOf(ip);
  if (place === undefined) return;
  send(state, { ifindex: place.ifindex, frame: probeOf(place), kind: "probe" });
}

function paceOf(state: Announcing, ifindex: number): Pace<Waiting> {
  const pace = state.paces.get(ifindex) ?? newPace<Waiting>();
  state.paces.set(ifindex, pace);
  return pace;
}

function forget(state: Announcing, addresses: Iterable<string>): void {
  for (const address of addresses) {
    state.announced.delete(address);
    state.begun.delete(address);
    for (const { waiting } of state.paces.values()) {
      for (const form of [0, 1]) waiting.delete(`${address} ${form}`);
    }
  }
}

function sendDue(state: Announcing): void {
  for (const [ifindex, pace] of state.paces) {
    const room = roomOn(state, ifindex);
    for (;;) {
      const at = now();
      const waiting = takeDue(pace, room, at);
      if (waiting === undefined) break;
      const frame = frameOf(state, waiting, at);
      if (frame === undefined) continue;
      send(state, { ifindex, frame, kind: "announcement" });
    }
  }
  setAlarm(state);
}

function send(
  state: Announcing,
  { ifindex, frame, kind }: { ifindex: number; frame: Uint8Array; kind: Kind },
): void {
  state.send(ifindex, frame);
  // Counted from when it has gone: however late that was, the next ones keep their distance.
  noteSent(paceOf(state, ifindex), kind, now());
}

function frameOf(
  state: Announcing,
  { ip, ifindex, form }: Waiting,
  at: Instant,
): Uint8Array | undefined {
  const place = state.placeOf(ip);
  if (place?.ifindex !== ifindex) return undefined;
  return state.announced.has(ip.address) && at < state.allowed ? framesOf(place)[form] : undefined;
}

function roomOn({ virtual, announced }: Announcing, ifindex: number): Room {
  const addresses = virtual.get(ifindex) ?? [];
  const open = addresses.filter(({ address }) => !announced.has(address)).length;
  return roomFor(addresses.length, open);
}

function setAlarm(state: Announcing): void {
  clearTimeout(state.timer);
  state.timer = undefined;
  const at = Math.min(...[...state.paces.values()].map((pace) => nextDue(pace) ?? Infinity));
  if (!Number.isFinite(at)) return;
  // After a stall this timer is overdue together with the core's. What the core makes of the stall,
  // and of what lies in the sockets, comes first: a turn is taken in the setImmediate of this round.
  const afterTheTurn = (): void => void setImmediate(() => setImmediate(() => sendDue(state)));
  state.timer = setTimeout(afterTheTurn, Math.max(0, Math.ceil(at - now()))).unref();
}

function framesOf({ mac, family, address }: Place): readonly Uint8Array[] {
  return family === 4 ? encodeArpAnnouncements(mac, address) : [encodeAdvertisement(mac, address)];
}

function probeOf({ mac, family, address }: Place): Uint8Array {
  return family === 4 ? encodeArpProbe(mac, address) : encodeAddressProbe(mac, address);
}
