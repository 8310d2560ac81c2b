/**
 * Neighbour discovery for virtual IPs: the advertisement that tells everybody where an IPv6 address
 * is (RFC 4861 §4.4), and the solicitation that asks who has it without claiming it.
 */
import { formatIp, formatMac, ipBytes, macBytes } from "./ip-text.ts";

export interface Advertisement {
  readonly destinationMac: string;
  readonly source: string;
  readonly destination: string;
  readonly hopLimit: number;
  readonly router: boolean;
  readonly solicited: boolean;
  readonly override: boolean;
  readonly target: string;
  /** The option Target Link-Layer Address. */
  readonly mac: string;
}

/**
 * An unsolicited advertisement (RFC 4861 §7.2.6): to all nodes, from the address itself, with
 * Override set, so that caches that know another MAC take this one.
 *
 * @param mac - the interface's own
 * @returns an Ethernet frame of 86 bytes
 */
export function encodeAdvertisement(mac: string, address: string): Uint8Array {
  const message = Buffer.alloc(MESSAGE);
  message.writeUInt8(ADVERTISEMENT, 0);
  message.writeUInt8(OVERRIDE, 4);
  message.set(ipBytes(address), 8);
  message.set(TARGET_LINK_LAYER_ADDRESS, 24);
  message.set(macBytes(mac), 26);
  return framed(mac, { source: ipBytes(address), destination: ALL_NODES, message });
}

/**
 * Asks who has `address` as a node does that is about to configure it (RFC 4862 §5.4.2): from the
 * unspecified address, so that nobody's cache changes. Who has it answers to all nodes (RFC 4861
 * §7.2.4).
 *
 * @param mac - the interface's own
 * @returns an Ethernet frame of 78 bytes
 */
export function encodeAddressProbe(mac: string, address: string): Uint8Array {
  const message = Buffer.alloc(HEADER);
  message.writeUInt8(SOLICITATION, 0);
  message.set(ipBytes(address), 8);
  const destination = Buffer.from(SOLICITED_NODE);
  destination.set(message.subarray(21), 13);
  return framed(mac, { source: Buffer.alloc(16), destination, message });
}

/** Undefined for what is not an advertisement with one option, is cut off, or has a wrong checksum. */
export function decodeAdvertisement(bytes: Uint8Array): Advertisement | undefined {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (frame.length < FRAME || !isIcmpv6(frame)) return undefined;
  const addresses = frame.subarray(22, 54);
  const message = frame.subarray(54, FRAME);
  if (message[0] !== ADVERTISEMENT || checksum(addresses, message) !== 0) return undefined;
  if (!TARGET_LINK_LAYER_ADDRESS.equals(message.subarray(24, 26))) return undefined;
  const flags = message.readUInt8(4);
  return {
    destinationMac: formatMac(frame.subarray(0, 6)),
    source: formatIp(addresses.subarray(0, 16)),
    destination: formatIp(addresses.subarray(16)),
    hopLimit: frame.readUInt8(21),
    router: (flags & ROUTER) !== 0,
    solicited: (flags & SOLICITED) !== 0,
    override: (flags & OVERRIDE) !== 0,
    target: formatIp(message.subarray(8, 24)),
    mac: formatMac(message.subarray(26)),
  };
}

const ALL_NODES = ipBytes("ff02::1");
/** RFC 4291 §2.7.1: the last three bytes are those of the address. */
const SOLICITED_NODE = ipBytes("ff02::1:ff00:0");
const ICMPV6 = 58;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
const ROUTER = 0x80;
const SOLICITED = 0x40;
const OVERRIDE = 0x20;
/** The option's type, and its length in units of eight bytes. */
const TARGET_LINK_LAYER_ADDRESS = Buffer.of(2, 1);
/** Of the ICMPv6 message without options. */
const HEADER = 24;
/** With one option. */
const MESSAGE = 32;
/** Ethernet, IPv6, ICMPv6. */
const FRAME: number = 14 + 40 + MESSAGE;

interface Packet {
  readonly source: Uint8Array;
  /** A multicast group. */
  readonly destination: Uint8Array;
  /** ICMPv6, with a checksum of zero: the right one is written into it. */
  readonly message: Buffer;
}

function framed(mac: string, { source, destination, message }: Packet): Uint8Array {
  const addresses = Buffer.concat([source, destination]);
  message.writeUInt16BE(checksum(addresses, message), 2);
  return Buffer.concat([
    // RFC 2464 §7.
    Uint8Array.of(0x33, 0x33),
    destination.subarray(12),
    macBytes(mac),
    Uint8Array.of(0x86, 0xdd),
    // Version 6, no traffic class, no flow label; the length of what follows; RFC 4861 §7.1: a hop
    // limit of 255 proves that the sender is on the link.
    Uint8Array.of(0x60, 0, 0, 0, 0, message.length, ICMPV6, 255),
    addresses,
    message,
  ]);
}

function isIcmpv6(frame: Buffer): boolean {
  const isIpv6 = frame.readUInt16BE(12) === 0x86dd && frame.readUInt8(14) >> 4 === 6;
  return isIpv6 && frame.readUInt16BE(18) === MESSAGE && frame.readUInt8(20) === ICMPV6;
}

/**
 * Of an ICMPv6 message with its pseudo-header (RFC 4443 §2.3, RFC 8200 §8.1). Over a message that
 * has its checksum already the result is 0 if that is right.
 */
export function checksum(addresses: Buffer, message: Buffer): number {
  const sum = sumOfWords(addresses) + sumOfWords(message) + message.length + ICMPV6;
  const folded = (sum & 0xffff) + (sum >>> 16);
  return 0xffff & ~(folded + (folded >>> 16));
}

/** An odd byte at the end counts as if a zero followed it. */
function sumOfWords(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) sum += bytes.readUInt16BE(at);
  return bytes.length % 2 === 0 ? sum : sum + bytes.readUInt8(bytes.length - 1) * 256;
}
