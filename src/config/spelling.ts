/**
 * Did you mean: the known word that is nearest to an unknown one.
 */

/** A sentence's end, `; did you mean "node"?`, or nothing when no candidate is near. */
export function suggestion(word: string, candidates: Iterable<string>): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}

/**
 * The nearest candidate that a slip of the finger or two, the shift key, or a domain name that is
 * there or is not (`web1`, `web1.example.com`), leads away from.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = lower.length > 4 ? 3 : 2;
  for (const candidate of candidates) {
    if (firstLabel(candidate) === firstLabel(lower)) return candidate;
    if (Math.abs(candidate.length - lower.length) >= bestDistance) continue;
    const distance = distanceBetween(lower, candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Letters to insert, leave out, replace, or swap with their neighbour. */
function distanceBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + Number(a[i - 1] !== b[j - 1]);
      const swaps = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = swaps ? at(beforeLast, j - 2) + 1 : Infinity;
      row.push(Math.min(replaced, swapped, at(last, j) + 1, at(row, j - 1) + 1));
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

function firstLabel(name: string): string {
  return name.toLowerCase().split(".", 1)[0] ?? "";
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
