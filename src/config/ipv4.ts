/**
 * IPv4 addresses as text and as numbers. Strict: four decimal numbers without leading zeros, which
 * some programs take for octal (RFC 6943 §3.1.1).
 */

/** @returns the address as an unsigned number of 32 bits */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part)))
    return undefined;
  const octets = parts.map(Number);
  if (octets.some((octet) => octet > 255)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

export function formatIpv4(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join(".");
}

/** Whether somebody who wrote this meant an IPv4 address: digits and points, nothing else. */
export function looksLikeIpv4(text: string): boolean {
  return /^[\d.]+$/.test(text) && text.includes(".");
}

/** The first and the last address of the subnet: its network and its broadcast address. */
export function subnetOf(address: number, prefix: number): { first: number; last: number } {
  const size = 2 ** (32 - prefix);
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}

/** `24` or `255.255.255.0`: from 1 to 32 bits, those of a mask without gaps. */
export function parseMask(text: string): number | undefined {
  const prefix = text.includes(".") ? prefixOf(parseIpv4(text)) : shortNumber(text);
  return prefix !== undefined && prefix >= 1 && prefix <= 32 ? prefix : undefined;
}

/** Why no host may have this address, or undefined if one may. */
export function unusableIpv4(address: number): string | undefined {
  const first = address >>> 24;
  if (first === 0) return "addresses in 0.0.0.0/8 mean this network (RFC 6890)";
  if (first === 127) return "127.0.0.0/8 is the loopback: no other machine reaches it";
  if (isMulticast(address)) return "224.0.0.0/4 is multicast";
  return first >= 240 ? "240.0.0.0/4 is reserved" : undefined;
}

export function isMulticast(address: number): boolean {
  return address >>> 28 === 14;
}

function prefixOf(mask: number | undefined): number | undefined {
  if (mask === undefined) return undefined;
  const prefix = Math.clz32(~mask);
  return subnetOf(0xffffffff, prefix).first === mask ? prefix : undefined;
}

function shortNumber(text: string): number | undefined {
  return /^\d{1,3}$/.test(text) ? Number(text) : undefined;
}
