/**
 * This host: which interface an address belongs to, adding, removing and announcing it.
 *
 * What a takeover needs is looked up when the kernel reports a change, and lies ready.
 */
import { isDeepStrictEqual } from "node:util";
import type { AddressFact, GroupConfig, JobOutcome, VirtualIp } from "../core/index.ts";
import type {
  KernelAddress,
  Link,
  Obstacle,
  PacketSocket,
  Placement,
  Resolver,
  Rtnetlink,
} from "../linux/index.ts";
import { isSameAddress, now, resolverOf } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import type { Adding, Addition, Done } from "./adding.ts";
import { openAdding, outcomeOf } from "./adding.ts";
import type { Announcer, Place } from "./announcer.ts";
import { openAnnouncer } from "./announcer.ts";
import type { Leases } from "./leases.ts";

export interface Host {
  /** Looks at the kernel anew. */
  look(groups: readonly GroupConfig[]): readonly AddressFact[];
  links(): readonly Link[];
  addresses(): readonly KernelAddress[];
  /** Adds and announces them, each at once. @param done - called exactly once: see adding.ts */
  add(ips: readonly VirtualIp[], done: Done): void;
  remove(ips: readonly VirtualIp[]): JobOutcome;
  /** Tells, and asks, the network: see announcer.ts. */
  readonly announcer: Pick<Announcer, "announce" | "probe" | "allowUntil" | "silence">;
  /** Where an address belongs; undefined: nowhere, or on an interface that has no such addresses. */
  placeOf(ip: VirtualIp): Place | undefined;
  /** Drops what waits to be sent to an IPv4 address until ARP has found it. */
  forgetNeighbour(ifindex: number, address: string): void;
  /** Leaves nothing that bears our mark in the kernel, and touches nothing else. */
  sweep(): void;
}

/** How the kernel's view was when it was last looked at. */
interface View {
  links: readonly Link[];
  addresses: readonly KernelAddress[];
  byAddress: ReadonlyMap<string, readonly KernelAddress[]>;
  /** By the interfaces, and by the addresses that are not ours: what `sites` depends on. */
  resolver: Resolver;
  /** Of the virtual IPs that were looked for since one of these has changed. */
  sites: WeakMap<VirtualIp, Site>;
}

/** What this host is for a virtual IP. */
interface Site {
  readonly placement: Result<Placement, Obstacle>;
  readonly place: Place | undefined;
  readonly fault: LinkFault | undefined;
}

/** Of the kernel. */
export type HostKernel = Pick<
  Rtnetlink,
  "links" | "addresses" | "removeAddresses" | "forgetNeighbour"
>;

export function openHost(
  rtnetlink: HostKernel,
  packets: Pick<PacketSocket, "sendFrames">,
  leases: Leases,
): Host {
  const view: View = {
    links: [],
    addresses: [],
    byAddress: new Map(),
    resolver: resolverOf([], []),
    sites: new WeakMap(),
  };
  const placeOf = (ip: VirtualIp): Place | undefined => siteOf(view, ip).place;
  const announcer = openAnnouncer({
    placeOf,
    send: (ifindex, frame) => void packets.sendFrames(ifindex, [frame]),
  });
  const adding = openAdding({
    put: (placements) => leases.add(placements),
    added: (ips) => announcer.first(ips),
    now,
  });
  refresh(rtnetlink, view);

  return {
    look(groups) {
      refresh(rtnetlink, view);
      leases.look(view.links);
      const facts = groups.flatMap((group) => factsOf(group, view));
      announcer.look(placesOf(groups, view), (address) => view.byAddress.has(address));
      return facts;
    },
    links: () => view.links,
    addresses: () => view.addresses,
    add: (ips, done) => addAll(adding, view, ips, done),
    remove(ips) {
      const addresses = ips.map(({ address }) => address);
      adding.forget(addresses);
      announcer.forget(addresses);
      return removeAll({ rtnetlink, leases }, view, ips);
    },
    announcer,
    placeOf,
    forgetNeighbour: (ifindex, address) => rtnetlink.forgetNeighbour(ifindex, address),
    sweep() {
      adding.forgetAll();
      // Silent first: to remove many takes a while.
      announcer.silence();
      leases.revoke();
      sweep(rtnetlink);
      leases.end();
    },
  };
}

/** What the kernel does not tell is left as it was: it tells again at the next change. */
function refresh(rtnetlink: HostKernel, view: View): void {
  const before = { links: view.links, others: othersOf(view) };
  const links = rtnetlink.links();
  const addresses = rtnetlink.addresses();
  if (links.ok) view.links = links.value;
  if (addresses.ok) {
    view.addresses = addresses.value;
    view.byAddress = Map.groupBy(addresses.value, ({ address }) => address);
  }
  const others = othersOf(view);
  const isAsBefore =
    isDeepStrictEqual(view.links, before.links) &&
    others.length === before.others.length &&
    others.every((each, index) => isSameAddress(each, before.others[index]));
  if (isAsBefore) return;
  view.resolver = resolverOf(view.links, others);
  view.sites = new WeakMap();
}

function othersOf({ addresses }: View): readonly KernelAddress[] {
  return addresses.filter(({ ours }) => !ours);
}

function siteOf(view: View, ip: VirtualIp): Site {
  const known = view.sites.get(ip);
  if (known !== undefined) return known;
  const placement = view.resolver(ip);
  const device = placement.ok ? placement.value.device : ip.device;
  const site = {
    placement,
    place: placed(view, placement),
    fault: device === undefined ? undefined : linkFault(view.links, device),
  };
  view.sites.set(ip, site);
  return site;
}

function factsOf(group: GroupConfig, view: View): AddressFact[] {
  return group.resources.flatMap((resource): AddressFact[] => {
    if (resource.type !== "address") return [];
    const { placement, place, fault } = siteOf(view, resource.ip);
    return [
      {
        group: group.name,
        resource: resource.name,
        present: presence(view, resource.ip, placement.ok ? placement.value.ifindex : undefined),
        obstacle: placement.ok ? fault?.down : sentenceOf(placement.error),
        doubt: fault?.unplugged,
        mac: place?.mac,
      },
    ];
  });
}

function placesOf(groups: readonly GroupConfig[], view: View): readonly Place[] {
  return groups.flatMap(({ resources }) =>
    resources.flatMap((resource): Place[] => {
      const place = resource.type === "address" ? siteOf(view, resource.ip).place : undefined;
      return place === undefined ? [] : [place];
    }),
  );
}

function placed({ links }: View, placement: Result<Placement, Obstacle>): Place | undefined {
  if (!placement.ok) return undefined;
  const { ifindex, family, address } = placement.value;
  const mac = links.find(({ index }) => index === ifindex)?.mac;
  return mac === undefined ? undefined : { family, address, ifindex, mac };
}

/** What keeps an interface from being of use: the operator's doing, or a cable's. */
export interface LinkFault {
  readonly down?: string;
  readonly unplugged?: string;
}

export function linkFault(links: readonly Link[], device: string): LinkFault | undefined {
  const link = links.find(({ name }) => name === device);
  if (link === undefined) return { down: `there is no interface ${device}` };
  if (!link.up) return { down: `${device} is down` };
  return link.running ? undefined : { unplugged: `${device} has no carrier` };
}

/** On another interface, such as lo, an address may be meant to be: a copy is not the address. */
function presence(view: View, ip: VirtualIp, ifindex: number | undefined): AddressFact["present"] {
  const found = (view.byAddress.get(ip.address) ?? []).filter(
    (each) => each.ours || ifindex === undefined || each.ifindex === ifindex,
  );
  if (found.length === 0) return "absent";
  return found.some(({ ours }) => ours) ? "ours" : "foreign";
}

/** Why an address cannot be added here, for the operator. */
export function sentenceOf(obstacle: Obstacle): string {
  switch (obstacle.type) {
    case "no-such-interface":
      return `there is no interface ${obstacle.device}`;
    case "no-subnet":
      return `no interface has an address in the subnet of ${obstacle.address}`;
    case "label-too-long":
      return `the label ${obstacle.label} is longer than 15 characters`;
  }
}

function addAll(adding: Adding, view: View, ips: readonly VirtualIp[], done: Done): void {
  const all: Addition[] = [];
  for (const ip of ips) {
    const { placement } = siteOf(view, ip);
    if (!placement.ok) return done({ type: "failed", reason: sentenceOf(placement.error) }, now());
    all.push({ ip, placement: placement.value });
  }
  return adding.add(all, done);
}

/** Ours wherever it is, since its interface may have been found otherwise when it was added. */
function removeAll(
  { rtnetlink, leases }: { readonly rtnetlink: HostKernel; readonly leases: Leases },
  view: View,
  ips: readonly VirtualIp[],
): JobOutcome {
  const present = rtnetlink.addresses();
  if (!present.ok)
    return { type: "failed", reason: `${present.error.call}: ${present.error.errno}` };
  const places = new Map(
    ips.map((ip) => {
      const { placement } = siteOf(view, ip);
      return [ip.address, placement.ok ? placement.value.ifindex : undefined];
    }),
  );
  const keys = present.value.filter(
    ({ address, ifindex, ours }) =>
      places.has(address) && (ours || places.get(address) === ifindex),
  );
  return outcomeOf(keys, leases.remove([...places.keys()], keys));
}

function sweep(rtnetlink: HostKernel): void {
  const present = rtnetlink.addresses();
  if (present.ok) rtnetlink.removeAddresses(present.value.filter(({ ours }) => ours));
}
