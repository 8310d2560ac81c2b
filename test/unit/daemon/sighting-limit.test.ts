import { beforeEach, describe, expect, test } from "vitest";
import type { SightingLimit } from "../../../src/daemon/sighting-limit.ts";
import {
  newSightingLimit,
  noteQuestion,
  takeSighting,
} from "../../../src/daemon/sighting-limit.ts";
import { instant } from "../../../src/std/time.ts";

const address = "10.0.0.100";
const peer = "02:00:5e:10:00:02";
const stranger = "02:00:5e:10:00:66";

let limit: SightingLimit;

beforeEach(() => {
  limit = newSightingLimit();
});

function isTold(mac: string, ms: number, of = address): boolean {
  return takeSighting(limit, { address: of, mac }, instant(ms));
}

/** A hardware address that was never used before. */
const invented = (count: number): string => `02:01:00:00:${count >> 8}:${count & 255}`;

describe("the same machine", () => {
  test("is told ten times a second", () => {
    const told = Array.from({ length: 1000 }, (_, ms) => ms).filter((ms) => isTold(peer, ms));
    expect(told).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900]);
  });

  test("is told at once after every question, and once", () => {
    isTold(peer, 0);
    for (const ms of [1, 2, 3]) {
      noteQuestion(limit, address);
      expect([isTold(peer, ms), isTold(peer, ms)]).toEqual([true, false]);
    }
  });
});

describe("another machine", () => {
  test("takes nothing away from it, unasked and asked", () => {
    expect([isTold(stranger, 0), isTold(peer, 0)]).toEqual([true, true]);
    noteQuestion(limit, address);
    expect([isTold(stranger, 1), isTold(peer, 1)]).toEqual([true, true]);
  });

  test("that is there for the first time is told of each of a thousand addresses", () => {
    const addresses = Array.from({ length: 1000 }, (_, n) => `10.1.${n >> 8}.${n & 255}`);
    expect(addresses.every((of) => isTold(peer, 0, of))).toBe(true);
  });
});

describe("a flood with invented hardware addresses", () => {
  test("makes some hundred signs a second, and is not remembered", () => {
    let told = 0;
    for (let count = 0; count < 60_000; count++) {
      if (isTold(invented(count), count / 6)) told += 1;
    }
    expect(told).toBe(10 * 110);
    expect(limit.uses.get(address)?.senders.size).toBe(16);
  });

  test("hides nobody who was seen before, however often he is asked for", () => {
    isTold(peer, 0);
    isTold(peer, 1);
    for (let count = 0; count < 60_000; count++) {
      isTold(invented(count), 1 + count / 6);
      if (count % 600 !== 0) continue;
      noteQuestion(limit, address);
      expect(isTold(peer, 1 + count / 6)).toBe(true);
    }
  });

  test("of those who were seen again who was not seen for longest is forgotten", () => {
    for (let count = 0; count < 20; count++) {
      isTold(invented(count), count * 200);
      isTold(invented(count), count * 200);
      isTold(invented(0), count * 200);
    }
    const known = [...(limit.uses.get(address)?.senders.keys() ?? [])];
    expect(known).toEqual([...Array.from({ length: 15 }, (_, n) => invented(5 + n)), invented(0)]);
  });
});
