/**
 * The witness: a third party that gives its vote to one node of those that do not hear each other.
 */
import type { Config } from "../config/index.ts";
import type { Input } from "../core/index.ts";

export interface Witness {
  /** Asks for the vote and keeps it, or gives it back. */
  vote(want: boolean): void;
  /** The files were read anew. */
  reconfigure(config: Config): void;
  close(): void;
}

export function openWitness(_config: Config, _post: (input: Input) => void): Witness {
  return { vote: () => undefined, reconfigure: () => undefined, close: () => undefined };
}
