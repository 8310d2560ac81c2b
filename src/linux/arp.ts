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
  const sender = { destination: BROADCAST, senderMac: mac, senderAddress: address };
  const target = { targetAddress: address };
  return [
    encodeArp({ ...sender, ...target, operation: "request", targetMac: NOBODY }),
    encodeArp({ ...sender, ...target, operation: "reply", targetMac: mac }),
  ];
}

/** Asks who has `address` without claiming it (RFC 5227 §2.1.1): changes nobody's cache. */
export function encodeArpProbe(mac: string, address: string): Uint8Array {
  return encodeArp({
    destination: BROADCAST,
    operation: "request",
    senderMac: mac,
    senderAddress: "0.0.0.0",
    targetMac: NOBODY,
    targetAddress: address,
  });
}

/** Undefined for what is not ARP for IPv4 over Ethernet, or is cut off. */
export function decodeArp(bytes: Uint8Array): ArpFrame | undefined {
  if (bytes.length < FRAME || !FIXED.every((byte, index) => bytes[12 + index] === byte))
    return undefined;
  const code = bytes[21];
  if (bytes[20] !== 0 || (code !== 1 && code !== 2)) return undefined;
  return {
    destination: formatMac(bytes.subarray(0, 6)),
    operation: code === 1 ? "request" : "reply",
    senderMac: formatMac(bytes.subarray(22, 28)),
    senderAddress: formatIp(bytes.subarray(28, 32)),
    targetMac: formatMac(bytes.subarray(32, 38)),
    targetAddress: formatIp(bytes.subarray(38, 42)),
  };
}

const BROADCAST = "ff:ff:ff:ff:ff:ff";
const NOBODY = "00:00:00:00:00:00";
/** 14 bytes of Ethernet, 28 of ARP. */
const FRAME = 42;
/** EtherType ARP; hardware Ethernet, protocol IPv4, lengths 6 and 4. */
const FIXED: readonly number[] = [0x08, 0x06, 0, 1, 0x08, 0x00, 6, 4];

function encodeArp(frame: ArpFrame): Uint8Array {
  return Buffer.concat([
    macBytes(frame.destination),
    macBytes(frame.senderMac),
    Uint8Array.from(FIXED),
    Uint8Array.of(0, frame.operation === "request" ? 1 : 2),
    macBytes(frame.senderMac),
    ipBytes(frame.senderAddress),
    macBytes(frame.targetMac),
    ipBytes(frame.targetAddress),
  ]);
}
