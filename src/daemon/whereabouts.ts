/**
 * Where the peers are, by what was heard from them, and whose kernel says that no daemon listens there.
 *
 * Of a node the address counts from which its last heartbeat came. Whoever sends a recorded one again
 * from his own address is the one who refuses then: he could as well forge the refusal.
 */
import type { Input, NodeName } from "../core/index.ts";
import type { ClosedPort } from "../linux/index.ts";
import { watchClosedPorts } from "../linux/index.ts";

/** Where a daemon listens: all of them use the same port. */
export type Place = ClosedPort;

export interface Whereabouts {
  /** A signed heartbeat of a node came in on a medium. */
  heard(medium: string, node: NodeName, from: Place): void;
  /** Where these nodes were heard on a medium, as far as they were. */
  of(medium: string, nodes: readonly NodeName[]): readonly Place[];
  close(): void;
}

/** More than there may be nodes: whoever has the key can make up names. */
const PLACES_MAX = 1024;

interface Known {
  readonly node: NodeName;
  readonly place: Place;
}

/** Without the capability for raw sockets nothing is refused, and silence decides as ever. */
export function openWhereabouts(post: (input: Input) => void): Whereabouts {
  const places = new Map<string, Known>();
  const watch = watchClosedPorts((closed) => {
    const refused = new Set<NodeName>();
    for (const { node, place } of places.values()) {
      const isClosed = closed.some(
        ({ address, port }) => address === place.address && port === place.port,
      );
      if (isClosed) refused.add(node);
    }
    for (const node of refused) post({ type: "unreachable", node });
  });
  return {
    heard(medium, node, place) {
      const key = keyOf(medium, node);
      const known = places.get(key);
      if (known?.place.address === place.address && known.place.port === place.port) return;
      places.set(key, { node, place });
      const [oldest] = places.keys();
      if (places.size > PLACES_MAX && oldest !== undefined) places.delete(oldest);
    },
    of: (medium, nodes) => nodes.flatMap((node) => places.get(keyOf(medium, node))?.place ?? []),
    close() {
      if (watch.ok) watch.value();
    },
  };
}

function keyOf(medium: string, node: NodeName): string {
  return `${medium} ${node}`;
}
