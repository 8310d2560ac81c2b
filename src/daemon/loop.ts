/**
 * The only loop: gathers inputs, lets the core decide, carries out its effects.
 */
import type { Effect, Input, State } from "../core/index.ts";
import { step } from "../core/index.ts";
import type { Alarm } from "../linux/index.ts";
import type { Instant } from "../std/time.ts";

/** The outside, as the loop sees it. None of these waits and none throws. */
export interface Ports {
  now(): Instant;
  /** The loop's one alarm; the loop closes it. */
  alarm(onDue: () => void): Alarm;
  /** In their order. */
  perform(effects: readonly Effect[]): void;
  /** A turn is complete: what feeds systemd's watchdog. */
  turned(): void;
  /** A bug of ours. Does not come back. */
  crash(error: unknown): void;
}

export interface Loop {
  /** Hands in what has happened. Never acts at once: see {@link startLoop}. */
  post(input: Input): void;
  stop(): void;
}

/** What follows from what an effect has brought about, and so on: more than this waits for a turn. */
const ROUNDS_MAX = 10;

/**
 * What an effect brings about at once, such as an address that was added, is looked at before the turn
 * is over, as of the same moment: nobody is judged anew whose datagrams have not been read. Words for
 * the operator come last.
 *
 * A turn runs in `setImmediate`, that is after the poll phase. An alarm that is overdue because the
 * process was stalled may go off before the datagrams that waited in the socket are read; were the
 * deadline judged in its callback, a living peer would be declared dead.
 */
export function startLoop(state: State, ports: Ports): Loop {
  let inbox: Input[] = [];
  let turnDue: NodeJS.Immediate | undefined;
  let isStopped = false;

  const turn = (): void => {
    try {
      const at = ports.now();
      const words: Effect[] = [];
      for (let round = 0; round === 0 || (inbox.length > 0 && round < ROUNDS_MAX); round++) {
        const inputs = inbox;
        inbox = [];
        const effects = step(state, inputs, at);
        ports.perform(effects.filter((effect) => !isWord(effect)));
        words.push(...effects.filter(isWord));
      }
      ports.perform(words);
    } catch (error) {
      return ports.crash(error);
    }
    turnDue = undefined;
    if (isStopped) return undefined;
    ports.turned();
    alarm.set(state.next.at);
    if (inbox.length > 0) soon();
    return undefined;
  };
  const soon = (): void => {
    if (!isStopped) turnDue ??= setImmediate(turn);
  };
  const alarm = ports.alarm(soon);

  soon();
  return {
    post(input) {
      inbox.push(input);
      soon();
    },
    stop() {
      if (!isStopped) alarm.close();
      isStopped = true;
      clearImmediate(turnDue);
    },
  };
}

/** The end comes after the last words. */
function isWord({ type }: Effect): boolean {
  return type === "tell" || type === "exit";
}
