/**
 * The witness: a third party that gives its vote to one node of those that do not hear each other.
 *
 * What asks it is loaded only if there is one: it takes longer to load than a daemon to start.
 */
import type { Config } from "../config/index.ts";
import type { Input } from "../core/index.ts";
import type { Vote } from "./etcd/vote.ts";

export interface Witness {
  /** Asks for the vote and keeps it, or gives it back. */
  vote(want: boolean): void;
  /** The files were read anew. */
  reconfigure(config: Config): void;
  close(): void;
}

/** Before the loop begins, which then need not stand still for it: to load it takes some 70 ms. */
export async function loadWitness({ witness }: Config): Promise<void> {
  if (witness !== undefined) await import("./etcd/vote.ts");
}

export function openWitness(first: Config, post: (input: Input) => void): Witness {
  let config = first;
  let vote = open(config, post);
  let isWanted = false;
  return {
    vote(want) {
      isWanted = want;
      vote.want(want);
    },
    reconfigure(next) {
      const isSame = factsOf(next) === factsOf(config);
      config = next;
      if (isSame) return;
      // Of the former witness, or under the former name, nothing is wanted any more.
      vote.want(false);
      vote.close();
      post({ type: "witness", until: undefined, owner: undefined, fault: undefined });
      vote = open(config, post);
      vote.want(isWanted);
    },
    close() {
      vote.close();
    },
  };
}

/** All that a vote depends on. */
function factsOf({ witness, core }: Config): string {
  return JSON.stringify([witness, core.self, core.timing.keepalive, core.timing.deadtime]);
}

/** Until it is loaded, the last wish is kept. */
function open({ witness, core }: Config, post: (input: Input) => void): Vote {
  if (witness === undefined) return { want: () => undefined, close: () => undefined };
  const { self, timing } = core;
  let vote: Vote | undefined;
  let isWanted = false;
  let isClosed = false;
  const load = async (): Promise<void> => {
    const { openVote } = await import("./etcd/vote.ts");
    if (isClosed) return;
    const tell: Parameters<typeof openVote>[0]["tell"] = (verdict) => {
      if (!isClosed) post({ type: "witness", ...verdict });
    };
    const { keepalive, deadtime } = timing;
    vote = openVote({ witness, self, keepalive, deadtime, tell });
    vote.want(isWanted);
  };
  void load();
  return {
    want(next) {
      isWanted = next;
      vote?.want(next);
    },
    close() {
      isClosed = true;
      vote?.close();
    },
  };
}
