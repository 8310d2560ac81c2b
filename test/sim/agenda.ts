/**
 * What is to happen, in the order of (time, order of entry): the only clock of a simulated world.
 */
import type { Instant } from "../../src/std/time.ts";

interface Happening {
  readonly at: Instant;
  readonly order: number;
  readonly run: () => void;
}

/** A binary heap: a world with many nodes has thousands of things ahead of it. */
export class Agenda {
  readonly #heap: Happening[] = [];
  #entries = 0;

  add(at: Instant, run: () => void): void {
    const heap = this.#heap;
    heap.push({ at, order: this.#entries++, run });
    let child = heap.length - 1;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!isBefore(heap[child]!, heap[parent]!)) break;
      [heap[child], heap[parent]] = [heap[parent]!, heap[child]!];
      child = parent;
    }
  }

  /** Takes out the next happening that is not after `end`. */
  next(end: Instant): Happening | undefined {
    const heap = this.#heap;
    const first = heap[0];
    if (first === undefined || first.at > end) return undefined;
    const last = heap.pop()!;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return first;
  }

  #sink(): void {
    const heap = this.#heap;
    let parent = 0;
    for (;;) {
      const left = parent * 2 + 1;
      const right = left + 1;
      let least = parent;
      if (left < heap.length && isBefore(heap[left]!, heap[least]!)) least = left;
      if (right < heap.length && isBefore(heap[right]!, heap[least]!)) least = right;
      if (least === parent) return;
      [heap[parent], heap[least]] = [heap[least]!, heap[parent]!];
      parent = least;
    }
  }
}

function isBefore(one: Happening, other: Happening): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
