/**
 * What a simulated machine really has, whatever its daemon believes: addresses and running services.
 */
import type { AddressFact, CoreConfig, VirtualIp } from "../../src/core/index.ts";

export interface Kernel {
  /** By address; who added it. */
  readonly addresses: Map<string, "ours" | "foreign">;
  /** The scripted resources that run, by name. */
  readonly services: Set<string>;
  /** Set while the interface of the addresses is missing. */
  missingInterface: boolean;
}

export function newKernel(): Kernel {
  return { addresses: new Map(), services: new Set(), missingInterface: false };
}

/** @returns why not, if it could not */
export function addAddresses(kernel: Kernel, ips: readonly VirtualIp[]): string | undefined {
  if (kernel.missingInterface) return "there is no interface eth0";
  for (const { address } of ips) kernel.addresses.set(address, "ours");
  return undefined;
}

export function removeAddresses(kernel: Kernel, ips: readonly VirtualIp[]): void {
  for (const { address } of ips) kernel.addresses.delete(address);
}

/** What `understudy release` does: everything of ours goes, nothing else. */
export function release(kernel: Kernel): void {
  for (const [address, owner] of kernel.addresses) {
    if (owner === "ours") kernel.addresses.delete(address);
  }
}

/** What the daemon would find if it looked. */
export function factsOf(kernel: Kernel, config: CoreConfig): readonly AddressFact[] {
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
            },
          ],
    ),
  );
}
