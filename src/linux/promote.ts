/**
 * An address that goes without taking others along.
 *
 * The first IPv4 address of a subnet on an interface is the primary one, and the kernel removes its
 * secondaries with it unless `promote_secondaries` is set (Documentation/networking/ip-sysctl). It is
 * read and set by netlink: /proc/sys may be read-only, as in the sandbox of systemd.
 */
import type { Request } from "./netlink.ts";
import { decodeAttributes, encodeAttribute, listOf } from "./netlink.ts";
import { AF_INET } from "./socket.ts";

/** Has an interface promote secondary addresses, or not (include/uapi/linux/if_link.h). */
export function promoteRequest(ifindex: number, on: boolean): Request {
  // struct ifinfomsg: of no family, since that is named below.
  const header = Buffer.alloc(16);
  header.writeInt32LE(ifindex, 4);
  const value = Uint8Array.of(on ? 1 : 0, 0, 0, 0);
  const settings = listOf(IFLA_INET_CONF, [encodeAttribute(PROMOTE_SECONDARIES, value)]);
  const payload = Buffer.concat([header, listOf(IFLA_AF_SPEC, [listOf(AF_INET, [settings])])]);
  return { type: RTM_SETLINK, flags: 0, payload };
}

/** @param families - the value of {@link IFLA_AF_SPEC} in what the kernel tells of an interface */
export function isPromoting(families: Buffer | undefined): boolean {
  const ipv4 = families && decodeAttributes(families).get(AF_INET);
  const settings = ipv4 && decodeAttributes(ipv4).get(IFLA_INET_CONF);
  // Told as an array of numbers, of which the first is the setting 1.
  const at = (PROMOTE_SECONDARIES - 1) * 4;
  return settings !== undefined && settings.length >= at + 4 && settings.readUInt32LE(at) !== 0;
}

export const IFLA_AF_SPEC = 26;

const RTM_SETLINK = 19;
const IFLA_INET_CONF = 1;
/** include/uapi/linux/ip.h IPV4_DEVCONF_PROMOTE_SECONDARIES */
const PROMOTE_SECONDARIES = 20;
