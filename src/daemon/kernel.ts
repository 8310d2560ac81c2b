/**
 * The kernel at the start of a life: what the life before has left in it is taken up or removed.
 *
 * A daemon that is started again while the kernel goes on with its lease interrupts nothing: the
 * addresses of the groups that it held stay, and the lease with them. All else that bears our mark
 * goes, for nobody knows any more what it was for.
 */
import type { Config } from "../config/index.ts";
import type { Memory } from "../core/index.ts";
import type { Errno, KernelAddress, Netfilter, Rtnetlink } from "../linux/index.ts";
import { now, openNetfilter, openPacketSocket, openRtnetlink } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import { ok } from "../std/result.ts";
import type { Instant } from "../std/time.ts";
import { after, millis } from "../std/time.ts";
import type { Inheritance } from "./guard.ts";
import type { Host } from "./host.ts";
import { openHost } from "./host.ts";
import type { Leases } from "./leases.ts";
import { openLeases } from "./leases.ts";
import type { StandIn } from "./stand-in.ts";
import { openStandIn } from "./stand-in.ts";

export interface Kernel {
  readonly host: Host;
  /** For rehearsals. */
  readonly standIn: StandIn;
  readonly leases: Leases;
  /** Until when the lease of the life before goes on; undefined: nothing of it is left. */
  readonly leaseUntil: Instant | undefined;
  /** The addresses that go on answering by it. */
  readonly kept: readonly string[];
  /** The addresses that were removed. */
  readonly swept: readonly string[];
}

export function openKernel(config: Config, memory: Memory | undefined): Result<Kernel, Errno> {
  const rtnetlink = openRtnetlink();
  if (!rtnetlink.ok) return rtnetlink;
  const packets = openPacketSocket();
  if (!packets.ok) return packets;
  const netfilter = openNetfilter();
  const left = leftOf(rtnetlink.value);
  const inherited = inheritanceOf(left, netfilter, rememberedBy(config, memory));
  const links = rtnetlink.value.links();
  // Before the table is made anew: what was guarded by the old one must never answer meanwhile.
  const wanted = new Set(inherited?.addresses);
  rtnetlink.value.removeAddresses(left.filter(({ address }) => !wanted.has(address)));
  const times = { lease: config.core.lease, deadtime: config.core.timing.deadtime };
  const leases = openLeases({
    ...times,
    rtnetlink: rtnetlink.value,
    netfilter,
    links: links.ok ? links.value : [],
    inherited,
    now,
  });
  // What nothing ends by itself must not be kept.
  const isKept = inherited !== undefined && leases.kind.mechanism === "nftables";
  const [stay, go] = [
    left.filter(({ address }) => isKept && wanted.has(address)),
    left.filter(({ address }) => !isKept || !wanted.has(address)),
  ];
  if (!isKept) rtnetlink.value.removeAddresses(left.filter(({ address }) => wanted.has(address)));
  const host = openHost(rtnetlink.value, packets.value, leases);
  return ok({
    host,
    standIn: openStandIn({
      ...times,
      host,
      rtnetlink: rtnetlink.value,
      packets: packets.value,
      netfilter: openNetfilter("understudy-rehearsal"),
    }),
    leases,
    leaseUntil: isKept ? inherited.until : undefined,
    kept: stay.map(nameOf),
    swept: go.map(nameOf),
  });
}

function leftOf(rtnetlink: Rtnetlink): readonly KernelAddress[] {
  const present = rtnetlink.addresses();
  return present.ok ? present.value.filter(({ ours }) => ours) : [];
}

/** The addresses of the groups that the life before held. */
function rememberedBy({ core }: Config, memory: Memory | undefined): ReadonlySet<string> {
  const names = new Set(memory?.groups.map(({ group }) => group));
  const groups = core.lease === undefined ? [] : core.groups.filter(({ name }) => names.has(name));
  return new Set(
    groups.flatMap(({ resources }) =>
      resources.flatMap((each) => (each.type === "address" ? [each.ip.address] : [])),
    ),
  );
}

function inheritanceOf(
  present: readonly KernelAddress[],
  netfilter: Result<Netfilter, Errno>,
  remembered: ReadonlySet<string>,
): Inheritance | undefined {
  const addresses = present.map(({ address }) => address).filter((each) => remembered.has(each));
  if (addresses.length === 0 || !netfilter.ok) return undefined;
  const at = now();
  const left = netfilter.value.left();
  if (!left.ok || left.value === 0) return undefined;
  return { until: after(at, millis(left.value)), addresses };
}

function nameOf({ address, prefix }: KernelAddress): string {
  return `${address}/${prefix}`;
}
