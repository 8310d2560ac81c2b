/**
 * A broken invariant: a bug of ours, never the operator's, the network's or the kernel's.
 *
 * It is caught in the program's entry alone, which ends the process: the peer takes over, which is
 * what it is for, while a node that goes on in a state it does not understand may hold an address
 * twice.
 */
export class BugError extends Error {
  override readonly name = "BugError";
}

export function assert(condition: boolean, expected: string): asserts condition {
  if (!condition) throw new BugError(`expected ${expected}`);
}

/** The default arm of an exhaustive switch: a new variant fails to compile here. */
export function unreachable(value: never): never {
  throw new BugError(`unhandled variant ${JSON.stringify(value)}`);
}
