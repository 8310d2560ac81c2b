/**
 * IPv6 addresses as text: any spelling of RFC 4291 §2.2 in, the one of RFC 5952 out.
 */
import { parseIpv4 } from "./ipv4.ts";

/** Eight groups of 16 bits. */
export type Ipv6 = readonly number[];

/** Without a zone (`%eth0`). */
export function parseIpv6(text: string): Ipv6 | undefined {
  const halves = text.split("::");
  const [head, tail] = [groupsOf(halves[0] ?? ""), groupsOf(halves[1] ?? "")];
  if (head === undefined || tail === undefined || halves.length > 2) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1) return missing === 0 && text !== "" ? head : undefined;
  // `::` stands for one group at least. An IPv4 tail may only end the text.
  if (missing < 1 || halves[0]?.includes(".") === true) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0), ...tail];
}

/** RFC 5952 §4: lower case, no leading zeros, `::` for the longest run of zeros, the first of them. */
export function formatIpv6(address: Ipv6): string {
  const run = longestZeros(address);
  const text = (groups: Ipv6): string => groups.map((each) => each.toString(16)).join(":");
  if (run.length < 2) return text(address);
  return `${text(address.slice(0, run.start))}::${text(address.slice(run.start + run.length))}`;
}

/** Why no host may have this address, or undefined if one may. */
export function unusableIpv6(address: Ipv6): string | undefined {
  const [first = 0] = address;
  if (first >= 0xff00) return "ff00::/8 is multicast";
  if (address.slice(0, 5).every((group) => group === 0) && address[5] === 0xffff) {
    return "::ffff:0:0/96 is IPv4 in IPv6's clothes: write the IPv4 address";
  }
  if (address.slice(0, 7).some((group) => group !== 0)) return undefined;
  if (address[7] === 0) return ":: means no address";
  return address[7] === 1 ? "::1 is the loopback: no other machine reaches it" : undefined;
}

/** fe80::/10: means something only together with an interface. */
export function isLinkLocal(address: Ipv6): boolean {
  return ((address[0] ?? 0) & 0xffc0) === 0xfe80;
}

/** Whether all bits after the prefix are zero. */
export function isSubnetItself(address: Ipv6, prefix: number): boolean {
  return address.every((group, index) => {
    const hostBits = Math.min(16, Math.max(0, 16 * (index + 1) - prefix));
    return group % 2 ** hostBits === 0;
  });
}

function groupsOf(half: string): number[] | undefined {
  if (half === "") return [];
  const parts = half.split(":");
  const last = parts.at(-1) ?? "";
  const embedded = last.includes(".") ? parseIpv4(last) : undefined;
  const plain = embedded === undefined ? parts : parts.slice(0, -1);
  if (!plain.every((part) => /^[\da-f]{1,4}$/i.test(part))) return undefined;
  const groups = plain.map((part) => parseInt(part, 16));
  return embedded === undefined ? groups : [...groups, embedded >>> 16, embedded & 0xffff];
}

function longestZeros(address: Ipv6): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  address.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  });
  return best;
}
