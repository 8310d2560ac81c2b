/**
 * What rules of nf_tables are made of (include/uapi/linux/netfilter/nf_tables.h): expressions that
 * load, compare and look up, one after the other, until one does not match or there is a verdict.
 * All work in one register.
 */
import { encodeAttribute, listOf } from "./netlink.ts";
import { text, uint32 } from "./nftables.ts";

/** What is known of a packet besides its bytes. */
export type Meta = "protocol" | "l4proto";

/** Where counting begins: after the Ethernet header, or after that of IP. */
export type Base = "network" | "transport";

export type Verdict = "accept" | "drop" | { readonly jump: string };

/** Loads what the kernel knows of the packet: the ether type, or the protocol above IP. */
export function meta(key: Meta): Uint8Array {
  return expression("meta", [uint32(1, REGISTER), uint32(2, metaKeys[key])]);
}

/** Loads bytes of the packet; one that is too short does not match. */
export function bytesAt(base: Base, offset: number, length: number): Uint8Array {
  return expression("payload", [
    uint32(1, REGISTER),
    uint32(2, bases[base]),
    uint32(3, offset),
    uint32(4, length),
  ]);
}

/** Goes on if what was loaded is this. */
export function equals(...bytes: readonly number[]): Uint8Array {
  const value = encodeAttribute(1, Uint8Array.from(bytes));
  return expression("cmp", [uint32(1, REGISTER), uint32(2, 0), listOf(3, [value])]);
}

/** Goes on if what was loaded is in a set of the same table. */
export function isIn(set: string): Uint8Array {
  return expression("lookup", [text(1, set), uint32(2, REGISTER)]);
}

/** Counts the packets that came so far, for the listing. */
export function counted(): Uint8Array {
  return expression("counter", []);
}

export function verdict(what: Verdict): Uint8Array {
  const code =
    typeof what === "string"
      ? [uint32(1, verdicts[what])]
      : [uint32(1, NFT_JUMP), text(2, what.jump)];
  return expression("immediate", [uint32(1, VERDICT_REGISTER), listOf(2, [listOf(2, code)])]);
}

/** NFT_REG_1, of 16 bytes. */
const REGISTER = 1;
const VERDICT_REGISTER = 0;
/** -3 */
const NFT_JUMP = 0xffff_fffd;

const metaKeys: { readonly [K in Meta]: number } = { protocol: 1, l4proto: 16 };
const bases: { readonly [B in Base]: number } = { network: 1, transport: 2 };
/** include/uapi/linux/netfilter.h NF_DROP, NF_ACCEPT. */
const verdicts = { drop: 0, accept: 1 } as const;

function expression(name: string, attributes: readonly Uint8Array[]): Uint8Array {
  return listOf(1, [text(1, name), listOf(2, attributes)]);
}
