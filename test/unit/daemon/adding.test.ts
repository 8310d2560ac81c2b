import { beforeEach, describe, expect, test } from "vitest";
import type { JobOutcome } from "../../../src/core/index.ts";
import type { Addition, Adding } from "../../../src/daemon/adding.ts";
import { openAdding } from "../../../src/daemon/adding.ts";
import { fail, ok } from "../../../src/std/result.ts";
import { after, instant, millis } from "../../../src/std/time.ts";
import { placement } from "./kernel-double.ts";
import { round } from "./round.ts";

let adding: Adding;
let now = instant(0);
/** What one address takes the kernel, in milliseconds. */
let slowness: number;
let refused: string | undefined;
/** In the order in which it happened: addresses that the kernel has, and that were announced. */
let story: string[];
let outcomes: JobOutcome[];

beforeEach(() => {
  slowness = 0;
  refused = undefined;
  story = [];
  outcomes = [];
  adding = openAdding({
    put(placements) {
      now = after(now, millis(slowness * placements.length));
      return placements.map(({ address, prefix }) => {
        if (address === refused) return fail({ call: "RTM_NEWADDR", errno: "ENODEV" });
        story.push(prefix === 24 ? address : `${address}/${prefix}`);
        return ok("added");
      });
    },
    added(ips) {
      story.push(`${ips.length} announced`);
    },
    now: () => now,
  });
});

function many(count: number, prefix = 24): readonly Addition[] {
  return Array.from({ length: count }, (_, n) => {
    const address = `10.0.${n >> 8}.${n & 255}`;
    return { ip: { family: 4, address }, placement: { ...placement(address), prefix } };
  });
}

function add(all: readonly Addition[]): void {
  adding.add(all, (outcome) => outcomes.push(outcome));
}

const addresses = (): readonly string[] => story.filter((line) => !line.includes("announced"));

/** What was put off runs in rounds of the event loop, one piece in each. */
async function rounds(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await round();
}

describe("additions", () => {
  test("of one address, and of none, are done when the call returns", () => {
    add(many(1));
    add([]);
    expect(story).toEqual(["10.0.0.0", "1 announced"]);
    expect(outcomes).toEqual([{ type: "succeeded" }, { type: "succeeded" }]);
  });

  test("of a thousand quick ones are done when it returns, each fifty announced as they come", () => {
    add(many(1000));
    expect(addresses()).toHaveLength(1000);
    expect(story.slice(49, 53)).toEqual(["10.0.0.49", "50 announced", "10.0.0.50", "10.0.0.51"]);
    expect(outcomes).toEqual([{ type: "succeeded" }]);
  });

  test("of slow ones leave the loop its turns, and are done once", async () => {
    slowness = 0.3;
    add(many(200));
    expect(addresses()).toHaveLength(50);
    expect(outcomes).toEqual([]);
    await rounds(2);
    expect(addresses()).toHaveLength(150);
    await rounds(2);
    expect(addresses()).toEqual(many(200).map(({ ip }) => ip.address));
    expect(outcomes).toEqual([{ type: "succeeded" }]);
  });

  test("end with what the kernel refuses", async () => {
    refused = "10.0.0.60";
    add(many(200));
    expect(outcomes).toEqual([{ type: "failed", reason: "10.0.0.60: RTM_NEWADDR: ENODEV" }]);
    await rounds(5);
    expect(addresses()).toHaveLength(99);
    expect(outcomes).toHaveLength(1);
  });
});

describe("what waits to be added", () => {
  beforeEach(() => {
    slowness = 0.3;
  });

  test("is not added any more once it was given up", async () => {
    add(many(200));
    adding.forget(["10.0.0.10", "10.0.0.120", "10.0.0.199"]);
    await rounds(4);
    expect(addresses()).toHaveLength(198);
    expect(addresses()).not.toContain("10.0.0.120");
    expect(outcomes).toEqual([{ type: "succeeded" }]);
  });

  test("is not added any more once all is swept away", async () => {
    add(many(200));
    adding.forgetAll();
    await rounds(4);
    expect(addresses()).toHaveLength(50);
    expect(outcomes).toEqual([{ type: "succeeded" }]);
  });

  test("and was asked for again is added for who asked last", async () => {
    add(many(100));
    adding.forget(many(100).map(({ ip }) => ip.address));
    add(many(100, 32));
    await rounds(4);
    const [before, anew] = [many(50), many(100)].map((all) => all.map(({ ip }) => ip.address));
    expect(addresses()).toEqual([...before!, ...anew!.map((address) => `${address}/32`)]);
    expect(outcomes).toHaveLength(2);
  });
});
