/**
 * What the kernel of this node still has of a daemon that does not answer: a frozen one holds its
 * addresses, and a dead one may have left them. Only looks.
 */
import type { KernelAddress } from "../linux/index.ts";
import { openNetfilter, openRtnetlink } from "../linux/index.ts";
import { length } from "./words.ts";

export interface Leftover {
  readonly addresses: readonly Pick<KernelAddress, "address" | "prefix" | "validSeconds">[];
  /** What is left of the lease, 0 if it has run out. Undefined: there is none, or we may not ask. */
  readonly leaseMs: number | undefined;
}

/** @returns what is there at this moment; nothing where the kernel does not tell */
export function findLeftover(): Leftover {
  return { addresses: ourAddresses(), leaseMs: leaseLeft() };
}

/** One line for each address and what the kernel does with it; empty if there is none. */
export function leftoverText({ addresses, leaseMs }: Leftover): string {
  return addresses
    .map(({ address, prefix, validSeconds }) => {
      const end = validSeconds === undefined ? "" : `; removed by the kernel in ${validSeconds} s`;
      return `${address}/${prefix} is configured here: ${answering(leaseMs)}${end}\n`;
    })
    .join("");
}

function answering(leaseMs: number | undefined): string {
  if (leaseMs === undefined) return "this node may answer for it until it is removed";
  return leaseMs === 0
    ? "its lease has run out, so this node does not answer for it"
    : `this node answers for it for ${length(leaseMs)} more, unless its lease is renewed`;
}

function ourAddresses(): Leftover["addresses"] {
  const opened = openRtnetlink();
  if (!opened.ok) return [];
  const present = opened.value.addresses();
  opened.value.close();
  return present.ok ? present.value.filter(({ ours }) => ours) : [];
}

function leaseLeft(): number | undefined {
  const opened = openNetfilter();
  if (!opened.ok) return undefined;
  const left = opened.value.left();
  opened.value.close();
  return left.ok ? left.value : undefined;
}
