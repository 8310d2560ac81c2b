/**
 * ARP for IPv4 over Ethernet, frames to values and back (RFC 826; RFC 5227).
 */
import { formatIp, formatMac, ipBytes, macBytes } from "./ip-text.ts";

export interface ArpFrame {
  /** Where the Ethernet frame goes. */
  readonly destination: string;
  readonly operation: "request" | "reply";
  readonly senderMac: string;
  readonly senderAddress: string;
  readonly targetMac: string;
  readonly targetAddress: string;
}

/**
 * Tells everybody that `address` is at `mac`: once as a request and once as a reply, because there
 * are stacks that believe the one and stacks that believe the other (RFC 5227 §3 is for requests).
 * The same bytes as those of heartbeat's send_arp.
 *
 * @param mac - the interface's own
 * @returns frames of 42 bytes; the driver pads
 */
export function encodeArpAnnouncements(mac: string, address: string): readonly Uint8Array[] {
  const sender = macBytes(mac);
  const bytes = ipBytes(address);
  const request = encodeRequest({ sender, senderAddress: bytes, targetAddress: bytes });
  const reply = Buffer.from(request);
  reply.writeUInt8(REPLY, OPERATION);
  reply.set(sender, TARGET_MAC);
  return [request, reply];
}

/** Asks who has `address` without claiming it (RFC 5227 §2.1.1): changes nobody's cache. */
export function encodeArpProbe(mac: string, address: string): Uint8Array {
  const sender = macBytes(mac);
  return encodeRequest({ sender, senderAddress: NO_ADDRESS, targetAddress: ipBytes(address) });
}

/** Undefined for what is not ARP for IPv4 over Ethernet, or is cut off. */
export function decodeArp(bytes: Uint8Array): ArpFrame | undefined {
  if (bytes.length < FRAME || !FIXED.every((byte, index) => bytes[12 + index] === byte))
    return undefined;
  const code = bytes[OPERATION];
  if (bytes[20] !== 0 || (code !== REQUEST && code !== REPLY)) return undefined;
  return {
    destination: formatMac(bytes.subarray(0, 6)),
    operation: code === REQUEST ? "request" : "reply",
    senderMac: formatMac(bytes.subarray(22, 28)),
    senderAddress: formatIp(bytes.subarray(28, 32)),
    targetMac: formatMac(bytes.subarray(32, 38)),
    targetAddress: formatIp(bytes.subarray(38, 42)),
  };
}

const BROADCAST = Uint8Array.of(255, 255, 255, 255, 255, 255);
const NO_ADDRESS = new Uint8Array(4);
/** 14 bytes of Ethernet, 28 of ARP. */
const FRAME = 42;
/** Where in the frame they are. */
const OPERATION = 21;
const TARGET_MAC = 32;
const REQUEST = 1;
const REPLY = 2;
/** EtherType ARP; hardware Ethernet, protocol IPv4, lengths 6 and 4. */
const FIXED: readonly number[] = [0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4];

interface ArpRequest {
  /** A hardware address. */
  readonly sender: Uint8Array;
  readonly senderAddress: Uint8Array;
  readonly targetAddress: Uint8Array;
}

/** To everybody, with the hardware address of nobody as the one that is asked for. */
function encodeRequest({ sender, senderAddress, targetAddress }: ArpRequest): Buffer {
  const bytes = Buffer.alloc(FRAME);
  bytes.set(BROADCAST, 0);
  bytes.set(sender, 6);
  bytes.set(FIXED, 12);
  bytes.writeUInt8(REQUEST, OPERATION);
  bytes.set(sender, 22);
  bytes.set(senderAddress, 28);
  bytes.set(targetAddress, 38);
  return bytes;
}
