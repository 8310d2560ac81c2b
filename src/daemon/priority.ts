/**
 * Whether the daemon goes before ordinary programs, as ha.cf says of `realtime` and `rtprio`.
 */
import type { Config } from "../config/index.ts";
import type { Notice } from "../core/index.ts";
import type { Errno } from "../linux/index.ts";
import { goFirst, goOrdinary, goRealtime, lockProgram } from "../linux/index.ts";

type Realtime = Config["duties"]["realtime"];

export interface Priority {
  reconfigure(realtime: Realtime): void;
}

/** Is as it was when nothing is said: of a daemon that starts, ordinary. */
export function openPriority(first: Realtime, tell: (notice: Notice) => void): Priority {
  let current: Realtime;
  // One change after the other: each takes a moment.
  let changed = Promise.resolve();
  const change = (next: Realtime): void => {
    if (current?.priority === next?.priority) return;
    current = next;
    changed = changed.then(() =>
      next === undefined ? goOrdinary() : goBefore(next.priority, tell),
    );
  };
  change(first);
  return { reconfigure: change };
}

async function goBefore(priority: number, tell: (notice: Notice) => void): Promise<void> {
  const refused = await goRealtime(priority);
  if (refused !== undefined) {
    const isFirst = (await goFirst()) === undefined;
    const instead = isFirst ? "before ordinary programs (nice -20)" : "as they do";
    tell({ code: "realtime-refused", reason: reasonOf(refused), instead });
  }
  const unlocked = lockProgram();
  if (unlocked !== undefined) tell({ code: "memory-unlocked", reason: reasonOf(unlocked) });
}

function reasonOf({ call, errno }: Errno): string {
  return `${call}: ${errno}`;
}
