/**
 * How a page is shown.
 */
import type { Paint } from "./terminal.ts";
import type { Clock } from "./words.ts";

export interface View {
  readonly paint: Paint;
  readonly clock: Clock;
  /** Of the sentences, in columns; Infinity: none is wrapped. */
  readonly width: number;
}
