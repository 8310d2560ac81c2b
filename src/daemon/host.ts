/**
 * This host: which interface an address belongs to, adding, removing and announcing it.
 *
 * What a takeover needs is looked up when the kernel reports a change, and lies ready.
 */
import type { AddressFact, GroupConfig, JobOutcome, VirtualIp } from "../core/index.ts";
import type {
  KernelAddress,
  Link,
  Obstacle,
  PacketSocket,
  Placement,
  Rtnetlink,
} from "../linux/index.ts";
import { resolve } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import type { Announcer, Place } from "./announcer.ts";
import { openAnnouncer } from "./announcer.ts";
import type { Leases } from "./leases.ts";

export interface Host {
  /** Looks at the kernel anew. */
  look(groups: readonly GroupConfig[]): readonly AddressFact[];
  links(): readonly Link[];
  addresses(): readonly KernelAddress[];
  /** Whether an address was there when it was looked last, and was the same but for its lifetime. */
  knows(address: KernelAddress): boolean;
  add(ips: readonly VirtualIp[]): JobOutcome;
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
  /** What tells them from others, and from what they may become. */
  known: ReadonlySet<string>;
  /** Of the virtual IPs that were looked for, by address. */
  places: Map<string, Place>;
}

export function openHost(rtnetlink: Rtnetlink, packets: PacketSocket, leases: Leases): Host {
  const view: View = { links: [], addresses: [], known: new Set(), places: new Map() };
  const placeOf = (ip: VirtualIp): Place | undefined =>
    view.places.get(ip.address) ?? placed(view, resolve(ip, view.links, view.addresses));
  const announcer = openAnnouncer({
    placeOf,
    send: (ifindex, frame) => void packets.sendFrames(ifindex, [frame]),
  });
  refresh(rtnetlink, view);

  return {
    look(groups) {
      refresh(rtnetlink, view);
      leases.look(view.links);
      view.places = new Map();
      const facts = groups.flatMap((group) => factsOf(group, view));
      const present = new Set(view.addresses.map(({ address }) => address));
      announcer.look([...view.places.values()], (address) => present.has(address));
      return facts;
    },
    links: () => view.links,
    addresses: () => view.addresses,
    knows: (address) => view.known.has(identity(address)),
    add: (ips) => addAll(leases, view, ips),
    remove(ips) {
      announcer.forget(ips.map(({ address }) => address));
      return removeAll({ rtnetlink, leases }, view, ips);
    },
    announcer,
    placeOf,
    forgetNeighbour: (ifindex, address) => rtnetlink.forgetNeighbour(ifindex, address),
    sweep() {
      // Silent first: to remove many takes a while.
      announcer.silence();
      leases.revoke();
      sweep(rtnetlink);
      leases.end();
    },
  };
}

/** What the kernel does not tell is left as it was: it tells again at the next change. */
function refresh(rtnetlink: Rtnetlink, view: View): void {
  const links = rtnetlink.links();
  const addresses = rtnetlink.addresses();
  if (links.ok) view.links = links.value;
  if (!addresses.ok) return;
  view.addresses = addresses.value;
  view.known = new Set(addresses.value.map(identity));
}

function identity(address: KernelAddress): string {
  return JSON.stringify({ ...address, validSeconds: undefined });
}

function factsOf(group: GroupConfig, view: View): AddressFact[] {
  return group.resources.flatMap((resource): AddressFact[] => {
    if (resource.type !== "address") return [];
    const placement = resolve(resource.ip, view.links, view.addresses);
    const device = placement.ok ? placement.value.device : resource.ip.device;
    const fault = device === undefined ? undefined : linkFault(view.links, device);
    const place = placed(view, placement);
    if (place !== undefined) view.places.set(place.address, place);
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
  const found = view.addresses.filter(
    (each) =>
      each.address === ip.address &&
      (each.ours || ifindex === undefined || each.ifindex === ifindex),
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

function addAll(leases: Leases, view: View, ips: readonly VirtualIp[]): JobOutcome {
  const placements: Placement[] = [];
  for (const ip of ips) {
    const placement = resolve(ip, view.links, view.addresses);
    if (!placement.ok) return { type: "failed", reason: sentenceOf(placement.error) };
    placements.push(placement.value);
  }
  return outcomeOf(ips, leases.add(placements));
}

function outcomeOf(
  ips: readonly VirtualIp[],
  results: readonly Result<string, { readonly call: string; readonly errno: string }>[],
): JobOutcome {
  const index = results.findIndex(({ ok }) => !ok);
  const failed = results[index];
  if (failed === undefined || failed.ok) return { type: "succeeded" };
  const { call, errno } = failed.error;
  return { type: "failed", reason: `${ips[index]?.address ?? "an address"}: ${call}: ${errno}` };
}

/** Ours wherever it is, since its interface may have been found otherwise when it was added. */
function removeAll(
  { rtnetlink, leases }: { readonly rtnetlink: Rtnetlink; readonly leases: Leases },
  view: View,
  ips: readonly VirtualIp[],
): JobOutcome {
  const present = rtnetlink.addresses();
  if (!present.ok)
    return { type: "failed", reason: `${present.error.call}: ${present.error.errno}` };
  const places = new Map(
    ips.map((ip) => {
      const placement = resolve(ip, view.links, view.addresses);
      return [ip.address, placement.ok ? placement.value.ifindex : undefined];
    }),
  );
  const keys = present.value.filter(
    ({ address, ifindex, ours }) =>
      places.has(address) && (ours || places.get(address) === ifindex),
  );
  return outcomeOf(ips, leases.remove([...places.keys()], keys));
}

function sweep(rtnetlink: Rtnetlink): void {
  const present = rtnetlink.addresses();
  if (present.ok) rtnetlink.removeAddresses(present.value.filter(({ ours }) => ours));
}
