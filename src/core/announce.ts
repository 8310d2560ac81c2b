/**
 * When a held address is announced: at once, and again while the network may not yet believe it.
 */
import type { Instant, Millis } from "../std/time.ts";
import { after, millis, seconds } from "../std/time.ts";
import type { Group } from "./group.ts";
import { stepsOf } from "./group.ts";
import type { Turn } from "./turn.ts";
import { act, isDue } from "./turn.ts";
import type { VirtualIp } from "./types.ts";

/** Counted from the first announcement; then every minute, for caches that forgot. */
const REPEATS: readonly Millis[] = [millis(100), millis(500), seconds(2)];
const REFRESH: Millis = seconds(60);

/** Announces, and begins the series of repeats anew. */
export function announceNow(turn: Turn, group: Group, ips: readonly VirtualIp[]): void {
  const { now } = turn.state;
  act(turn, { type: "announce", ips });
  group.announcing = { count: 1, next: nextAfter(1, now, now), since: now };
}

/** Makes the repeats that are due. */
export function repeatAnnouncements(turn: Turn): void {
  const { state } = turn;
  if (state.lease.lapsed !== undefined) return;
  for (const group of state.groups.values()) {
    const { announcing } = group;
    if (announcing === undefined || !isDue(announcing.next, turn)) continue;
    act(turn, { type: "announce", ips: addedIps(group, addedSteps(group)) });
    announcing.count += 1;
    announcing.next = nextAfter(announcing.count, announcing.since, state.now);
  }
}

/** The addresses of the first `count` steps. */
export function addedIps(group: Group, count: number): readonly VirtualIp[] {
  return stepsOf(group.config)
    .slice(0, count)
    .flatMap((step) => (step.type === "addresses" ? step.resources.map(({ ip }) => ip) : []));
}

function addedSteps(group: Group): number {
  return group.local.at === "starting" ? group.local.step : group.config.resources.length;
}

function nextAfter(count: number, since: Instant, now: Instant): Instant {
  const repeat = REPEATS[count - 1];
  return repeat === undefined ? after(now, REFRESH) : after(since, repeat);
}
