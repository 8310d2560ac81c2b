/**
 * Netlink messages and attributes, bytes to values and back (netlink(7), include/uapi/linux/netlink.h).
 *
 * Numbers are in the machine's order, which is little-endian wherever the daemon runs. Bytes that
 * are cut off or make no sense end a list early; they never throw.
 */

/** What is asked of the kernel: a message before it has a number. */
export interface Request {
  readonly type: number;
  readonly flags: number;
  readonly payload: Uint8Array;
}

/** struct nlmsghdr and what follows. `sequence` is the same in a request and in its answers. */
export interface NetlinkMessage extends Request {
  readonly sequence: number;
}

export const NLMSG_ERROR = 2;
export const NLMSG_DONE = 3;

export const NLM_F_REQUEST = 0x1;
export const NLM_F_ACK = 0x4;
/** In an answer: something has changed while the list was being made. */
export const NLM_F_DUMP_INTR = 0x10;
export const NLM_F_REPLACE = 0x100;
/** NLM_F_ROOT and NLM_F_MATCH: the whole list. */
export const NLM_F_DUMP = 0x300;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

/** The port is left to the kernel, to which the message goes. */
export function encodeMessage(message: NetlinkMessage): Uint8Array {
  const length = HEADER + message.payload.length;
  const bytes = Buffer.alloc(align(length));
  bytes.writeUInt32LE(length, 0);
  bytes.writeUInt16LE(message.type, 4);
  bytes.writeUInt16LE(message.flags, 6);
  bytes.writeUInt32LE(message.sequence, 8);
  bytes.set(message.payload, HEADER);
  return bytes;
}

/** All messages of one datagram, up to the first that is cut off. */
export function decodeMessages(datagram: Uint8Array): readonly NetlinkMessage[] {
  const bytes = bufferOf(datagram);
  const messages: NetlinkMessage[] = [];
  for (let at = 0; at + HEADER <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    if (length < HEADER || at + length > bytes.length) break;
    messages.push({
      type: bytes.readUInt16LE(at + 4),
      flags: bytes.readUInt16LE(at + 6),
      sequence: bytes.readUInt32LE(at + 8),
      payload: bytes.subarray(at + HEADER, at + length),
    });
    at += align(length);
  }
  return messages;
}

/**
 * What NLMSG_ERROR or NLMSG_DONE says: 0 for well done, else the number of errno(3). Undefined for
 * every other message.
 */
export function errorOf(message: NetlinkMessage): number | undefined {
  if (message.type !== NLMSG_ERROR && message.type !== NLMSG_DONE) return undefined;
  return message.payload.length < 4 ? 0 : Math.abs(bufferOf(message.payload).readInt32LE(0));
}

/** struct nlattr, padded. */
export function encodeAttribute(type: number, value: Uint8Array): Uint8Array {
  const length = ATTRIBUTE_HEADER + value.length;
  const bytes = Buffer.alloc(align(length));
  bytes.writeUInt16LE(length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(value, ATTRIBUTE_HEADER);
  return bytes;
}

/** An attribute that is made of attributes. */
export function listOf(type: number, attributes: readonly Uint8Array[]): Uint8Array {
  return encodeAttribute(type | NLA_F_NESTED, Buffer.concat(attributes));
}

/** By type, without the flags of the type; of two of one type the later. */
export function decodeAttributes(list: Uint8Array): ReadonlyMap<number, Buffer> {
  const bytes = bufferOf(list);
  const attributes = new Map<number, Buffer>();
  for (let at = 0; at + ATTRIBUTE_HEADER <= bytes.length;) {
    const length = bytes.readUInt16LE(at);
    if (length < ATTRIBUTE_HEADER || at + length > bytes.length) break;
    const type = bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK;
    attributes.set(type, bytes.subarray(at + ATTRIBUTE_HEADER, at + length));
    at += align(length);
  }
  return attributes;
}

/** A C string of an attribute, without its end. */
export function textOf(value: Buffer): string {
  const end = value.indexOf(0);
  return value.toString("utf8", 0, end < 0 ? value.length : end);
}

const HEADER = 16;
const ATTRIBUTE_HEADER = 4;
const NLA_F_NESTED = 0x8000;
/** Without NLA_F_NESTED and NLA_F_NET_BYTEORDER. */
const NLA_TYPE_MASK = 0x3fff;

/** Messages and attributes both begin at multiples of four (NLMSG_ALIGNTO, NLA_ALIGNTO). */
function align(length: number): number {
  return (length + 3) & ~3;
}

/** The same memory, with Buffer's methods. */
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
