/**
 * Watches who else uses the virtual IPs, and asks the network for it when the core wants to know.
 *
 * The core is told the first sign of use that each machine gives after every question, and otherwise
 * so much that a flood makes few turns: see sighting-limit.ts.
 */
import type { GroupConfig, GroupName, Input, Notice, VirtualIp } from "../core/index.ts";
import type { AddressPlace, AddressUse } from "../linux/index.ts";
import { now, openAddressWatch } from "../linux/index.ts";
import type { Host } from "./host.ts";
import { newSightingLimit, noteQuestion, takeSighting } from "./sighting-limit.ts";

export interface Sightings {
  /** Asks once who has these addresses: the question has left when this returns. */
  probe(ips: readonly VirtualIp[]): void;
  /** The files were read anew. */
  reconfigure(groups: readonly GroupConfig[]): void;
  /** Interfaces or addresses have changed, and the host has looked at them. */
  kernelChanged(): void;
  close(): void;
}

export interface SightingsOptions {
  readonly groups: readonly GroupConfig[];
  readonly host: Pick<Host, "announcer" | "links" | "placeOf">;
  readonly post: (input: Input) => void;
  readonly tell: (notice: Notice) => void;
}

interface Watched {
  readonly group: GroupName;
  readonly ip: VirtualIp;
}

export function openSightings(options: SightingsOptions): Sightings {
  const { host, post, tell } = options;
  let watched = watchedOf(options.groups);
  let limit = newSightingLimit();
  let watching = "";
  let fault: string | undefined;

  const seen = ({ address, mac }: AddressUse): void => {
    const each = watched.get(address);
    if (each === undefined) return;
    // What this machine sent, and a bridge or a bond brought back.
    if (host.links().some((link) => link.mac === mac)) return;
    if (!takeSighting(limit, { address, mac }, now())) return;
    post({ type: "sighting", group: each.group, mac });
  };
  const watch = openAddressWatch(seen);
  const look = (): void => {
    const places = placesOf([...watched.values()], host);
    const wanted = JSON.stringify(places);
    if (wanted === watching) return;
    const listening = watch.watch(places);
    watching = listening.ok ? wanted : "";
    const reason = listening.ok ? undefined : `${listening.error.call}: ${listening.error.errno}`;
    if (reason !== undefined && reason !== fault) {
      tell({ code: "socket-refused", purpose: "to see who else uses an address", reason });
    }
    fault = reason;
  };

  look();
  return {
    probe(ips) {
      // What the kernel refused it may give a moment later.
      if (fault !== undefined) look();
      for (const { address } of ips) {
        if (watched.has(address)) noteQuestion(limit, address);
      }
      host.announcer.probe(ips);
    },
    reconfigure(groups) {
      watched = watchedOf(groups);
      limit = newSightingLimit();
      look();
    },
    kernelChanged: look,
    close: () => watch.close(),
  };
}

function watchedOf(groups: readonly GroupConfig[]): ReadonlyMap<string, Watched> {
  const all = groups.flatMap(({ name, resources }) =>
    resources.flatMap((resource): Watched[] =>
      resource.type === "address" ? [{ group: name, ip: resource.ip }] : [],
    ),
  );
  return new Map(all.map((each) => [each.ip.address, each]));
}

function placesOf(
  all: readonly Watched[],
  host: SightingsOptions["host"],
): readonly AddressPlace[] {
  return all.flatMap(({ ip }) => {
    const place = host.placeOf(ip);
    if (place === undefined) return [];
    const { family, address, ifindex } = place;
    return [{ family, address, ifindex }];
  });
}
