/**
 * The campaign for a vote: a key in etcd that one node at a time can have, as long as it keeps its lease.
 *
 *              put                 keepAlive, every third of the lease
 *   contest ────────────▶ hold ───┐
 *     ▲  │ another has it  │ ▲    │
 *     │  ▼                 │ └────┘
 *   untilFree ◀────────────┘ gone
 *
 * At the end of it the lease is revoked, and the key is gone with it. What etcd promises for a time counts
 * from a moment before it was asked; what it does not answer is not promised. So this node never believes
 * in a vote for longer than etcd does.
 */
import type { NodeName } from "../../core/index.ts";
import { now } from "../../linux/index.ts";
import type { Instant } from "../../std/time.ts";
import { instant } from "../../std/time.ts";
import type { Failure } from "./failure.ts";
import { grantLease, keepAlive, putNew, read, revokeLease } from "./messages.ts";
import type { Ballot, Round } from "./round.ts";
import { ownerOf } from "./round.ts";

/** How much faster etcd's clock may run than ours: one part in a hundred, and what rounding costs. */
const DRIFT = 0.01;
const ROUNDING_MS = 50;

/** A lease of etcd, whether or not the key hangs on it. */
interface Lease {
  readonly id: bigint;
  readonly until: Instant;
  /** When it was granted, or renewed last. */
  readonly askedAt: Instant;
}

/** Until the round is over, and what it had is given back as well as can be. */
export async function campaign(round: Round): Promise<void> {
  let lease: Lease | undefined;
  while (!round.isOver()) {
    lease = usable(round.ballot, lease) ?? (await newLease(round));
    const outcome = lease === undefined ? "unknown" : await contest(round, lease);
    if (lease !== undefined && outcome === "won") lease = await hold(round, lease);
    else {
      if (outcome === "lost") lease = undefined;
      await untilFree(round);
    }
  }
  // Also of one that was granted too late. A put that is still under way fails without its lease.
  if (lease !== undefined) await round.ballot.etcd.ask(revokeLease(lease.id));
}

/** Asked again with the same one, a put of which nobody knows whether it came through tells. */
function usable({ seconds }: Ballot, lease: Lease | undefined): Lease | undefined {
  return lease !== undefined && now() - lease.askedAt < (seconds * 1000) / 2 ? lease : undefined;
}

async function newLease({ ballot, tell }: Round): Promise<Lease | undefined> {
  const granted = await ballot.etcd.ask(grantLease(ballot.seconds));
  if (granted.ok) {
    const { value, askedAt } = granted.value;
    return { id: value.lease, askedAt, until: untilOf(askedAt, value.seconds) };
  }
  tell({ fault: granted.error.sentence });
  return undefined;
}

/** @returns `unknown` if nobody answered: then the key may be there, with this lease */
async function contest(round: Round, lease: Lease): Promise<"won" | "lost" | "unknown"> {
  const { ballot, isOver, tell } = round;
  if (isOver()) return "unknown";
  const { key } = ballot.witness;
  const put = await ballot.etcd.ask(putNew(key, { value: ballot.value, lease: lease.id }));
  if (!put.ok) {
    tell({ fault: put.error.sentence });
    return put.error.kind === "no-lease" ? "lost" : "unknown";
  }
  const there = put.value.value;
  if (there === undefined || (there.value === ballot.value && there.lease === lease.id)) {
    tell({ until: lease.until, owner: ballot.self, fault: undefined });
    return "won";
  }
  tell({ owner: ownerOf(there), fault: undefined });
  return "lost";
}

/** @returns the lease as it was last renewed; undefined if it is gone */
async function hold(round: Round, first: Lease): Promise<Lease | undefined> {
  const { ballot, isOver, tell, pause } = round;
  let lease = first;
  let next = dueIn(ballot, lease);
  for (;;) {
    await pause(next);
    if (isOver()) return lease;
    const renewed = await renew(ballot, lease);
    switch (renewed.type) {
      case "renewed":
        lease = renewed.lease;
        next = dueIn(ballot, lease);
        tell({ until: lease.until, owner: ballot.self, fault: undefined });
        break;
      case "gone":
        tell({ owner: renewed.owner, fault: undefined });
        return undefined;
      case "unknown":
        next = ballot.everyMs;
        // Etcd may keep it for longer than it promised, and renew it when it answers again.
        tell({ ...rest(ballot, lease), fault: renewed.failure.sentence });
        // That it is over is told when it is.
        if (lease.until > now()) next = Math.min(next, Math.ceil(lease.until - now()));
    }
  }
}

function dueIn({ seconds }: Ballot, { askedAt }: Lease): number {
  return (seconds * 1000) / 3 - (now() - askedAt);
}

function rest(
  { self }: Ballot,
  { until }: Lease,
): { readonly until: Instant | undefined; readonly owner: NodeName | undefined } {
  const isOver = until <= now();
  return { until: isOver ? undefined : until, owner: isOver ? undefined : self };
}

type Renewal =
  | { readonly type: "renewed"; readonly lease: Lease }
  | { readonly type: "gone"; readonly owner: NodeName | undefined }
  | { readonly type: "unknown"; readonly failure: Failure };

/**
 * A leader of etcd that is cut off from the other members still renews leases, until it notices, and
 * its successor knows nothing of that. So the key is read afterwards, which takes a majority: if the
 * term is the same, there was no successor yet when the lease was renewed.
 */
async function renew({ etcd, witness }: Ballot, lease: Lease): Promise<Renewal> {
  const kept = await etcd.ask(keepAlive(lease.id));
  if (!kept.ok) return { type: "unknown", failure: kept.error };
  const seen = await etcd.ask(read(witness.key));
  if (!seen.ok) return { type: "unknown", failure: seen.error };
  const { seconds, term } = kept.value.value;
  const { entry, term: termAfter } = seen.value.value;
  if (seconds <= 0 || entry?.lease !== lease.id) return { type: "gone", owner: ownerOf(entry) };
  if (term !== termAfter) {
    const sentence = "the witness was electing a leader: what it says is not known to last";
    return { type: "unknown", failure: { kind: "silent", sentence } };
  }
  const { askedAt } = kept.value;
  return { type: "renewed", lease: { id: lease.id, askedAt, until: untilOf(askedAt, seconds) } };
}

/** Another node has it, or nobody can say. Ends when it may be had. */
async function untilFree({ ballot, isOver, tell, pause }: Round): Promise<void> {
  for (;;) {
    await pause(ballot.everyMs);
    if (isOver()) return;
    const seen = await ballot.etcd.ask(read(ballot.witness.key));
    if (!seen.ok) {
      tell({ fault: seen.error.sentence });
      continue;
    }
    const { entry } = seen.value.value;
    // It may be this node's, put when nobody answered any more: to put it again tells.
    if (entry === undefined || entry.value === ballot.value) return;
    tell({ owner: ownerOf(entry), fault: undefined });
  }
}

function untilOf(askedAt: Instant, seconds: number): Instant {
  return instant(askedAt + seconds * 1000 * (1 - DRIFT) - ROUNDING_MS);
}
