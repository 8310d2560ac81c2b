/**
 * Looks at the host when the kernel says that something has changed, and tells the core what is new.
 * That an address has been renewed changes nothing, and makes no turn.
 */
import { isDeepStrictEqual } from "node:util";
import type { AddressFact, GroupConfig, Input } from "../core/index.ts";
import type { Host } from "./host.ts";

export interface Looker {
  /** Tells what is found if it is not as it was told last. */
  look(): void;
  /** What is found next is told in any case: something was done that may not have shown. */
  forget(): void;
}

export function openLooker(
  host: Pick<Host, "look">,
  groups: () => readonly GroupConfig[],
  post: (input: Input) => void,
): Looker {
  let told: readonly AddressFact[] | undefined;
  return {
    look() {
      const addresses = host.look(groups());
      if (isDeepStrictEqual(addresses, told)) return;
      told = addresses;
      post({ type: "host", addresses });
    },
    forget() {
      told = undefined;
    },
  };
}
