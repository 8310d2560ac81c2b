/**
 * The table by which the kernel keeps this node silent: `table netdev understudy`.
 *
 * It has three sets. `guarded4` and `guarded6` are the virtual IPs that this node has. `lease` has
 * the three ether types by which an address answers, each with the same timeout: while they are in
 * it everything passes, and without them nothing to or from a guarded address does. So a renewal
 * costs the same for one address and for a thousand, and when it does not come the kernel acts
 * alone. Nothing but guarded addresses is ever dropped.
 *
 * Every interface has a chain for each direction; all of them go through the same rules:
 *
 *     lease alive? accept -> ARP, IP, neighbour discovery of a guarded address? drop
 *
 * Out of the interface too, since a service goes on speaking from its address, and whatever
 * announces it (a daemon that thaws) must not be heard.
 */
import { ipBytes } from "./ip-text.ts";
import type { Link } from "./link.ts";
import type { Request } from "./netlink.ts";
import { bytesAt, counted, equals, isIn, meta, verdict } from "./nftables-rule.ts";
import type { Name } from "./nftables.ts";
import {
  addElements,
  deleteAllElements,
  deleteChain,
  deleteElements,
  deleteTable,
  elementDump,
  newChain,
  newRule,
  newSet,
  newTable,
} from "./nftables.ts";

/** An interface whose packets are guarded. */
export interface GuardedDevice {
  readonly index: number;
  readonly name: string;
}

/**
 * Every interface on which this node may be reached: an address answers on all of them, not only on
 * its own (Documentation/networking/ip-sysctl, arp_ignore). What comes in by a part of a bridge or a
 * bond comes in by the whole again, and what only passes through must pass.
 */
export function guardedDevices(links: readonly Link[]): readonly GuardedDevice[] {
  return links
    .filter(({ type, partOf }) => type !== "loopback" && (partOf === undefined || partOf === "vrf"))
    .map(({ index, name }) => ({ index, name }));
}

/** What a kernel can do of it. */
export interface GuardAbility {
  /** The table can be ours alone: see NFT_TABLE_F_OWNER. */
  readonly canOwn: boolean;
  /** What leaves an interface can be filtered (Linux 5.16). */
  readonly hasEgress: boolean;
}

export interface GuardContents {
  readonly devices: readonly GuardedDevice[];
  readonly addresses: readonly string[];
  /** For how long they may answer from now on, above 0. Undefined: they are silent. */
  readonly leaseMs: number | undefined;
}

/** What is asked of the kernel for one such table. */
export interface GuardRequests {
  /**
   * Makes the table anew with all that is in it. Carried out as one batch there is no moment without
   * it, and nothing of an older one, of whatever version, is left.
   *
   * @param flags - of the table
   */
  table(contents: GuardContents, ability: GuardAbility, flags: number): readonly Request[];
  /** Whether it is there or not. */
  removedTable(): readonly Request[];
  guardDevice(device: GuardedDevice, hasEgress: boolean): readonly Request[];
  /** One by one: on kernels older than 6.16 a chain goes with its interface, and is not there. */
  unguardDevice(device: GuardedDevice): readonly Request[];
  guardAddresses(addresses: readonly string[]): readonly Request[];
  /** Fails with ENOENT, and changes nothing, if one of them is not guarded. */
  unguardAddresses(addresses: readonly string[]): readonly Request[];
  /** @param ms - above 0 */
  grantLease(ms: number): readonly Request[];
  /**
   * Fails with ENOENT, and changes nothing, if the lease has run out: what the kernel has silenced
   * stays silent until a lease is granted.
   *
   * @param ms - above 0
   */
  renewLease(ms: number): readonly Request[];
  revokeLease(): readonly Request[];
  leaseDump(): Request;
}

/** @param table - its name */
export function guardRequests(table: string): GuardRequests {
  const named = (name: string): Name => ({ table, name });
  const [lease, guarded4, guarded6] = [named("lease"), named("guarded4"), named("guarded6")];
  const byFamily = (addresses: readonly string[]): readonly (readonly [Name, Uint8Array[]])[] => {
    const all = addresses.map(ipBytes);
    const of = (length: number): Uint8Array[] => all.filter((bytes) => bytes.length === length);
    return [...parts(guarded4, of(4)), ...parts(guarded6, of(16))];
  };
  const requests: GuardRequests = {
    table: (contents, { hasEgress }, flags) => [
      ...requests.removedTable(),
      newTable(table, flags),
      newSet(lease, "ether_type", true),
      newSet(guarded4, "ipv4_addr", false),
      newSet(guarded6, "ipv6_addr", false),
      newChain(named("arriving")),
      ...arrivingRules().map((rule) => newRule(named("arriving"), rule)),
      newChain(named("leaving")),
      ...leavingRules().map((rule) => newRule(named("leaving"), rule)),
      ...contents.devices.flatMap((device) => requests.guardDevice(device, hasEgress)),
      ...requests.guardAddresses(contents.addresses),
      ...(contents.leaseMs === undefined ? [] : [addElements(lease, etherTypes, contents.leaseMs)]),
    ],
    removedTable: () => [newTable(table), deleteTable(table)],
    guardDevice: (device, hasEgress) => [
      ...hooked(named(`ingress-${device.index}`), device, { at: "ingress", to: "arriving" }),
      ...(hasEgress
        ? hooked(named(`egress-${device.index}`), device, { at: "egress", to: "leaving" })
        : []),
    ],
    unguardDevice: ({ index }) => [
      deleteChain(named(`ingress-${index}`)),
      deleteChain(named(`egress-${index}`)),
    ],
    guardAddresses: (addresses) => byFamily(addresses).map(([set, keys]) => addElements(set, keys)),
    unguardAddresses: (addresses) =>
      byFamily(addresses).map(([set, keys]) => deleteElements(set, keys)),
    grantLease: (ms) => [deleteAllElements(lease), addElements(lease, etherTypes, ms)],
    renewLease: (ms) => [deleteElements(lease, etherTypes), addElements(lease, etherTypes, ms)],
    revokeLease: () => [deleteAllElements(lease)],
    leaseDump: () => elementDump(lease),
  };
  return requests;
}

/** Below every priority that nft(8) has a name for. */
const BEFORE_OTHERS = -500;
/** A list of elements is an attribute, of at most 64 KiB. */
const MOST_ELEMENTS = 1000;

/** include/uapi/linux/if_ether.h ETH_P_IP, ETH_P_ARP, ETH_P_IPV6. */
const IP = [0x08, 0x00] as const;
const ARP = [0x08, 0x06] as const;
const IP6 = [0x86, 0xdd] as const;
const etherTypes = [IP, ARP, IP6].map((type) => Uint8Array.from(type));

/** include/uapi/linux/in6.h IPPROTO_ICMPV6. */
const ICMPV6 = 58;
/** RFC 4861 §4.3, §4.4: both have the target 8 bytes behind their beginning. */
const NEIGHBOUR_SOLICITATION = 135;
const NEIGHBOUR_ADVERTISEMENT = 136;

function hooked(
  base: Name,
  { name: device }: GuardedDevice,
  { at, to }: { readonly at: "ingress" | "egress"; readonly to: string },
): readonly Request[] {
  return [
    newChain(base, { at, device, priority: BEFORE_OTHERS }),
    newRule(base, [verdict({ jump: to })]),
  ];
}

const unlessSilent = [meta("protocol"), isIn("lease"), verdict("accept")];
const silence = [counted(), verdict("drop")];

/** Whoever asks for a guarded address, or speaks to it. */
function arrivingRules(): readonly (readonly Uint8Array[])[] {
  return [
    unlessSilent,
    [...ipv4Arp(24), isIn("guarded4"), ...silence],
    [meta("protocol"), equals(...IP), bytesAt("network", 16, 4), isIn("guarded4"), ...silence],
    [meta("protocol"), equals(...IP6), bytesAt("network", 24, 16), isIn("guarded6"), ...silence],
    [...neighbour(NEIGHBOUR_SOLICITATION), isIn("guarded6"), ...silence],
  ];
}

/** Whatever speaks from a guarded address, or says who has it. */
function leavingRules(): readonly (readonly Uint8Array[])[] {
  return [
    unlessSilent,
    [...ipv4Arp(14), isIn("guarded4"), ...silence],
    [meta("protocol"), equals(...IP), bytesAt("network", 12, 4), isIn("guarded4"), ...silence],
    [meta("protocol"), equals(...IP6), bytesAt("network", 8, 16), isIn("guarded6"), ...silence],
    [...neighbour(NEIGHBOUR_ADVERTISEMENT), isIn("guarded6"), ...silence],
  ];
}

/** Loads an address of an ARP packet for IPv4 over Ethernet: the sender's is at 14, the target's 24. */
function ipv4Arp(offset: 14 | 24): readonly Uint8Array[] {
  const lengths = [bytesAt("network", 2, 4), equals(...IP, 6, 4)];
  return [meta("protocol"), equals(...ARP), ...lengths, bytesAt("network", offset, 4)];
}

/** Loads the target of a neighbour solicitation or advertisement. */
function neighbour(type: number): readonly Uint8Array[] {
  return [
    meta("protocol"),
    equals(...IP6),
    meta("l4proto"),
    equals(ICMPV6),
    bytesAt("transport", 0, 1),
    equals(type),
    bytesAt("transport", 8, 16),
  ];
}

function parts(set: Name, keys: readonly Uint8Array[]): readonly (readonly [Name, Uint8Array[]])[] {
  const count = Math.ceil(keys.length / MOST_ELEMENTS);
  return Array.from({ length: count }, (_, part) => [
    set,
    keys.slice(part * MOST_ELEMENTS, (part + 1) * MOST_ELEMENTS),
  ]);
}
