/**
 * Asks the ping nodes, when the core says so, and tells it which of them answered.
 *
 * An answer counts if it brings back what was asked last: the number of the question and sixteen
 * bytes that nobody can guess. So nothing that another host sends unasked makes a ping node alive.
 */
import { randomBytes, randomInt } from "node:crypto";
import type { Input, Notice, PingConfig } from "../core/index.ts";
import type { EchoSocket } from "../linux/index.ts";
import { openEchoSocket } from "../linux/index.ts";
import type { Names } from "./names.ts";
import { resolveHosts } from "./names.ts";

export interface Pings {
  /** Asks every host of every ping node once. */
  ask(): void;
  /** The files were read anew. */
  reconfigure(pings: readonly PingConfig[]): void;
  close(): void;
}

interface Question {
  readonly ping: string;
  readonly nonce: Buffer;
}

/** Sixteen rounds of as many ping nodes as there may be; an answer that is older comes too late. */
const QUESTIONS_MAX = 1024;
const NONCE_BYTES = 16;
const SEQUENCES = 2 ** 16;

export function openPings(
  first: readonly PingConfig[],
  post: (input: Input) => void,
  tell: (notice: Notice) => void,
): Pings {
  let pings = first;
  let names = namesOf(pings);
  let socket: EchoSocket | undefined;
  let fault: string | undefined;
  let sequence = 0;
  /** By the number of the question. */
  const questions = new Map<number, Question>();

  const answered = (answer: { readonly sequence: number; readonly payload: Uint8Array }): void => {
    const question = questions.get(answer.sequence);
    if (question?.nonce.equals(answer.payload) !== true) return;
    questions.delete(answer.sequence);
    post({ type: "pong", ping: question.ping });
  };
  const open = (): EchoSocket | undefined => {
    // It is tried again at every question: meanwhile no ping node answers, which looks like a
    // fault of theirs.
    const opened = openEchoSocket(randomInt(SEQUENCES), answered);
    const reason = opened.ok ? undefined : `${opened.error.call}: ${opened.error.errno}`;
    if (reason !== undefined && reason !== fault) {
      tell({ code: "socket-refused", purpose: "to ask ping nodes", reason });
    }
    fault = reason;
    return opened.ok ? opened.value : undefined;
  };
  const askHost = (ping: string, address: string): void => {
    sequence = (sequence + 1) % SEQUENCES;
    const nonce = randomBytes(NONCE_BYTES);
    questions.delete(sequence);
    questions.set(sequence, { ping, nonce });
    const [oldest] = questions.keys();
    if (questions.size > QUESTIONS_MAX && oldest !== undefined) questions.delete(oldest);
    // A question that cannot be sent, as without a route, is one that is not answered.
    socket?.ask(address, sequence, nonce);
  };

  return {
    ask() {
      socket ??= open();
      names.lookUp();
      for (const { name, hosts } of pings) {
        for (const host of hosts) {
          const address = names.addressOf(host);
          if (address !== undefined) askHost(name, address);
        }
      }
    },
    reconfigure(next) {
      pings = next;
      names = namesOf(pings);
      questions.clear();
    },
    close() {
      socket?.close();
      socket = undefined;
    },
  };
}

function namesOf(pings: readonly PingConfig[]): Names {
  return resolveHosts(pings.flatMap(({ hosts }) => hosts));
}
