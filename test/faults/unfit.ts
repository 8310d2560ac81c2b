/**
 * A measurement that was spoilt before it began: it is begun anew, and tells nothing of what is measured.
 */

/** Something happened before the fault did: on a busy machine a short deadtime is soon over. */
export class UnfitError extends Error {
  override readonly name = "UnfitError";
}

const TRIES = 5;

/**
 * @returns what it comes to, and how often it was begun
 * @throws if it is unfit each time, or fails otherwise
 */
export async function untilFit<T>(
  measure: () => Promise<T>,
): Promise<{ readonly value: T; readonly tries: number }> {
  for (let tries = 1; ; tries++) {
    try {
      return { value: await measure(), tries };
    } catch (error) {
      if (!(error instanceof UnfitError) || tries === TRIES) throw error;
    }
  }
}
