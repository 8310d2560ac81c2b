/**
 * Looks at the host when the kernel says that something has changed, or when we have changed it, and
 * tells the core what is new. That an address has been renewed changes nothing, and makes no turn.
 */
import { isDeepStrictEqual } from "node:util";
import type { AddressFact, GroupConfig, Input } from "../core/index.ts";
import type { Host } from "./host.ts";

export interface Looker {
  /** Tells what is found if it is not as it was told last. */
  look(): void;
  /**
   * Something was done that the kernel does not tell of, or that may have been undone already: looks
   * after the next turn, once for all that was done, and tells what is found in any case.
   */
  lookAnew(): void;
}

export function openLooker(
  host: Pick<Host, "look">,
  groups: () => readonly GroupConfig[],
  post: (input: Input) => void,
): Looker {
  let told: readonly AddressFact[] | undefined;
  let isDue = false;
  const look = (): void => {
    const addresses = host.look(groups());
    if (isDeepStrictEqual(addresses, told)) return;
    told = addresses;
    post({ type: "host", addresses });
  };
  return {
    look,
    lookAnew() {
      told = undefined;
      if (isDue) return;
      isDue = true;
      // What is posted by then is dealt with first: see loop.ts.
      setImmediate(() => {
        isDue = false;
        look();
      });
    },
  };
}
