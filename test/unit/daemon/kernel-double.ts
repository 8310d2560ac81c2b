/**
 * A kernel with a lease, for tests of those who keep it: what nftables and lifetimes do, by a clock
 * that stands still until it is told to go on.
 */
import type { Leases, LeaseTimes } from "../../../src/daemon/leases.ts";
import { openLeases } from "../../../src/daemon/leases.ts";
import type { Errno, GuardContents, Link, Netfilter, Placement } from "../../../src/linux/index.ts";
import type { Result } from "../../../src/std/result.ts";
import { fail, ok } from "../../../src/std/result.ts";
import type { Instant } from "../../../src/std/time.ts";
import { after, instant, millis } from "../../../src/std/time.ts";

export const eth0: Link = {
  index: 2,
  name: "eth0",
  up: true,
  running: true,
  mac: "02:00:00:00:00:01",
  type: "ethernet",
  partOf: undefined,
  promotes: false,
};

type Done = Result<"done", Errno>;

/** What was asked of the kernel, and what it has. */
export class KernelDouble {
  now: Instant = instant(1_000_000);
  /** Called before every system call on the lease: to stop the process there. */
  beforeCall: () => void = () => undefined;
  /** What nftables answers instead of doing it. */
  refusal: string | undefined;
  table: { addresses: Set<string>; devices: string[]; until: Instant } | undefined;
  readonly expiring: Map<string, number | undefined> = new Map();
  readonly promoted: number[] = [];
  /** How many addresses each request renewed. */
  readonly renewals: number[] = [];
  /** Every address that was asked for. */
  readonly added: Placement[] = [];
  /** What one address takes the kernel, in milliseconds. */
  slowness = 0;

  pass(ms: number): void {
    this.now = after(this.now, millis(ms));
  }

  isSilent(): boolean {
    return this.table !== undefined && this.table.until <= this.now;
  }

  leases(times: Partial<LeaseTimes> & { links?: readonly Link[]; hasNft?: boolean } = {}): Leases {
    const { links = [eth0], hasNft = true, lease = millis(900), ...rest } = times;
    return openLeases({
      deadtime: millis(1000),
      ...rest,
      lease: "lease" in times ? times.lease : lease,
      links,
      inherited: undefined,
      now: () => this.now,
      netfilter: hasNft ? ok(this.#netfilter()) : fail(errno("EPROTONOSUPPORT")),
      rtnetlink: {
        addAddresses: (placements, seconds) => this.#add(placements, seconds),
        removeAddresses: (keys) =>
          keys.map(({ address }) => ok(this.expiring.delete(address) ? "removed" : "absent")),
        promote: (some) =>
          some.filter(({ promotes }) => !promotes).map(({ index }) => this.#on(index)),
        demote: (some) => {
          for (const index of some) this.promoted.splice(this.promoted.indexOf(index), 1);
        },
      },
    });
  }

  #on(index: number): number {
    this.promoted.push(index);
    return index;
  }

  #add(placements: readonly Placement[], seconds?: number) {
    if (placements.length > 0) this.renewals.push(placements.length);
    this.added.push(...placements);
    this.pass(placements.length * this.slowness);
    for (const { address } of placements) this.expiring.set(address, seconds);
    return placements.map(() => ok("added" as const));
  }

  #netfilter(): Netfilter {
    const done: Done = ok("done");
    const withTable = (action: (table: NonNullable<KernelDouble["table"]>) => Done): Done => {
      this.beforeCall();
      if (this.refusal !== undefined) return fail(errno(this.refusal));
      return this.table === undefined ? fail(errno("ENOENT")) : action(this.table);
    };
    const build = ({ addresses, devices, leaseMs = 0 }: GuardContents) => {
      if (this.refusal !== undefined) return fail(errno(this.refusal));
      const names = devices.map(({ name }) => name);
      const until = after(this.now, millis(leaseMs));
      this.table = { addresses: new Set(addresses), devices: names, until };
      return ok({ canOwn: true, hasEgress: true });
    };
    const put = (table: NonNullable<KernelDouble["table"]>, ms: number): Done => {
      table.until = after(this.now, millis(ms));
      return done;
    };
    return {
      build,
      tryBuild: build,
      guard: (more) =>
        withTable((table) => {
          for (const address of more) table.addresses.add(address);
          return done;
        }),
      unguard: (gone) =>
        withTable((table) => {
          for (const address of gone) table.addresses.delete(address);
          return done;
        }),
      guardDevice: ({ name }) => withTable((table) => (table.devices.push(name), done)),
      unguardDevice: ({ name }) =>
        void withTable((table) => (table.devices.splice(table.devices.indexOf(name), 1), done)),
      grant: (ms) => withTable((table) => put(table, ms)),
      renew: (ms) =>
        withTable((table) => (table.until <= this.now ? fail(errno("ENOENT")) : put(table, ms))),
      revoke: () => withTable((table) => put(table, 0)),
      left: () =>
        this.table === undefined
          ? fail(errno("ENOENT"))
          : ok(Math.max(0, Math.floor(this.table.until - this.now))),
      remove: () => {
        this.table = undefined;
        return done;
      },
      close: () => undefined,
    };
  }
}

function errno(name: string): Errno {
  return { call: "nftables", errno: name };
}

export function placement(address: string): Placement {
  return {
    family: address.includes(":") ? 6 : 4,
    address,
    prefix: 24,
    ifindex: 2,
    device: "eth0",
    label: undefined,
    broadcast: undefined,
  };
}
