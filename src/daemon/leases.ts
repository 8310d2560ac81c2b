/**
 * The lease: by it the kernel lets this node answer for its addresses, and falls silent by itself
 * when nobody renews it.
 */
import type { LeaseKind } from "../core/index.ts";
import type { Instant, Millis } from "../std/time.ts";
import { millis } from "../std/time.ts";

export interface Leases {
  /** What the kernel has for it. */
  readonly kind: LeaseKind;
  /** Begins a lease. @returns why not, if it could not */
  grant(until: Instant): string | undefined;
  /** Prolongs one that has not run out. @returns why not, if it could not */
  renew(until: Instant): string | undefined;
  /** Ends it at once. */
  revoke(): void;
}

/** @param length - undefined: no lease is wanted */
export function openLeases(length: Millis | undefined): Leases {
  const fault = length === undefined ? "lease off" : "not there yet";
  return {
    kind: { mechanism: "none", late: millis(0), fault },
    grant: () => undefined,
    renew: () => undefined,
    revoke: () => undefined,
  };
}
