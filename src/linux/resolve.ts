/**
 * Where a virtual IP belongs on this host: its interface, prefix and broadcast address, as given or
 * as found from what the host has. The same rules as those of the resource agent IPaddr2.
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { KernelAddress, Placement } from "./address.ts";
import { formatIp, ipBytes } from "./ip-text.ts";
import type { Link } from "./link.ts";

/** A virtual IP as configured. */
export interface WantedAddress {
  readonly family: 4 | 6;
  readonly address: string;
  readonly prefix?: number;
  readonly device?: string;
  readonly label?: string;
  readonly broadcast?: string;
}

/** Why an address cannot be added here. */
export type Obstacle =
  | { readonly type: "no-such-interface"; readonly device: string }
  /** No interface has an address of the same subnet, from which to learn what is not given. */
  | { readonly type: "no-subnet"; readonly address: string }
  /** The kernel takes 15 bytes, the interface's name and the colon included. */
  | { readonly type: "label-too-long"; readonly label: string };

export function resolve(
  wanted: WantedAddress,
  links: readonly Link[],
  addresses: readonly KernelAddress[],
): Result<Placement, Obstacle> {
  const link = links.find((each) => each.name === wanted.device);
  if (wanted.device !== undefined && link === undefined) {
    return fail({ type: "no-such-interface", device: wanted.device });
  }
  const candidates = link === undefined ? links.filter((each) => each.type !== "loopback") : [link];
  const subnet = narrowest(addresses.filter((each) => isSubnetOf(wanted, each, candidates)));
  const home = link ?? links.find((each) => each.index === subnet?.ifindex);
  const prefix = wanted.prefix ?? subnet?.prefix;
  if (home === undefined || prefix === undefined) {
    return fail({ type: "no-subnet", address: wanted.address });
  }
  return placed(wanted, { link: home, prefix, addresses });
}

/** A label's end is a NUL: include/uapi/linux/if.h IFNAMSIZ. */
const LONGEST_LABEL = 15;

/**
 * Whether an address that the host has shows to which subnet the wanted one belongs. Virtual IPs
 * do not: what they were given was found here, and must be found again when they have gone.
 */
function isSubnetOf(
  wanted: WantedAddress,
  address: KernelAddress,
  links: readonly Link[],
): boolean {
  if (address.family !== wanted.family || address.ours) return false;
  if (address.address === wanted.address) return false;
  if (!links.some((link) => link.index === address.ifindex)) return false;
  const own = ipBytes(address.address);
  return haveSamePrefix(ipBytes(wanted.address), own, address.prefix);
}

function haveSamePrefix(left: Uint8Array, right: Uint8Array, prefix: number): boolean {
  return left.every((byte, index) => {
    const mask = maskByte(prefix, index);
    return (byte & mask) === ((right[index] ?? 0) & mask);
  });
}

/** The most specific; of two equals that of the interface that was there first. */
function narrowest(subnets: readonly KernelAddress[]): KernelAddress | undefined {
  return subnets.toSorted((a, b) => b.prefix - a.prefix || a.ifindex - b.ifindex)[0];
}

interface Place {
  readonly link: Link;
  readonly prefix: number;
  /** All of the host. */
  readonly addresses: readonly KernelAddress[];
}

function placed(
  wanted: WantedAddress,
  { link, prefix, addresses }: Place,
): Result<Placement, Obstacle> {
  const label = wanted.label === undefined ? undefined : `${link.name}:${wanted.label}`;
  if (label !== undefined && Buffer.byteLength(label) > LONGEST_LABEL) {
    return fail({ type: "label-too-long", label });
  }
  return ok({
    family: wanted.family,
    address: wanted.address,
    prefix,
    ifindex: link.index,
    device: link.name,
    label: wanted.family === 4 ? label : undefined,
    broadcast:
      wanted.family === 4 ? (wanted.broadcast ?? broadcastOf(wanted.address, prefix)) : undefined,
    ...(wanted.family === 6 && {
      hasNeighbour: addresses.some(
        (each) => each.prefix === prefix && isSubnetOf(wanted, each, [link]),
      ),
    }),
  });
}

/** Two addresses of a /31 are both hosts (RFC 3021), and a /32 is alone. */
function broadcastOf(address: string, prefix: number): string | undefined {
  if (prefix >= 31) return undefined;
  return formatIp(ipBytes(address).map((byte, index) => byte | (0xff & ~maskByte(prefix, index))));
}

/** The byte at `index` of the mask of a prefix. */
function maskByte(prefix: number, index: number): number {
  const ones = Math.min(Math.max(prefix - index * 8, 0), 8);
  return 0xff & (0xff << (8 - ones));
}
