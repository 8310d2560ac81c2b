/**
 * What the tests of real daemons allow. They do not measure: a machine may be busy with other
 * things, and the bounds only tell what waits for a death from what does not.
 */
import { timing } from "./ha-files.ts";

/** What a busy machine may add to anything: a process that starts late, a turn that comes late. */
const slackMs = 700;

/** From the last answer of a node that dies without a word to the first of its successor. */
export const deathMs: { readonly least: number; readonly most: number } = {
  // The last heartbeat may be a keepalive old when it dies.
  least: timing.deadtime - timing.keepalive - 50,
  most: timing.deadtime + slackMs,
};

/** A move that nobody had to die for: far from deadtime. */
export const moveMs = 500;

/** How long two nodes may have an address in a move in good order: never. */
export const neverMs = 0;

/** From the moment when two holders can hear each other until one has given up. */
export const settleMs = 1000;
