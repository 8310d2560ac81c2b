/**
 * One node's vote: whether it is wanted, and what is told of it.
 */
import { randomBytes } from "node:crypto";
import type { WitnessConfig } from "../../config/index.ts";
import type { NodeName } from "../../core/index.ts";
import type { Millis } from "../../std/time.ts";
import { millis } from "../../std/time.ts";
import { campaign } from "./campaign.ts";
import { openEtcd } from "./client.ts";
import { read } from "./messages.ts";
import type { Ballot, Round, Verdict } from "./round.ts";
import { newRound, ownerOf } from "./round.ts";

export interface Vote {
  want(isWanted: boolean): void;
  /** Gives back what is wanted no more, as well as can be; what is, stays until etcd's lease ends. */
  close(): void;
}

export interface VoteOptions {
  readonly witness: WitnessConfig;
  readonly self: NodeName;
  readonly keepalive: Millis;
  readonly deadtime: Millis;
  /** At every change, and at every renewal. */
  readonly tell: (verdict: Verdict) => void;
}

/** In peace: whether it could be asked, and who has it. */
const CHECK_EVERY_MS = 30_000;
/** An election among etcd's members takes seconds, in which it renews nothing. */
const LEASE_SECONDS_MIN = 5;
const ASK_EVERY_MS_MIN = 500;
const ANSWER_WITHIN_MS_MAX = 2000;

/** Connects at once, so that the first wish need not wait for that. */
export function openVote(options: VoteOptions): Vote {
  const ballot = newBallot(options);
  const tell = teller(options);
  let isWanted = false;
  /** What was campaigned for last is given back when this is done. */
  let givenBack = Promise.resolve();
  let ending = new AbortController();
  const begin = (run: (round: Round) => Promise<void>): Promise<void> => {
    ending = new AbortController();
    const round = newRound(ballot, ending.signal, tell);
    return givenBack.then(() => run(round));
  };
  void begin(watch);
  return {
    want(next) {
      if (next === isWanted) return;
      isWanted = next;
      ending.abort();
      if (next) givenBack = begin(campaign);
      else {
        // Whether the other one has given it back as well is seen later.
        tell({});
        void begin(watch);
      }
    },
    close() {
      // The daemon may go on in its next life: what it has is not to be had by another before.
      if (isWanted) ballot.etcd.close();
      ending.abort();
      void givenBack.then(() => ballot.etcd.close());
    },
  };
}

function newBallot({ self, witness, keepalive, deadtime }: VoteOptions): Ballot {
  const seconds = Math.max(Math.ceil((2 * deadtime) / 1000), LEASE_SECONDS_MIN);
  const timeout = millis(Math.min((seconds * 1000) / 6, ANSWER_WITHIN_MS_MAX));
  return {
    witness,
    self,
    etcd: openEtcd(witness, timeout),
    // A former life of this node is somebody else.
    value: `${self} ${randomBytes(8).toString("hex")}`,
    seconds,
    everyMs: Math.max(keepalive, ASK_EVERY_MS_MIN),
  };
}

async function watch({ ballot, isOver, tell, pause }: Round): Promise<void> {
  while (!isOver()) {
    const seen = await ballot.etcd.ask(read(ballot.witness.key));
    if (seen.ok) tell({ owner: ownerOf(seen.value.value.entry), fault: undefined });
    else tell({ fault: seen.error.sentence });
    await pause(CHECK_EVERY_MS);
  }
}

/** What is not said of owner and fault is as it was. A renewal is a change too. */
function teller({ self, tell }: VoteOptions): (verdict: Partial<Verdict>) => void {
  let told: Verdict = { until: undefined, owner: undefined, fault: undefined };
  return (verdict) => {
    // Who has had it himself has it no more.
    const owner = told.until === undefined || told.owner !== self ? told.owner : undefined;
    const next = { ...told, until: undefined, owner, ...verdict };
    const isNews =
      next.until !== told.until || next.owner !== told.owner || next.fault !== told.fault;
    told = next;
    if (isNews) tell(next);
  };
}
