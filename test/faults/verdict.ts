/**
 * What the clients saw, as figures: for how long nobody answered, and for how long both nodes did.
 *
 * All answers are those that arrived at a client, with the time of the kernel that took them in; all
 * clients are namespaces of one kernel, so all times are of one clock.
 *
 * **Both answered**: a node *answers from one moment to another* if an answer of it arrived at both,
 * and between them never {@link PAUSE_MS} passed without one. The time during which both answered is
 * the time in which both did so; where one answers in the midst of the other, though only once, it
 * counts as a millisecond. With some eight questions a millisecond an interleaving of answers cannot
 * be missed unless the clients themselves stood still ({@link blindMs}).
 *
 * **Outage**: the longest time between two answers to the ordinary ping, for the client that was
 * worse off. While a client stood still, it did not ask, and that is no outage.
 */

export interface Answer {
  /** Milliseconds. */
  readonly at: number;
  readonly node: string;
  /** To the ordinary ping of the client, which goes where its kernel believes the address to be. */
  readonly isOrdinary: boolean;
}

/** What one client asked and saw, in the order of time. */
export interface Sight {
  readonly asked: readonly number[];
  readonly answers: readonly Answer[];
}

/** In milliseconds of the same clock. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** Longer without an answer of a node, though it was asked all the time: it has stopped answering. */
export const PAUSE_MS = 50;

/** A client that sends nothing for longer stands still. */
const STILL_MS = 5;

/** For how long both nodes answered, whichever client saw it. */
export function bothMs(sights: readonly Sight[], period: Period): number {
  const answers = sights.flatMap((sight) => sight.answers).filter(({ at }) => isIn(period, at));
  const nodes = [...new Set(answers.map(({ node }) => node))];
  const spans = nodes.map((node) => spansOf(answers.filter((answer) => answer.node === node)));
  let total = 0;
  for (const [index, ones] of spans.entries())
    for (const others of spans.slice(index + 1)) total += commonMs(ones, others);
  return total;
}

export interface Outage {
  readonly ms: number;
  /** When the last answer before it came. */
  readonly since: number;
  /** It had not ended when the period did. */
  readonly isOpen: boolean;
}

/** The longest of one client. */
export function outageOf({ asked, answers }: Sight, period: Period): Outage {
  const ordinary = answers.filter(({ at, isOrdinary }) => isOrdinary && isIn(period, at));
  const moments = [period.from, ...ordinary.map(({ at }) => at), period.to];
  const stalls = stallsOf(asked, period);
  let worst: Outage = { ms: 0, since: period.from, isOpen: false };
  for (const [index, to] of moments.entries()) {
    const from = moments[index - 1] ?? to;
    const ms = to - from - stalledMs(stalls, { from, to });
    const isOpen = index === moments.length - 1;
    if (ms > worst.ms) worst = { ms, since: from, isOpen };
  }
  return worst;
}

/** The longest time in which a client asked nothing: what may have been missed. */
export function blindMs({ asked }: Sight, period: Period): number {
  return Math.max(0, ...stallsOf(asked, period).map(({ from, to }) => to - from));
}

function isIn({ from, to }: Period, at: number): boolean {
  return at >= from && at <= to;
}

/** @param answers - of one node, of all clients */
function spansOf(answers: readonly Answer[]): readonly Period[] {
  const spans: Period[] = [];
  for (const { at } of answers.toSorted((one, other) => one.at - other.at)) {
    const current = spans.at(-1);
    if (current !== undefined && at - current.to <= PAUSE_MS)
      spans[spans.length - 1] = { from: current.from, to: at };
    else spans.push({ from: at, to: at });
  }
  return spans;
}

function commonMs(ones: readonly Period[], others: readonly Period[]): number {
  let total = 0;
  for (const one of ones)
    for (const other of others) {
      const common = Math.min(one.to, other.to) - Math.max(one.from, other.from);
      if (common >= 0) total += Math.max(1, common);
    }
  return total;
}

function stallsOf(asked: readonly number[], period: Period): readonly Period[] {
  const moments = [period.from, ...asked.filter((at) => isIn(period, at)), period.to];
  return moments
    .map((to, index) => ({ from: moments[index - 1] ?? to, to }))
    .filter(({ from, to }) => to - from > STILL_MS);
}

function stalledMs(stalls: readonly Period[], { from, to }: Period): number {
  let total = 0;
  for (const stall of stalls)
    total += Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from));
  return total;
}
