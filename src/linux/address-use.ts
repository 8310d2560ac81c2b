/**
 * Which machine uses which address, as a frame shows it: ARP from it (RFC 5227 §2.4), a neighbour
 * solicitation from it, an advertisement of it (RFC 4861 §4.3, §4.4).
 *
 * Who only asks whether an address is free does not use it: ARP from 0.0.0.0 (RFC 5227 §2.1.1), a
 * solicitation from `::` (RFC 4862 §5.4.2).
 */
import { decodeArp } from "./arp.ts";
import { formatIp, formatMac } from "./ip-text.ts";
import { checksum } from "./ndp.ts";

export interface AddressUse {
  /** Canonical text. */
  readonly address: string;
  /** By which its user wants to be reached, lower case with colons. */
  readonly mac: string;
}

/** Undefined for a frame that shows nothing of the kind, is cut off, or is none at all. */
export function useOf(bytes: Uint8Array): AddressUse | undefined {
  const frame = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (frame.length < ETHERNET) return undefined;
  switch (frame.readUInt16BE(12)) {
    case ETHERTYPE_ARP:
      return useInArp(frame);
    case ETHERTYPE_IPV6:
      return useInIpv6(frame);
    default:
      return undefined;
  }
}

const ETHERTYPE_ARP = 0x0806;
const ETHERTYPE_IPV6 = 0x86dd;
const ETHERNET = 14;
const IPV6_HEADER = 40;
const ICMPV6 = 58;
const SOLICITATION = 135;
const ADVERTISEMENT = 136;
/** Of a solicitation or an advertisement, without its options. */
const HEADER = 24;
/** Types of options. */
const SOURCE_LINK_LAYER_ADDRESS = 1;
const TARGET_LINK_LAYER_ADDRESS = 2;

function useInArp(frame: Buffer): AddressUse | undefined {
  const arp = decodeArp(frame);
  if (arp === undefined || arp.senderAddress === "0.0.0.0") return undefined;
  return { address: arp.senderAddress, mac: arp.senderMac };
}

function useInIpv6(frame: Buffer): AddressUse | undefined {
  const message = icmpv6Of(frame);
  if (message === undefined) return undefined;
  const type = message.readUInt8(0);
  const from = formatMac(frame.subarray(6, 12));
  if (type === ADVERTISEMENT) {
    const address = formatIp(message.subarray(8, HEADER));
    return { address, mac: optionOf(message, TARGET_LINK_LAYER_ADDRESS) ?? from };
  }
  const address = formatIp(frame.subarray(22, 38));
  if (type !== SOLICITATION || address === "::") return undefined;
  return { address, mac: optionOf(message, SOURCE_LINK_LAYER_ADDRESS) ?? from };
}

/** The message of neighbour discovery, if it is one that a host must believe (RFC 4861 §7.1). */
function icmpv6Of(frame: Buffer): Buffer | undefined {
  const start = ETHERNET + IPV6_HEADER;
  if (frame.length < start + HEADER || frame.readUInt8(14) >> 4 !== 6) return undefined;
  const length = frame.readUInt16BE(18);
  const message = frame.subarray(start, start + length);
  const isWhole = length >= HEADER && message.length === length;
  const isOfThisLink = frame[20] === ICMPV6 && frame[21] === 255 && message[1] === 0;
  if (!isWhole || !isOfThisLink) return undefined;
  return checksum(frame.subarray(22, 54), message) === 0 ? message : undefined;
}

/** The hardware address in an option; undefined if there is none of Ethernet's. */
function optionOf(message: Buffer, wanted: number): string | undefined {
  // An option's type and its length in units of eight bytes, which is not 0 (RFC 4861 §4.6).
  for (let at = HEADER; at + 8 <= message.length;) {
    const units = message.readUInt8(at + 1);
    if (units === 0) return undefined;
    if (message[at] === wanted && units === 1) return formatMac(message.subarray(at + 2, at + 8));
    at += units * 8;
  }
  return undefined;
}
