/**
 * What the client prints (probe.ts). Moments and lengths are in milliseconds.
 */
export type ProbeLine =
  /** Another one answers than before. */
  { readonly type: "answerer"; readonly node: string; readonly at: number } | Gap | Progress;

/** A pause between two answers. */
export interface Gap {
  readonly type: "gap";
  readonly from: number;
  readonly to: number;
  readonly ms: number;
  /** Who answered before it, and after it. */
  readonly before: string;
  readonly after: string;
}

export interface Progress {
  readonly type: "progress";
  readonly at: number;
  /** How many answers came of each node. */
  readonly answers: Readonly<Record<string, number>>;
  readonly last: { readonly node: string; readonly at: number } | undefined;
  /** The longest pause that it made itself, because the machine was busy: the noise of all this. */
  readonly stallMs: number;
}
