/**
 * What processes have in memory, as if they were alone on their machine.
 */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** proc_pid_pagemap(5): of 64 bits, 63 says that the page is in memory, 0 to 54 are its number. */
const ENTRY = 8;
const PRESENT = 0x8000_0000;
const NUMBER_HIGH = 0x007f_ffff;
const PAGE = 4096;
/** Above it are pages of the kernel, such as [vsyscall], which have no entry. */
const USER_END = 2 ** 47;

/**
 * The memory of all of them together, in MiB; a page that several of them have counts once.
 *
 * It is the sum of their proportional shares (proc_pid_smaps(5) Pss) on a machine that runs nothing else. Here
 * programs of the other node and of the benchmark have the same pages, which would make a share too small.
 */
export function memoryMiB(pids: readonly number[]): number {
  const pages = new Set<number>();
  for (const pid of pids) addPages(pid, pages);
  return (pages.size * PAGE) / 2 ** 20;
}

function addPages(pid: number, pages: Set<number>): void {
  const map = openSync(`/proc/${pid}/pagemap`, "r");
  try {
    for (const { from, to } of rangesOf(pid)) {
      const entries = Buffer.alloc(((to - from) / PAGE) * ENTRY);
      const length = readSync(map, entries, 0, entries.length, (from / PAGE) * ENTRY);
      addPresent(entries.subarray(0, length), pages);
    }
  } finally {
    closeSync(map);
  }
}

function addPresent(entries: Buffer, pages: Set<number>): void {
  for (let at = 0; at < entries.length; at += ENTRY) {
    const high = entries.readUInt32LE(at + 4);
    if (high < PRESENT) continue;
    pages.add((high & NUMBER_HIGH) * 2 ** 32 + entries.readUInt32LE(at));
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** proc_pid_maps(5), without what is only reserved: V8 reserves gigabytes. */
function rangesOf(pid: number): readonly Range[] {
  const lines = readFileSync(`/proc/${pid}/maps`, "latin1").trim().split("\n");
  return lines.flatMap((line) => {
    const [, from = "", to = "", rights] = /^([\da-f]+)-([\da-f]+) (\S+)/.exec(line) ?? [];
    const range = { from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) };
    return rights === "---p" || range.to > USER_END ? [] : [range];
  });
}
