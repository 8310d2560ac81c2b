/**
 * Changes an input a little: bytes, and lines, words and numbers, which is what the parsers read.
 */
import type { Rng } from "../sim/rng.ts";
import { between, nextUint32, pick } from "../sim/rng.ts";

/** Longer ones are slow, and show nothing that shorter ones do not. */
const LENGTH_MAX = 4096;
const NUMBERS = [
  "0",
  "1",
  "7",
  "8",
  "255",
  "256",
  "65535",
  "65536",
  "4294967296",
  "9007199254740993",
];

export interface Material {
  readonly words: readonly string[];
  /** Other inputs, at least one. */
  readonly others: readonly Buffer[];
}

/** One to four changes, one after the other. */
export function mutate(input: Buffer, material: Material, rng: Rng): Buffer {
  let changed = input;
  for (let left = between(rng, 1, 4); left > 0; left--) {
    changed = pick(changes, rng)(changed, material, rng);
  }
  return changed.subarray(0, LENGTH_MAX);
}

type Change = (input: Buffer, material: Material, rng: Rng) => Buffer;

const changes: readonly Change[] = [
  function flipBit(input, _, rng) {
    const copy = Buffer.from(input);
    const at = placeIn(input, rng);
    copy[at] = (copy[at] ?? 0) ^ (1 << between(rng, 0, 7));
    return copy;
  },
  function setByte(input, _, rng) {
    const copy = Buffer.from(input);
    copy[placeIn(input, rng)] = nextUint32(rng) & 0xff;
    return copy;
  },
  function remove(input, _, rng) {
    const at = placeIn(input, rng);
    return replaced(input, at, between(rng, 1, 16), Buffer.alloc(0));
  },
  function repeat(input, _, rng) {
    const at = placeIn(input, rng);
    const part = input.subarray(at, at + between(rng, 1, 32));
    return replaced(input, at, 0, Buffer.concat(Array(between(rng, 1, 8)).fill(part)));
  },
  function insertWord(input, { words }, rng) {
    return replaced(input, placeIn(input, rng), 0, Buffer.from(pick(words, rng)));
  },
  function replaceWord(input, { words }, rng) {
    return replaceOne(input, /[^\s=:,]+/g, pick(words, rng), rng);
  },
  function replaceNumber(input, _, rng) {
    return replaceOne(input, /\d+/g, pick(NUMBERS, rng), rng);
  },
  function splice(input, { others }, rng) {
    const other = pick(others, rng);
    return Buffer.concat([
      input.subarray(0, placeIn(input, rng)),
      other.subarray(placeIn(other, rng)),
    ]);
  },
  function takeLine(input, { others }, rng) {
    const lines = linesOf(input);
    lines.splice(between(rng, 0, lines.length), 0, pick(linesOf(pick(others, rng)), rng));
    return fromLines(lines);
  },
  function dropLine(input, _, rng) {
    const lines = linesOf(input);
    lines.splice(between(rng, 0, lines.length - 1), 1);
    return fromLines(lines);
  },
  function moveLine(input, _, rng) {
    const lines = linesOf(input);
    const moved = lines.splice(between(rng, 0, lines.length - 1), 1);
    lines.splice(between(rng, 0, lines.length), 0, ...moved);
    return fromLines(lines);
  },
];

function placeIn(input: Buffer, rng: Rng): number {
  return between(rng, 0, Math.max(0, input.length - 1));
}

function replaced(input: Buffer, at: number, length: number, by: Buffer): Buffer {
  return Buffer.concat([input.subarray(0, at), by, input.subarray(at + length)]);
}

function replaceOne(input: Buffer, pattern: RegExp, by: string, rng: Rng): Buffer {
  const found = [...input.toString("latin1").matchAll(pattern)];
  if (found.length === 0) return input;
  const match = pick(found, rng);
  return replaced(input, match.index, match[0].length, Buffer.from(by));
}

/** Of a file, of a message, or of JSON, which has none: there a comma ends one. */
function linesOf(input: Buffer): string[] {
  return input.toString("latin1").split(/(?<=\n|,)/);
}

function fromLines(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join(""), "latin1");
}
