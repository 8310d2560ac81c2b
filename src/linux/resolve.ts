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
  return resolverOf(links, addresses)(wanted);
}

export type Resolver = (wanted: WantedAddress) => Result<Placement, Obstacle>;

/** The same for many virtual IPs: what the host has is looked through once. */
export function resolverOf(links: readonly Link[], addresses: readonly KernelAddress[]): Resolver {
  const byName = new Map(links.map((link) => [link.name, link]));
  const subnets = subnetsOf(links, addresses);
  return (wanted) => {
    const link = wanted.device === undefined ? undefined : byName.get(wanted.device);
    if (wanted.device !== undefined && link === undefined) {
      return fail({ type: "no-such-interface", device: wanted.device });
    }
    const bytes = ipBytes(wanted.address);
    const showing = subnets.filter((subnet) => isIn(wanted, bytes, subnet));
    const subnet = showing.find((each) =>
      link === undefined ? each.link.type !== "loopback" : each.link === link,
    );
    const home = link ?? subnet?.link;
    const prefix = wanted.prefix ?? subnet?.prefix;
    if (home === undefined || prefix === undefined) {
      return fail({ type: "no-subnet", address: wanted.address });
    }
    const hasNeighbour = showing.some((each) => each.link === home && each.prefix === prefix);
    return placed(wanted, bytes, { link: home, prefix, hasNeighbour });
  };
}

/** A label's end is a NUL: include/uapi/linux/if.h IFNAMSIZ. */
const LONGEST_LABEL = 15;

/** A subnet that addresses of the host show, on one interface. */
interface Subnet {
  readonly family: 4 | 6;
  /** Of one of these addresses. */
  readonly bytes: Uint8Array;
  readonly prefix: number;
  readonly link: Link;
  /** The addresses that show it. */
  readonly by: Set<string>;
}

/**
 * What the host's own addresses show. Virtual IPs show nothing: what they were given was found here,
 * and must be found again when they have gone.
 *
 * @returns the most specific first; of two equals that of the interface that was there first
 */
function subnetsOf(links: readonly Link[], addresses: readonly KernelAddress[]): readonly Subnet[] {
  const byIndex = new Map(links.map((link) => [link.index, link]));
  const subnets = new Map<string, Subnet>();
  for (const { family, address, prefix, ifindex, ours } of addresses) {
    const link = byIndex.get(ifindex);
    if (ours || link === undefined) continue;
    const bytes = ipBytes(address);
    const name = `${ifindex} ${prefix} ${bytes.map((byte, at) => byte & maskByte(prefix, at)).join(".")}`;
    const subnet = subnets.get(name) ?? { family, bytes, prefix, link, by: new Set<string>() };
    subnet.by.add(address);
    subnets.set(name, subnet);
  }
  return [...subnets.values()].toSorted(
    (a, b) => b.prefix - a.prefix || a.link.index - b.link.index,
  );
}

/** Whether other addresses than the wanted one itself show that it is in this subnet. */
function isIn(wanted: WantedAddress, bytes: Uint8Array, subnet: Subnet): boolean {
  if (subnet.family !== wanted.family || !haveSamePrefix(bytes, subnet.bytes, subnet.prefix))
    return false;
  return subnet.by.size > (subnet.by.has(wanted.address) ? 1 : 0);
}

function haveSamePrefix(left: Uint8Array, right: Uint8Array, prefix: number): boolean {
  for (let at = 0; at * 8 < prefix; at++) {
    if ((((left[at] ?? 0) ^ (right[at] ?? 0)) & maskByte(prefix, at)) !== 0) return false;
  }
  return true;
}

interface Place {
  readonly link: Link;
  readonly prefix: number;
  readonly hasNeighbour: boolean;
}

function placed(
  wanted: WantedAddress,
  bytes: Uint8Array,
  { link, prefix, hasNeighbour }: Place,
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
    broadcast: wanted.family === 4 ? (wanted.broadcast ?? broadcastOf(bytes, prefix)) : undefined,
    ...(wanted.family === 6 && { hasNeighbour }),
  });
}

/** Two addresses of a /31 are both hosts (RFC 3021), and a /32 is alone. */
function broadcastOf(bytes: Uint8Array, prefix: number): string | undefined {
  if (prefix >= 31) return undefined;
  return formatIp(bytes.map((byte, index) => byte | (0xff & ~maskByte(prefix, index))));
}

/** The byte at `index` of the mask of a prefix. */
function maskByte(prefix: number, index: number): number {
  const ones = Math.min(Math.max(prefix - index * 8, 0), 8);
  return 0xff & (0xff << (8 - ones));
}
