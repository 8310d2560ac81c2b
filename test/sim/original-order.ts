/**
 * What a virtual original makes of a datagram: which life it is of, whether it is new, what is
 * missing and asked for again, what it says again itself.
 */
import type { OriginalMessage, Saying } from "../../src/core/index.ts";
import { decode, originalOf } from "../../src/wire/index.ts";
import { key } from "./datagrams.ts";
import type { Life } from "./original-life.ts";
import { peerOf, sayAside } from "./original-life.ts";
import { between } from "./rng.ts";

const GAP_MAX = 250;
const REPEATS_MAX = 50;
const REPEAT_AGAIN = 240;
const ASK_AGAIN = 250;

/** What a message is to the node that hears it. */
export type Heard =
  | { readonly type: "nothing" }
  | { readonly type: "message"; readonly message: OriginalMessage }
  /** The same life goes on after it was called dead. */
  | { readonly type: "healed"; readonly message: OriginalMessage };

export function hear(life: Life, bytes: Uint8Array): Heard {
  const envelope = decode(bytes, [key], key);
  if (!envelope.ok) throw new Error(`an original could not read a datagram: ${envelope.error}`);
  const read = originalOf(envelope.value);
  if (!read.ok) throw new Error(`an original did not understand a message: ${read.error}`);
  const message = read.value;
  const isForUs = message.dest === undefined || message.dest === life.config.self;
  if (message.sequence === undefined) {
    if (isForUs && message.from === peerOf(life)) hearAside(life, message.saying);
    return { type: "nothing" };
  }
  const isPartition =
    life.peer.status === "dead" &&
    message.saying.type === "status" &&
    message.generation === life.peer.generation &&
    message.sequence > life.peer.last;
  if (!accept(life, message, message.sequence)) return { type: "nothing" };
  acknowledge(life, message.sequence);
  if (!isForUs) return { type: "nothing" };
  return { type: isPartition ? "healed" : "message", message };
}

/** Whether a message is of this life of the other node, and was not heard before. */
function accept(life: Life, { generation, saying }: OriginalMessage, sequence: number): boolean {
  const { peer } = life;
  if (generation < peer.generation) return false;
  if (generation > peer.generation) {
    if (saying.type !== "status") return false;
    peer.generation = generation;
    peer.last = sequence;
    peer.missing.clear();
    return true;
  }
  if (sequence <= peer.last) return peer.missing.delete(sequence);
  if (peer.last > 0 && sequence - peer.last > GAP_MAX) peer.missing.clear();
  else if (peer.last > 0) noteGap(life, sequence);
  peer.last = sequence;
  return true;
}

function noteGap(life: Life, until: number): void {
  const { peer, machine } = life;
  for (let number = peer.last + 1; number < until; number++) {
    peer.missing.add(number);
    askLater(life, { number, generation: peer.generation }, between(machine.rng, 50, ASK_AGAIN));
  }
}

/** Every missing number has a timer of its own. */
function askLater(
  life: Life,
  missing: { readonly number: number; readonly generation: number },
  delay: number,
): void {
  const { number, generation } = missing;
  life.machine.later(delay, () => {
    if (life.peer.generation !== generation || !life.peer.missing.has(number)) return;
    const isThere = life.peer.status === "up" || life.peer.status === "active";
    if (isThere) sayAside(life, { type: "NS_rexmit", first: number, last: number }, peerOf(life));
    askLater(life, missing, ASK_AGAIN);
  });
}

function acknowledge(life: Life, sequence: number): void {
  if (!life.peer.acknowledges || sequence % 10 !== life.digit) return;
  for (const number of life.peer.missing) if (number < sequence) return;
  sayAside(life, { type: "NS_ackmsg", sequence }, peerOf(life));
}

function hearAside(life: Life, saying: Saying): void {
  if (saying.type === "NS_ackmsg") {
    if (saying.sequence <= life.sequence) life.acked = Math.max(life.acked, saying.sequence);
  } else if (saying.type === "NS_nak_rexmit") {
    life.peer.missing.delete(saying.sequence);
  } else if (saying.type === "NS_rexmit") {
    repeat(life, saying.first, saying.last);
  }
}

function repeat(life: Life, first: number, last: number): void {
  const now = life.machine.now();
  for (let number = first; number <= Math.min(last, first + REPEATS_MAX - 1); number++) {
    if (number <= life.acked || number > life.sequence) continue;
    const said = life.said.get(number);
    // The newest one is never found: a fault of the original.
    if (said === undefined || number === life.sequence) {
      const reason = said === undefined ? "seqno too low" : "seqno not found";
      sayAside(life, { type: "NS_nak_rexmit", sequence: number, reason }, peerOf(life));
    } else if (now - said.repeatedAt >= REPEAT_AGAIN) {
      said.repeatedAt = now;
      life.machine.transmit(said.bytes, false);
    }
  }
}
