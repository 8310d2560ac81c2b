/**
 * The argument of IPaddr, IPaddr2 and IPv6addr: an address that moves.
 */
import type { VirtualIp } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Fault } from "./diagnostic.ts";
import { formatIpv4, parseIpv4, parseMask, subnetOf, unusableIpv4 } from "./ipv4.ts";
import type { Ipv6 } from "./ipv6.ts";
import { formatIpv6, isLinkLocal, isSubnetItself, parseIpv6, unusableIpv6 } from "./ipv6.ts";
import { deviceFault } from "./names.ts";
import { quoted } from "./tokens.ts";

/**
 * `ip[/mask[/nic[:label]][/broadcast]]`. A third part that starts with a digit is the broadcast
 * address, as the IPaddr scripts have it: no interface can be given then.
 */
export function parseVirtualIpv4(argument: string): Result<VirtualIp, Fault> {
  const [text = "", mask, ...rest] = argument.split("/");
  const address = parseIpv4(text);
  if (address === undefined) return bad(`${quoted(text)} is not an IPv4 address: ${shape}`);
  const prefix = mask === undefined ? undefined : parseMask(mask);
  if (mask !== undefined && prefix === undefined) return bad(badMask(mask));
  const obstacle = unusableIpv4(address) ?? edgeOfSubnet(address, prefix);
  if (obstacle !== undefined) return bad(`${text} cannot be a virtual IP: ${obstacle}`);
  const interfaceParts = onInterface(rest);
  if (!interfaceParts.ok) return interfaceParts;
  const base = { family: 4 as const, address: formatIpv4(address) };
  return ok({ ...base, ...(prefix === undefined ? {} : { prefix }), ...interfaceParts.value });
}

/** `ip[/prefix[/nic]]` */
export function parseVirtualIpv6(argument: string): Result<VirtualIp, Fault> {
  const [text = "", bits, device, ...rest] = argument.split("/");
  const address = parseIpv6(text);
  if (address === undefined) return bad(`${quoted(text)} is not an IPv6 address`);
  const prefix = bits === undefined ? undefined : Number(/^\d{1,3}$/.test(bits) ? bits : 0);
  if (prefix === 0 || (prefix ?? 1) > 128) return bad(`${quoted(bits ?? "")} is not from 1 to 128`);
  const obstacle = unusableIpv6(address) ?? withoutHost(address, prefix);
  if (obstacle !== undefined) return bad(`${text} cannot be a virtual IP: ${obstacle}`);
  if (rest.length > 0)
    return bad(`${quoted(rest.join("/"))} is too much: write ip/prefix/interface`);
  if (isLinkLocal(address) && device === undefined) {
    return bad(`${text} is link-local and needs its interface: ${text}/64/eth0`);
  }
  const fault = device === undefined ? undefined : deviceFault(device);
  if (fault !== undefined) return fail(fault);
  const base = { family: 6 as const, address: formatIpv6(address) };
  return ok({
    ...base,
    ...(prefix === undefined ? {} : { prefix }),
    ...(device === undefined ? {} : { device }),
  });
}

/** Why the broadcast address that was written is odd, or undefined: it is used all the same. */
export function broadcastDoubt(ip: VirtualIp): string | undefined {
  const address = parseIpv4(ip.address);
  if (ip.broadcast === undefined || ip.prefix === undefined || address === undefined)
    return undefined;
  const expected = formatIpv4(subnetOf(address, ip.prefix).last);
  if (ip.broadcast === expected || ip.prefix > 30) return undefined;
  return `the broadcast address of ${ip.address}/${ip.prefix} is ${expected}, not ${ip.broadcast}`;
}

const shape = "four numbers from 0 to 255, like 10.0.0.100";

type InterfaceParts = Pick<VirtualIp, "device" | "label" | "broadcast">;

function onInterface(parts: readonly string[]): Result<InterfaceParts, Fault> {
  const [first, second, ...rest] = parts;
  if (first === undefined) return ok({});
  if (/^\d/.test(first)) {
    return second === undefined ? broadcastPart(first) : bad(surplus(second));
  }
  if (rest[0] !== undefined) return bad(surplus(rest[0]));
  const device = devicePart(first);
  if (!device.ok || second === undefined) return device;
  const broadcast = broadcastPart(second);
  return broadcast.ok ? ok({ ...device.value, ...broadcast.value }) : broadcast;
}

function devicePart(text: string): Result<InterfaceParts, Fault> {
  const [device = "", label, ...rest] = text.split(":");
  const fault = deviceFault(device);
  if (fault !== undefined) return fail(fault);
  if (label === undefined) return ok({ device });
  // include/uapi/linux/if.h IFNAMSIZ: the kernel keeps `eth0:1` in 16 bytes, with a final NUL.
  if (/^[\w-]+$/.test(label) && rest.length === 0 && text.length <= 15)
    return ok({ device, label });
  return bad(
    `${quoted(text)} is not an interface with a label, like eth0:1, of at most 15 letters`,
  );
}

function broadcastPart(text: string): Result<InterfaceParts, Fault> {
  if (parseIpv4(text) !== undefined) return ok({ broadcast: text });
  return bad(`${quoted(text)} is not a broadcast address: ${shape}`);
}

function surplus(text: string): string {
  return `${quoted(text)} is too much: write ip/mask/interface/broadcast`;
}

function badMask(mask: string): string {
  return `${quoted(mask)} is not a netmask: write 1 to 32, or one like 255.255.255.0`;
}

/** A subnet of two (RFC 3021) or of one has neither a network nor a broadcast address. */
function edgeOfSubnet(address: number, prefix: number | undefined): string | undefined {
  if (prefix === undefined || prefix > 30) return undefined;
  const { first, last } = subnetOf(address, prefix);
  if (address === first) return `it is the network address of its /${prefix}`;
  return address === last ? `it is the broadcast address of its /${prefix}` : undefined;
}

function withoutHost(address: Ipv6, prefix: number | undefined): string | undefined {
  if (prefix === undefined || prefix > 126 || !isSubnetItself(address, prefix)) return undefined;
  return "it belongs to all routers of its subnet (RFC 4291 §2.6.1)";
}

function bad(message: string): Result<never, Fault> {
  return fail({ code: "bad-address", message });
}
