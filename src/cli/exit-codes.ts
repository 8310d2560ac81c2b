/** What a command's exit status means, beyond 0, 1 and 2, which are each command's own. */
export const exitCodes: {
  readonly notRunning: 3;
  /** sysexits.h EX_USAGE */
  readonly usage: 64;
  /** sysexits.h EX_SOFTWARE: a bug of ours. */
  readonly bug: 70;
} = { notRunning: 3, usage: 64, bug: 70 };
