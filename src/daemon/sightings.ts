/**
 * Watches who else uses the virtual IPs, and asks the network for it when the core wants to know.
 */
import type { GroupConfig, Input, VirtualIp } from "../core/index.ts";
import type { Host } from "./host.ts";

export interface Sightings {
  /** Asks once who has these addresses. */
  probe(ips: readonly VirtualIp[]): void;
  /** The files were read anew. */
  reconfigure(groups: readonly GroupConfig[]): void;
  close(): void;
}

export function openSightings(_options: {
  readonly groups: readonly GroupConfig[];
  readonly host: Host;
  readonly post: (input: Input) => void;
}): Sightings {
  return { probe: () => undefined, reconfigure: () => undefined, close: () => undefined };
}
