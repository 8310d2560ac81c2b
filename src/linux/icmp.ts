/**
 * Asks hosts whether they are there, and hears their answers: ICMP echo (RFC 792, icmp(7), raw(7)).
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { ipBytes } from "./ip-text.ts";
import { AF_INET, SOCK_OURS, SOCK_RAW } from "./socket.ts";
import { attachFilter, close, receive, send, socket, whenReadable } from "./syscall.ts";
import { instruction } from "./udp-socket.ts";

export interface Echo {
  /** Whose it is, of all that ask from this host; 16 bits, as the sequence number. */
  readonly identifier: number;
  readonly sequence: number;
  /** Comes back as it was sent. */
  readonly payload: Uint8Array;
}

export interface EchoSocket {
  /** Asks a host. Never waits; `address` is a dotted quad. */
  ask(address: string, sequence: number, payload: Uint8Array): Result<number, Errno>;
  close(): void;
}

/**
 * Opens a socket that asks, and hears answers to one identifier. A raw one, which the capability for
 * announcements pays for: of the other kind the host's settings say who may have it
 * (net.ipv4.ping_group_range).
 *
 * @param onAnswer - called from the event loop; whoever sent the answer, and whatever is in it
 */
export function openEchoSocket(
  identifier: number,
  onAnswer: (answer: Echo) => void,
): Result<EchoSocket, Errno> {
  const opened = socket(AF_INET, SOCK_RAW | SOCK_OURS, IPPROTO_ICMP);
  if (!opened.ok) return opened;
  const fd = opened.value;
  const filtered = attachFilter(fd, answersTo(identifier));
  if (!filtered.ok) {
    close(fd);
    return fail(filtered.error);
  }
  const stop = whenReadable(fd, () => {
    for (const answer of drain(fd)) if (answer.identifier === identifier) onAnswer(answer);
  });
  return ok({
    ask: (address, sequence, payload) =>
      send(fd, encodeEchoRequest({ identifier, sequence, payload }), socketAddress(address)),
    close() {
      stop();
      close(fd);
    },
  });
}

export function encodeEchoRequest({ identifier, sequence, payload }: Echo): Uint8Array {
  const message = Buffer.alloc(HEADER + payload.length);
  message.writeUInt8(ECHO_REQUEST, 0);
  message.writeUInt16BE(identifier, 4);
  message.writeUInt16BE(sequence, 6);
  message.set(payload, HEADER);
  message.writeUInt16BE(checksum(message), 2);
  return message;
}

/**
 * @param packet - as a raw socket has it: with the IP header
 * @returns undefined for what is no answer, is cut off, or has a wrong checksum
 */
export function decodeEchoReply(packet: Uint8Array): Echo | undefined {
  const bytes = Buffer.from(packet.buffer, packet.byteOffset, packet.length);
  const [first] = bytes;
  if (first === undefined || first >>> 4 !== 4 || bytes.length < LEAST_PACKET) return undefined;
  const start = (first & 0xf) * 4;
  const end = bytes.readUInt16BE(2);
  if (start < IP_HEADER || end > bytes.length || end < start + HEADER) return undefined;
  const message = bytes.subarray(start, end);
  const isAnswer = bytes[9] === IPPROTO_ICMP && message[0] === ECHO_REPLY && message[1] === 0;
  if (!isAnswer || checksum(message) !== 0) return undefined;
  return {
    identifier: message.readUInt16BE(4),
    sequence: message.readUInt16BE(6),
    payload: Uint8Array.from(message.subarray(HEADER)),
  };
}

export const IPPROTO_ICMP = 1;
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
/** Of the message: type, code, checksum, identifier, sequence. */
const HEADER = 8;
/** Without options. */
const IP_HEADER = 20;
const LEAST_PACKET = IP_HEADER + HEADER;

/** RFC 1071: of a message that has its checksum already the result is 0 if that is right. */
export function checksum(message: Buffer): number {
  let sum = 0;
  for (let at = 0; at < message.length; at += 2) {
    sum += ((message[at] ?? 0) << 8) | (message[at + 1] ?? 0);
  }
  const folded = (sum & 0xffff) + (sum >>> 16);
  return 0xffff & ~(folded + (folded >>> 16));
}

/** What our own answers need, and not a flood of large ones. */
const buffer = Buffer.alloc(256);
/** A flood does not keep the loop: what is left is readable still. */
const MOST_AT_ONCE = 256;

function drain(fd: number): readonly Echo[] {
  const answers: Echo[] = [];
  for (let count = 0; count < MOST_AT_ONCE; count++) {
    const received = receive(fd, buffer);
    if (!received.ok) break;
    const answer = decodeEchoReply(buffer.subarray(0, received.value));
    if (answer !== undefined) answers.push(answer);
  }
  return answers;
}

/** include/uapi/linux/in.h struct sockaddr_in */
function socketAddress(address: string): Uint8Array {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.set(ipBytes(address), 4);
  return bytes;
}

/** Lets through answers to the identifier: what other programs of this host asked for is theirs. */
function answersTo(identifier: number): Uint8Array {
  return Buffer.concat([
    instruction(0xb1, 0, 0, 0), // x: the length of the IP header
    instruction(0x48, 0, 0, 0), // load the half word at x: type and code
    instruction(0x15, 0, 3, ECHO_REPLY << 8), // not equal: skip three
    instruction(0x48, 0, 0, 4), // load the half word at x + 4
    instruction(0x15, 0, 1, identifier), // not equal: skip one
    instruction(0x06, 0, 0, 0xffff_ffff), // accept the whole packet
    instruction(0x06, 0, 0, 0), // drop it
  ]);
}
