/**
 * What a lease is worth on this host, as data and in words: for the log and for `understudy check`.
 */
import type { CoreConfig, LeaseKind } from "../core/index.ts";
import type { Millis } from "../std/time.ts";
import { millis } from "../std/time.ts";

/** What ha.cf asked for. */
export const noLease: LeaseKind = {
  mechanism: "none",
  late: millis(0),
  fault: "ha.cf has switched it off",
};

/** @param nftables - what the kernel can do of it, or why nothing */
export function leaseKind(
  nftables: { readonly hasEgress: boolean } | { readonly fault: string },
): LeaseKind {
  if ("fault" in nftables) {
    return {
      mechanism: "lifetime",
      late: LIFETIME_LATE,
      fault: `not by nftables: ${nftables.fault}`,
    };
  }
  const fault = nftables.hasEgress ? undefined : noEgress;
  return { mechanism: "nftables", late: NFTABLES_LATE, fault };
}

export interface LeaseBound {
  /** How long this node may go on answering when its daemon has stopped. Undefined: for ever. */
  readonly silentMs: number | undefined;
  /** When a peer takes over at the earliest, from the same moment. */
  readonly takenMs: number;
  /** For how long two may answer: 0 is never. Undefined: until somebody ends it. */
  readonly bothMs: number | undefined;
}

export function leaseBound(
  { mechanism, late }: LeaseKind,
  { lease, timing }: Pick<CoreConfig, "lease" | "timing">,
): LeaseBound {
  const takenMs = timing.deadtime;
  if (mechanism === "none" || lease === undefined) {
    return { silentMs: undefined, takenMs, bothMs: undefined };
  }
  const silentMs = Math.ceil(lease + late);
  return { silentMs, takenMs, bothMs: Math.max(0, silentMs - takenMs) };
}

/** A sentence or two: what does it, how long it is, and for how long two may answer. */
export function leaseText(kind: LeaseKind, config: Pick<CoreConfig, "lease" | "timing">): string {
  const { silentMs, takenMs, bothMs } = leaseBound(kind, config);
  if (silentMs === undefined) {
    return (
      `no lease${because(kind)}: if this daemon is frozen or cut off, this node goes on answering, ` +
      `and its peer takes over after ${takenMs} ms: two answer until one of them is stopped`
    );
  }
  const both = bothMs === 0 ? "never do two answer" : `two may answer for ${bothMs} ms`;
  return (
    `a lease of ${config.lease} ms by ${names[kind.mechanism]}${because(kind)}, renewed every ` +
    `${config.timing.keepalive} ms: if this daemon stops, this node is silent after at most ` +
    `${silentMs} ms, and its peer takes over after ${takenMs} ms: ${both}`
  );
}

/** Addresses go by whole seconds, and up to 0.35 s later than that, as measured. */
const LIFETIME_LATE: Millis = millis(1350);
/**
 * nftables counts the ticks of the kernel that are complete, and so is early rather than late. Should
 * the processor that counts them be kept from it, as on a busy virtual machine, it is this late.
 */
const NFTABLES_LATE: Millis = millis(4);

const noEgress =
  "this kernel cannot filter what leaves an interface, as Linux 5.16 can: what programs send from " +
  "the addresses by themselves is not stopped";

const names: { readonly [M in LeaseKind["mechanism"]]: string } = {
  nftables: "nftables",
  lifetime: "the lifetime of addresses, in whole seconds",
  none: "nothing",
};

function because({ fault }: LeaseKind): string {
  return fault === undefined ? "" : ` (${fault})`;
}
