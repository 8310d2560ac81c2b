/**
 * Addresses of the peers and ping nodes that the files name by host name.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { InterfaceMedium } from "../config/index.ts";
import { now } from "../linux/index.ts";

export interface Names {
  /** Asks for those that are not known yet. */
  lookUp(): void;
  addressOf(host: string): string | undefined;
}

const LOOK_UP_EVERY_MS = 2000;

/**
 * A name is looked up until it was found, and then never again: a heartbeat must not wait for a name
 * server. At boot the name server may be later than this daemon.
 */
export function resolveNames({ targets }: InterfaceMedium): Names {
  return resolveHosts(targets.flatMap((each) => (each.type === "ucast" ? [each.host] : [])));
}

/** The same for any hosts; those that are addresses stand for themselves. */
export function resolveHosts(hosts: readonly string[]): Names {
  const found = new Map<string, string>();
  const missing = new Set(hosts.filter((host) => isIP(host) === 0));
  let askedAt = Number.NEGATIVE_INFINITY;
  return {
    lookUp() {
      if (missing.size === 0 || now() - askedAt < LOOK_UP_EVERY_MS) return;
      askedAt = now();
      for (const host of missing) {
        lookup(host, 4).then(
          ({ address }) => {
            found.set(host, address);
            return missing.delete(host);
          },
          // It is asked for again.
          () => undefined,
        );
      }
    },
    addressOf: (host) => (isIP(host) === 0 ? found.get(host) : host),
  };
}
