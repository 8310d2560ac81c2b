/**
 * The kernel's messages about addresses (rtnetlink(7), include/uapi/linux/if_addr.h).
 */
import { formatIp, ipBytes } from "./ip-text.ts";
import type { NetlinkMessage, Request } from "./netlink.ts";
import {
  decodeAttributes,
  encodeAttribute,
  NLM_F_CREATE,
  NLM_F_DUMP,
  NLM_F_REPLACE,
  textOf,
} from "./netlink.ts";
import { AF_INET, AF_INET6 } from "./socket.ts";

/** What tells one address of a host from another. */
export interface AddressKey {
  readonly family: 4 | 6;
  /** Canonical text. */
  readonly address: string;
  readonly prefix: number;
  /** The index of its interface. */
  readonly ifindex: number;
}

/** An address as it is to be added: nothing is left open. */
export interface Placement extends AddressKey {
  /** The name of the interface. */
  readonly device: string;
  /** IPv4 only: `eth0:1`. Undefined: the kernel takes the interface's name. */
  readonly label: string | undefined;
  /** IPv4 only. */
  readonly broadcast: string | undefined;
  /**
   * IPv6 only: the interface has an address of the same subnet that is not ours, and the route to
   * the subnet from that.
   */
  readonly hasNeighbour?: boolean;
}

/** An address that the kernel has. */
export interface KernelAddress extends AddressKey {
  readonly label: string | undefined;
  readonly broadcast: string | undefined;
  /** Duplicate address detection is not over: it is not answered for yet (RFC 4862 §5.4). */
  readonly tentative: boolean;
  /** Another node answers for it: this one does not. */
  readonly dadFailed: boolean;
  /** How long the kernel keeps it by itself. Undefined: for ever. */
  readonly validSeconds: number | undefined;
  /**
   * Whether Understudy has added it, in this life or an earlier one. Older kernels than 5.18 do not
   * keep the mark: there no address is ours.
   */
  readonly ours: boolean;
}

/** Whether nothing has become of it but that time has passed, or that it was renewed. */
export function isSameAddress(one: KernelAddress, other: KernelAddress | undefined): boolean {
  return (
    other !== undefined &&
    one.address === other.address &&
    one.family === other.family &&
    one.prefix === other.prefix &&
    one.ifindex === other.ifindex &&
    one.label === other.label &&
    one.broadcast === other.broadcast &&
    one.tentative === other.tentative &&
    one.dadFailed === other.dadFailed &&
    one.ours === other.ours
  );
}

/**
 * Adds an address, or renews it and marks it as ours where it exists.
 *
 * An IPv6 address is added without duplicate address detection: it would not answer for a second or
 * more, and who holds it is for the cluster to decide.
 *
 * The route to the subnet of an IPv6 address must not get a lifetime with it: the kernel gives it that
 * of whichever address was touched last, and Linux 6.18 one that is over at once (net/ipv6/addrconf.c
 * modify_prefix_route). So an address with a neighbour brings no route, and one without has no end.
 *
 * @param validSeconds - whole seconds after which the kernel removes it; undefined: never
 */
export function addRequest(placement: Placement, validSeconds?: number): Request {
  const bytes = ipBytes(placement.address);
  const mayEnd = placement.family === 4 || placement.hasNeighbour === true;
  const lifetime = (mayEnd ? validSeconds : undefined) ?? FOREVER;
  return {
    type: RTM_NEWADDR,
    flags: NLM_F_CREATE | NLM_F_REPLACE,
    payload: Buffer.concat([
      header(placement),
      encodeAttribute(IFA_LOCAL, bytes),
      encodeAttribute(IFA_ADDRESS, bytes),
      ...optional(IFA_BROADCAST, placement.broadcast && ipBytes(placement.broadcast)),
      ...optional(IFA_LABEL, placement.label && Buffer.from(`${placement.label}\0`)),
      encodeAttribute(IFA_CACHEINFO, uint32s(lifetime, lifetime, 0, 0)),
      encodeAttribute(IFA_FLAGS, uint32s(flagsOf(placement))),
      encodeAttribute(IFA_PROTO, Uint8Array.of(IFAPROT_UNDERSTUDY)),
    ]),
  };
}

export function removeRequest(key: AddressKey): Request {
  const bytes = ipBytes(key.address);
  const attributes = [encodeAttribute(IFA_LOCAL, bytes), encodeAttribute(IFA_ADDRESS, bytes)];
  return { type: RTM_DELADDR, flags: 0, payload: Buffer.concat([header(key), ...attributes]) };
}

/** Asks for all addresses of both families. */
export const addressDump: Request = {
  type: 22,
  flags: NLM_F_DUMP,
  payload: new Uint8Array(8),
};

/** Undefined for every message that is not about an address that exists. */
export function decodeAddress(message: NetlinkMessage): KernelAddress | undefined {
  const { type, payload } = message;
  if (type !== RTM_NEWADDR || payload.length < IFADDRMSG) return undefined;
  const [family, prefix = 0, flagsByte = 0] = payload;
  if (family !== AF_INET && family !== AF_INET6) return undefined;
  const attributes = decodeAttributes(payload.subarray(IFADDRMSG));
  const length = family === AF_INET ? 4 : 16;
  // On a point-to-point link IFA_ADDRESS is the peer's; IPv6 has no IFA_LOCAL elsewhere.
  const local = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
  if (local?.length !== length || prefix > length * 8) return undefined;
  const flags = uint32(attributes.get(IFA_FLAGS), 0) ?? flagsByte;
  const lifetime = uint32(attributes.get(IFA_CACHEINFO), 4) ?? FOREVER;
  const broadcast = attributes.get(IFA_BROADCAST);
  const label = attributes.get(IFA_LABEL);
  return {
    family: family === AF_INET ? 4 : 6,
    address: formatIp(local),
    prefix,
    ifindex: uint32(payload, 4) ?? 0,
    label: label && textOf(label),
    broadcast: broadcast?.length === 4 ? formatIp(broadcast) : undefined,
    tentative: (flags & IFA_F_TENTATIVE) !== 0,
    dadFailed: (flags & IFA_F_DADFAILED) !== 0,
    validSeconds: lifetime === FOREVER ? undefined : lifetime,
    ours: attributes.get(IFA_PROTO)?.at(0) === IFAPROT_UNDERSTUDY,
  };
}

export const RTM_NEWADDR = 20;
const RTM_DELADDR = 21;

const IFA_ADDRESS = 1;
const IFA_LOCAL = 2;
const IFA_LABEL = 3;
const IFA_BROADCAST = 4;
const IFA_CACHEINFO = 6;
const IFA_FLAGS = 8;
export const IFA_PROTO = 11;

const IFA_F_NODAD = 0x02;
const IFA_F_DADFAILED = 0x08;
const IFA_F_TENTATIVE = 0x40;
const IFA_F_NOPREFIXROUTE = 0x200;

/** INFINITY_LIFE_TIME of include/net/addrconf.h. */
const FOREVER = 0xffff_ffff;

/**
 * The `u` of Understudy: who has added an address, kept by the kernel since Linux 5.18. Numbers
 * below 4 are the kernel's own.
 */
export const IFAPROT_UNDERSTUDY = 117;

/** Of struct ifaddrmsg. */
export const IFADDRMSG = 8;

function flagsOf({ family, hasNeighbour }: Placement): number {
  if (family === 4) return 0;
  return hasNeighbour === true ? IFA_F_NODAD | IFA_F_NOPREFIXROUTE : IFA_F_NODAD;
}

/** struct ifaddrmsg; the scope of an IPv4 address is `global`, that of IPv6 the kernel knows. */
function header(key: AddressKey): Uint8Array {
  const bytes = Buffer.alloc(IFADDRMSG);
  bytes.writeUInt8(key.family === 4 ? AF_INET : AF_INET6, 0);
  bytes.writeUInt8(key.prefix, 1);
  bytes.writeUInt32LE(key.ifindex, 4);
  return bytes;
}

function optional(type: number, value: Uint8Array | "" | undefined): readonly Uint8Array[] {
  return value ? [encodeAttribute(type, value)] : [];
}

function uint32s(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}

function uint32(bytes: Uint8Array | undefined, at: number): number | undefined {
  if (bytes === undefined || bytes.length < at + 4) return undefined;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true);
}
