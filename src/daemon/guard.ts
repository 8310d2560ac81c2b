/**
 * The first fence: the table of linux/nftables-guard.ts, with what it has to have. Should anybody
 * remove it, it is there again with the next renewal.
 */
import type { Errno, GuardAbility, GuardedDevice, Link, Netfilter } from "../linux/index.ts";
import { guardedDevices } from "../linux/index.ts";
import type { Result } from "../std/result.ts";
import type { Instant } from "../std/time.ts";

export interface Guard {
  readonly links: readonly Link[];
  /** Makes the table, with what it is to have. @param until - of a lease that it is not to interrupt */
  begin(until?: Instant): Result<GuardAbility, Errno>;
  /** Removes it. */
  end(): void;
  /** @returns why not, if it could not */
  grant(until: Instant): string | undefined;
  /** @returns why not, if it could not */
  renew(until: Instant): string | undefined;
  revoke(): void;
  /** Before they are added. @returns why they must not be, if so */
  add(addresses: readonly string[]): Errno | undefined;
  /** After they were removed. */
  remove(addresses: readonly string[]): void;
  look(links: readonly Link[]): void;
}

export interface GuardOptions {
  readonly netfilter: Result<Netfilter, Errno>;
  readonly links: readonly Link[];
  /** What the life before has left, and is not to be interrupted. */
  readonly inherited: Inheritance | undefined;
  readonly now: () => Instant;
}

/** A lease that goes on though the daemon that was given it has ended. */
export interface Inheritance {
  readonly until: Instant;
  readonly addresses: readonly string[];
}

export const RAN_OUT = "the lease had run out";

export function openGuard(options: GuardOptions): Guard {
  const table: Table = {
    netfilter: options.netfilter,
    now: options.now,
    addresses: new Set(options.inherited?.addresses),
    links: options.links,
    devices: guardedDevices(options.links),
    unguarded: [],
    ability: undefined,
    until: options.inherited?.until,
  };
  return {
    get links() {
      return table.links;
    },
    begin(next) {
      table.until = next ?? table.until;
      return build(table);
    },
    end() {
      table.ability = undefined;
      table.until = undefined;
      if (table.netfilter.ok) table.netfilter.value.remove();
    },
    grant: (next) => put(table, "grant", next),
    renew: (next) => put(table, "renew", next),
    revoke() {
      table.until = undefined;
      if (table.ability !== undefined && table.netfilter.ok) table.netfilter.value.revoke();
    },
    add: (more) => add(table, more),
    remove(gone) {
      const known = gone.filter((address) => table.addresses.delete(address));
      const { netfilter, ability } = table;
      if (netfilter.ok && ability !== undefined && known.length > 0) netfilter.value.unguard(known);
    },
    look: (next) => look(table, next),
  };
}

interface Table extends Pick<GuardOptions, "netfilter" | "now"> {
  readonly addresses: Set<string>;
  links: readonly Link[];
  devices: readonly GuardedDevice[];
  /** Those of them that the kernel has refused to guard: it is asked again. */
  unguarded: readonly GuardedDevice[];
  /** Undefined: there is no table. */
  ability: GuardAbility | undefined;
  /** Of the lease in it. */
  until: Instant | undefined;
}

/** With its lease until that ends, never beyond: what has run out is not begun again by this. */
function build(table: Table): Result<GuardAbility, Errno> {
  const { netfilter, devices, addresses, until, now } = table;
  if (!netfilter.ok) return netfilter;
  const left = until === undefined ? 0 : Math.floor(until - now());
  const leaseMs = left > 0 ? left : undefined;
  const built = netfilter.value.build({ devices, addresses: [...addresses], leaseMs });
  table.ability = built.ok ? built.value : undefined;
  if (built.ok) table.unguarded = [];
  return built;
}

/** Whether somebody had removed the table, and it is there again. */
function isMended(table: Table, netfilter: Netfilter): boolean {
  const left = netfilter.left();
  return !left.ok && left.error.errno === "ENOENT" && build(table).ok;
}

function put(table: Table, how: "grant" | "renew", next: Instant): string | undefined {
  const { netfilter, now } = table;
  if (!netfilter.ok) return sentence(netfilter.error);
  const tell = (): Result<unknown, Errno> => {
    const ms = Math.floor(next - now());
    return ms > 0 ? netfilter.value[how](ms) : tooLate;
  };
  let done = tell();
  if (!done.ok && done.error.errno === "ENOENT" && isMended(table, netfilter.value)) done = tell();
  if (!done.ok) return done.error.errno === "ENOENT" ? RAN_OUT : sentence(done.error);
  table.until = next;
  guardDevices(table, table.unguarded);
  return undefined;
}

function add(table: Table, more: readonly string[]): Errno | undefined {
  const { netfilter, ability, addresses } = table;
  const fresh = more.filter((address) => !addresses.has(address));
  for (const address of fresh) addresses.add(address);
  if (!netfilter.ok || ability === undefined || fresh.length === 0) return undefined;
  const done = netfilter.value.guard(fresh);
  if (done.ok || isMended(table, netfilter.value)) return undefined;
  for (const address of fresh) addresses.delete(address);
  return done.error;
}

function look(table: Table, links: readonly Link[]): void {
  const { netfilter, ability, devices: before } = table;
  const devices = guardedDevices(links);
  Object.assign(table, { links, devices });
  if (!netfilter.ok || ability === undefined) return;
  for (const device of missing(devices, before)) netfilter.value.unguardDevice(device);
  const refused = table.unguarded.filter((device) => missing(devices, [device]).length === 0);
  guardDevices(table, [...refused, ...missing(before, devices)]);
}

/** What the kernel refuses now it may take at the next look, or at the next renewal. */
function guardDevices(table: Table, devices: readonly GuardedDevice[]): void {
  const { netfilter, ability } = table;
  if (!netfilter.ok || ability === undefined) return;
  table.unguarded = devices.filter((device) => !netfilter.value.guardDevice(device, ability).ok);
}

const tooLate: Result<never, Errno> = { ok: false, error: { call: "nftables", errno: "ENOENT" } };

/** Those of `wanted` that are not among `all`: one that was renamed is another one. */
function missing(
  all: readonly GuardedDevice[],
  wanted: readonly GuardedDevice[],
): readonly GuardedDevice[] {
  return wanted.filter(
    ({ index, name }) => !all.some((each) => each.index === index && each.name === name),
  );
}

function sentence({ call, errno }: Errno): string {
  return `${call}: ${errno}`;
}
