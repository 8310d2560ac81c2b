/**
 * What a rehearsal acts on in place of the host: the same code down to the kernel, and the kernel is
 * asked the same things about an interface that does not exist and a table that no packet comes to.
 */
import type {
  KernelAddress,
  Netfilter,
  PacketSocket,
  Placement,
  Rtnetlink,
} from "../linux/index.ts";
import { now, nowhere } from "../linux/index.ts";
import type { Errno } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import { ok } from "../std/result.ts";
import type { Host } from "./host.ts";
import { openHost } from "./host.ts";
import type { Leases, LeaseTimes } from "./leases.ts";
import { openLeases } from "./leases.ts";

export interface StandIn {
  readonly host: Host;
  readonly leases: Leases;
}

export interface StandInOptions extends LeaseTimes {
  /** The host itself, whose interfaces and addresses are taken for granted. */
  readonly host: Pick<Host, "links" | "addresses">;
  readonly rtnetlink: Pick<Rtnetlink, "addAddresses" | "removeAddresses" | "promote">;
  readonly packets: Pick<PacketSocket, "sendFrames">;
  /** With a table of its own. */
  readonly netfilter: Result<Netfilter, Errno>;
}

export function openStandIn({
  host,
  rtnetlink,
  packets,
  netfilter,
  ...times
}: StandInOptions): StandIn {
  const added = new Map<string, KernelAddress>();
  const kernel = {
    links: () => ok(host.links()),
    addresses: () => ok([...host.addresses(), ...added.values()]),
    addAddresses(placements, validSeconds) {
      rtnetlink.addAddresses(placements.map(moved), validSeconds);
      for (const each of placements) added.set(each.address, presentAs(each));
      return placements.map(() => ok("added" as const));
    },
    removeAddresses(keys) {
      rtnetlink.removeAddresses(keys.map(moved));
      for (const { address } of keys) added.delete(address);
      return keys.map(() => ok("removed" as const));
    },
    promote: (links) => rtnetlink.promote(links.map((link) => ({ ...link, index: nowhere }))),
    demote: () => undefined,
    forgetNeighbour: () => undefined,
  } satisfies Omit<Rtnetlink, "close">;
  const leases = openLeases({
    ...times,
    rtnetlink: kernel,
    netfilter,
    links: [],
    inherited: undefined,
    now,
  });
  const sendFrames: PacketSocket["sendFrames"] = (_, frames) => packets.sendFrames(nowhere, frames);
  // Its table is to see no packet: what comes from this host to itself is never guarded.
  const unseen: Leases = {
    ...leases,
    look: (links) => leases.look(links.map((link) => ({ ...link, type: "loopback" }))),
  };
  return { host: openHost(kernel, { sendFrames }, unseen), leases };
}

function moved<T extends { readonly ifindex: number }>(placement: T): T {
  return { ...placement, ifindex: nowhere };
}

function presentAs(placement: Placement): KernelAddress {
  const told = { tentative: false, dadFailed: false, validSeconds: undefined };
  return { ...placement, ...told, ours: true };
}
