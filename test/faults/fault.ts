/**
 * The words of a fault, and of what is promised when it comes.
 */
import type { Pair, Under } from "./pair.ts";

export interface Fault {
  /** What the table calls it. */
  readonly name: string;
  /** Of the time during which both nodes answer: 0 ms, or the reason why that is not promised. */
  readonly promise: typeof neverTwo | { readonly excuse: string };
  /** How long it lasts, in deadtimes. */
  readonly deadtimes: number;
  /** However short deadtime is. */
  readonly leastMs?: number;
  /** Whether the clients can see different things: the table shows both then. */
  readonly isSplit?: boolean;
  /** Why it cannot be injected on this machine. */
  readonly missing?: () => string | undefined;
  /** More lines of ha.cf. */
  readonly more?: (deadtime: number) => readonly string[];
  /** Before the daemons start. */
  readonly prepare?: (pair: Pair) => Under;
  readonly inject: (pair: Pair) => void | Promise<void>;
  /** Ends it; of some nothing is to be ended. */
  readonly heal?: (pair: Pair) => void | Promise<void>;
}

/** At no moment both. */
export const neverTwo = "never two";

export function lastsMs({ deadtimes, leastMs = 0 }: Fault, deadtime: number): number {
  return Math.max(leastMs, deadtimes * deadtime);
}
