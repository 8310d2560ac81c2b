import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pace, Room } from "../../../src/daemon/pace.ts";
import { newPace, nextDue, noteSent, roomFor, takeDue } from "../../../src/daemon/pace.ts";
import type { Instant } from "../../../src/std/time.ts";
import { after, instant, millis } from "../../../src/std/time.ts";

const start = instant(0);

interface Sent {
  readonly at: Instant;
  readonly name: string;
}

function wait(pace: Pace<string>, count: number): void {
  for (let n = 0; n < count; n++) pace.waiting.set(`${n}`, `announcement ${n}`);
}

/** Everything that goes out by itself until then, each as soon as it may. */
function run(
  pace: Pace<string>,
  until: Instant,
  { from = start, ...room }: Partial<Room> & { readonly from?: Instant } = {},
): Sent[] {
  const sent: Sent[] = [];
  let now = from;
  while (now <= until) {
    for (;;) {
      const name = takeDue(pace, { most: 10, reserved: 0, ...room }, now);
      if (name === undefined) break;
      sent.push({ at: now, name });
      noteSent(pace, "announcement", now);
    }
    const next = nextDue(pace);
    if (next === undefined) break;
    expect(next).toBeGreaterThan(now);
    now = next;
  }
  return sent;
}

const within = millis(1000);

/** The most in any second. */
function densest(sent: readonly Sent[]): number {
  return Math.max(
    0,
    ...sent.map(({ at }) => {
      return sent.filter((each) => each.at >= at && each.at < after(at, within)).length;
    }),
  );
}

describe("what waits", () => {
  test("goes out at once, ten in a second, in the order in which it came", () => {
    const pace = newPace<string>();
    wait(pace, 25);
    const sent = run(pace, instant(10_000));
    expect(sent.map(({ name }) => name)).toEqual(
      Array.from({ length: 25 }, (_, n) => `announcement ${n}`),
    );
    expect(sent.filter(({ at }) => at === start)).toHaveLength(10);
    expect(densest(sent)).toBe(10);
  });

  test("yields to probes, which count and wait for nothing", () => {
    const pace = newPace<string>();
    for (let n = 0; n < 7; n++) noteSent(pace, "probe", start);
    wait(pace, 5);
    expect(run(pace, start)).toHaveLength(3);
  });

  test("goes out once a second all the same, however many probes there are", () => {
    const pace = newPace<string>();
    for (let n = 0; n < 10; n++) noteSent(pace, "probe", start);
    wait(pace, 9);
    const sent: Sent[] = [];
    for (let at = 0; at < 4000; at += 50) {
      noteSent(pace, "probe", instant(at));
      sent.push(...run(pace, instant(at), { from: instant(at) }));
    }
    expect(sent).toHaveLength(4);
    expect(densest(sent)).toBe(1);
  });

  test("leaves room for first announcements that may come", () => {
    const pace = newPace<string>();
    wait(pace, 9);
    expect(run(pace, start, { reserved: 7 })).toHaveLength(3);
  });

  test("waits until what went out past it is a second old", () => {
    const pace = newPace<string>();
    for (let n = 0; n < 30; n++) noteSent(pace, "announcement", start);
    wait(pace, 1);
    const [only, ...more] = run(pace, instant(10_000));
    expect(more).toEqual([]);
    expect(only!.at).toBeGreaterThanOrEqual(1000);
    expect(only!.at).toBeLessThan(1100);
  });

  test("is asked for no more when nothing waits", () => {
    const pace = newPace<string>();
    noteSent(pace, "probe", start);
    expect(nextDue(pace)).toBeUndefined();
  });
});

test("of up to ten addresses never more than ten announcements go out in a second", () => {
  const story = fc.record({
    addresses: fc.integer({ min: 1, max: 10 }),
    // When each is taken, and what else happens when.
    taken: fc.array(fc.integer({ min: 0, max: 3000 }), { minLength: 10, maxLength: 10 }),
    repeats: fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 20 }),
    probes: fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 20 }),
  });
  fc.assert(
    fc.property(story, ({ addresses, taken, repeats, probes }) => {
      const pace = newPace<string>();
      const announced: Sent[] = [];
      let held = 0;
      const events = [
        ...taken.slice(0, addresses).map((at) => ({ at, what: "take" as const })),
        ...repeats.map((at) => ({ at, what: "repeat" as const })),
        ...probes.map((at) => ({ at, what: "probe" as const })),
      ].toSorted((a, b) => a.at - b.at);
      for (const [index, { at, what }] of events.entries()) {
        const now = instant(at);
        if (what === "take") {
          announced.push({ at: now, name: `first ${held}` });
          noteSent(pace, "announcement", now);
          held += 1;
        }
        if (what === "probe") noteSent(pace, "probe", now);
        else wait(pace, held * 2);
        const until = instant(events[index + 1]?.at ?? 6000);
        const sent = run(pace, until, { reserved: addresses - held, from: now });
        announced.push(...sent);
      }
      expect(densest(announced)).toBeLessThanOrEqual(10);
    }),
  );
});

describe("the room of an interface", () => {
  test.each([
    [1, 1, 10, 1],
    [10, 10, 10, 9],
    [10, 0, 10, 0],
    [11, 11, 10, 0],
    [200, 200, 10, 0],
    [220, 0, 11, 0],
    [1000, 1000, 50, 0],
  ])(
    "with %d virtual IPs, %d not announced: %d in a second, %d of them kept",
    (all, open, most, reserved) => {
      expect(roomFor(all, open)).toEqual({ most, reserved });
    },
  );

  test("of a thousand addresses lets everything be said again within a minute", () => {
    const pace = newPace<string>();
    for (let n = 0; n < 1000; n++) noteSent(pace, "announcement", start);
    wait(pace, 2000);
    const sent = run(pace, instant(60_000), { ...roomFor(1000, 0), from: instant(100) });
    expect(sent).toHaveLength(2000);
    expect(sent[0]!.at).toBeGreaterThan(1000);
    expect(densest(sent)).toBe(50);
  });
});
