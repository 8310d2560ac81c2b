import type { Peer } from "./peer.ts";
import { stanceOf } from "./peer.ts";
import type { Turn } from "./turn.ts";

/** Remembers who claims what: when a claim ends, the taker wants to know since when. */
export function noteClaims(turn: Turn, peer: Peer): void {
  const { now, groups } = turn.state;
  const claims = new Map(peer.claims.map((claim) => [claim.group, claim]));
  for (const group of groups.values()) {
    const claim = claims.get(group.config.name);
    const { seen } = group;
    if (claim !== undefined) {
      if (claim.term > group.term) group.term = claim.term;
      group.wasOurs = false;
      const isGoing = claim.at === "stopping" || claim.at === "stuck";
      // Who claims it and refuses it cannot be reached there: nobody is served from then on.
      const ending = isGoing || stanceOf(peer, group.config.name)?.at === "refuses";
      if (ending && seen?.holder === peer.name && seen.ending) continue;
      group.seen = { holder: peer.name, pinned: claim.pinned, lastAt: now, ending };
    } else if (seen?.holder === peer.name && !seen.ending) {
      group.seen = { ...seen, lastAt: now, ending: true };
    }
  }
}
