/**
 * What the client's cable and that of the heartbeats have seen of a move of many addresses.
 */
import { useOf } from "../../src/linux/address-use.ts";
import { decodeArp } from "../../src/linux/arp.ts";
import type { Captured } from "../faults/capture.ts";

/** Moments of the wall clock, in milliseconds; of the addresses those that a node was seen with. */
export interface Sight {
  /** The first announcement of each address. */
  readonly announced: readonly number[];
  /** The first answer for each address. */
  readonly answered: readonly number[];
}

/** @param mac - of the node that takes. @param from - what was before does not count */
export function sightOf(captured: readonly Captured[], mac: string, from: number): Sight {
  const announced = new Map<string, number>();
  const answered = new Map<string, number>();
  for (const { at, frame } of captured) {
    if (at < from) continue;
    const use = useOf(frame);
    if (use?.mac !== mac || !isVirtual(use.address)) continue;
    const { address } = use;
    if (!announced.has(address)) announced.set(address, at);
    else if (isAnswer(frame) && !answered.has(address)) answered.set(address, at);
  }
  return { announced: [...announced.values()], answered: [...answered.values()] };
}

/** The nodes have addresses of their own: see topology.ts. */
function isVirtual(address: string): boolean {
  return address.startsWith("10.77.1") || address.startsWith("fd77::1:");
}

/** Of IPv6 whatever comes after the first one: it is repeated seconds later only. */
function isAnswer(frame: Buffer): boolean {
  const arp = decodeArp(frame);
  return arp === undefined || arp.destination !== "ff:ff:ff:ff:ff:ff";
}

export interface Beats {
  /** When it was heard last before a moment. */
  readonly last: number;
  /** The longest time between two, after that moment. */
  readonly longestGap: number;
}

/** @param mac - of the interface that sends. @param from - what was before does not count */
export function beatsOf(
  captured: readonly Captured[],
  mac: string,
  { from, to }: { readonly from: number; readonly to: number },
): Beats {
  const bytes = Buffer.from(mac.replaceAll(":", ""), "hex");
  const moments = captured
    .filter(({ at, frame }) => at >= from && at < to && frame.subarray(6, 12).equals(bytes))
    .map(({ at }) => at);
  const gaps = moments.slice(1).map((at, index) => at - moments[index]!);
  return { last: moments.at(-1) ?? NaN, longestGap: Math.max(0, ...gaps) };
}
