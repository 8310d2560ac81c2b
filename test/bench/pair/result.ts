/**
 * What a benchmark has measured, a line of JSON each.
 */
import type { Contender } from "./contender.ts";
import type { Facts } from "./facts.ts";
import type { Idle } from "./idle.ts";
import type { Trial } from "./trial.ts";

export type Measured = Pick<Contender, "program" | "className" | "setting" | "detectionMs">;

export type Result =
  | ({ readonly type: "facts" } & Facts)
  | ({ readonly type: "trial"; readonly fault: string } & Measured & Trial)
  | ({ readonly type: "idle"; readonly seconds: number } & Measured & Idle)
  /** It could not be measured. */
  | ({ readonly type: "failed"; readonly what: string; readonly reason: string } & Measured);

export type Of<T extends Result["type"]> = Extract<Result, { readonly type: T }>;

export function ofType<T extends Result["type"]>(
  results: readonly Result[],
  type: T,
): readonly Of<T>[] {
  return results.filter((each): each is Of<T> => each.type === type);
}

export function measuredOf({ program, className, setting, detectionMs }: Measured): Measured {
  return { program, className, setting, detectionMs };
}

/** The same contender's. */
export function isSame(one: Measured, other: Measured): boolean {
  return (
    one.program === other.program &&
    one.className === other.className &&
    one.setting === other.setting
  );
}
