/**
 * Watches who else uses the virtual IPs, and asks the network for it when the core wants to know.
 *
 * The core is told the first sign of use after every question, and otherwise at most ten signs a
 * second for each address: whoever floods the network makes no more turns than that.
 */
import type { GroupConfig, GroupName, Input, Notice, VirtualIp } from "../core/index.ts";
import type { AddressPlace, AddressUse } from "../linux/index.ts";
import { now, openAddressWatch } from "../linux/index.ts";
import type { Instant } from "../std/time.ts";
import { elapsed, millis } from "../std/time.ts";
import type { Host } from "./host.ts";

export interface Sightings {
  /** Asks once who has these addresses. */
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

/** What is known of the use of an address. */
interface Watched {
  readonly group: GroupName;
  readonly ip: VirtualIp;
  /** A question was asked since the last sign was told. */
  isAsked: boolean;
  toldAt: Instant | undefined;
}

export function openSightings(options: SightingsOptions): Sightings {
  const { host, post, tell } = options;
  let watched = watchedOf(options.groups);
  let watching = "";
  let fault: string | undefined;

  const seen = ({ address, mac }: AddressUse): void => {
    const each = watched.get(address);
    if (each === undefined || !isNews(each, now())) return;
    // What this machine sent, and a bridge or a bond brought back.
    if (host.links().some((link) => link.mac === mac)) return;
    each.isAsked = false;
    each.toldAt = now();
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
        const each = watched.get(address);
        if (each !== undefined) each.isAsked = true;
      }
      host.announcer.probe(ips);
    },
    reconfigure(groups) {
      watched = watchedOf(groups);
      look();
    },
    kernelChanged: look,
    close: () => watch.close(),
  };
}

const TOLD_EVERY = millis(100);

function isNews({ isAsked, toldAt }: Watched, at: Instant): boolean {
  return isAsked || toldAt === undefined || elapsed(toldAt, at) >= TOLD_EVERY;
}

function watchedOf(groups: readonly GroupConfig[]): ReadonlyMap<string, Watched> {
  const all = groups.flatMap(({ name, resources }) =>
    resources.flatMap((resource): Watched[] =>
      resource.type === "address"
        ? [{ group: name, ip: resource.ip, isAsked: false, toldAt: undefined }]
        : [],
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
