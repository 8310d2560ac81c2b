/**
 * What a simulated machine really has, whatever its daemon believes: addresses, running services,
 * and the lease by which its kernel lets it answer.
 */
import type { AddressFact, CoreConfig, LeaseKind, VirtualIp } from "../../src/core/index.ts";
import type { Instant } from "../../src/std/time.ts";
import { millis } from "../../src/std/time.ts";

export interface Kernel {
  /** By address; who added it. */
  readonly addresses: Map<string, "ours" | "foreign">;
  /** Addresses for which it answers only while a lease lives. */
  readonly guarded: Set<string>;
  /** When the lease ends, in the time of the world; undefined: none was granted, or it was revoked. */
  leaseUntil: Instant | undefined;
  /** The scripted resources that run, by name. */
  readonly services: Set<string>;
  /** Set while the interface of the addresses is missing. */
  missingInterface: boolean;
  /** Set while it has no carrier: nobody reaches the node by it, nor the node anybody. */
  isUnplugged: boolean;
}

export function newKernel(): Kernel {
  return {
    addresses: new Map(),
    guarded: new Set(),
    leaseUntil: undefined,
    services: new Set(),
    missingInterface: false,
    isUnplugged: false,
  };
}

export function isLeased({ leaseUntil }: Kernel, now: Instant): boolean {
  return leaseUntil !== undefined && now < leaseUntil;
}

/** Whether a client that asks for the address is answered. */
export function answersFor(kernel: Kernel, address: string, now: Instant): boolean {
  if (!kernel.addresses.has(address)) return false;
  return !kernel.guarded.has(address) || isLeased(kernel, now);
}

/** @returns why not, if it could not */
export function addAddresses(
  kernel: Kernel,
  ips: readonly VirtualIp[],
  isGuarded: boolean,
): string | undefined {
  if (kernel.missingInterface) return "there is no interface eth0";
  for (const { address } of ips) {
    if (isGuarded) kernel.guarded.add(address);
    kernel.addresses.set(address, "ours");
  }
  return undefined;
}

export function removeAddresses(kernel: Kernel, ips: readonly VirtualIp[]): void {
  for (const { address } of ips) {
    kernel.addresses.delete(address);
    kernel.guarded.delete(address);
  }
}

/** What `understudy release` does: everything of ours goes, nothing else. */
export function release(kernel: Kernel): void {
  sweep(kernel, []);
  kernel.leaseUntil = undefined;
}

/** What a start does with what a dead daemon left: all of it goes but what is taken again. */
export function sweep(kernel: Kernel, spared: readonly string[]): void {
  for (const [address, owner] of kernel.addresses) {
    if (spared.includes(address)) continue;
    kernel.guarded.delete(address);
    if (owner === "ours") kernel.addresses.delete(address);
  }
}

/** Address lifetimes: what is not renewed is removed. @returns whether something was */
export function expire(kernel: Kernel): boolean {
  const { size } = kernel.addresses;
  for (const address of kernel.guarded) kernel.addresses.delete(address);
  return kernel.addresses.size < size;
}

/** How late a lease ends, at the worst: whole seconds, and the kernel's own 0.35 s. */
const LATE: Readonly<Record<LeaseKind["mechanism"], number>> = {
  nftables: 0,
  lifetime: 1350,
  none: 0,
};

export function kindOf(mechanism: LeaseKind["mechanism"]): LeaseKind {
  const fault = mechanism === "nftables" ? undefined : "there is no nft";
  return { mechanism, late: millis(LATE[mechanism]), fault };
}

/** What the daemon would find if it looked. */
export function factsOf(kernel: Kernel, config: CoreConfig, mac: string): readonly AddressFact[] {
  return config.groups.flatMap((group) =>
    group.resources.flatMap((resource) =>
      resource.type !== "address"
        ? []
        : [
            {
              group: group.name,
              resource: resource.name,
              present: kernel.addresses.get(resource.ip.address) ?? ("absent" as const),
              obstacle: kernel.missingInterface ? "there is no interface eth0" : undefined,
              doubt: kernel.isUnplugged ? "eth0 has no carrier" : undefined,
              mac,
            },
          ],
    ),
  );
}
