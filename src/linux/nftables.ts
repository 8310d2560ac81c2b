/**
 * Messages of nf_tables, bytes and values (include/uapi/linux/netfilter/nf_tables.h, nfnetlink.h):
 * tables of the family netdev, their sets and chains. What rules are made of is in nftables-rule.ts.
 *
 * Netfilter's own numbers are in network order, unlike those of the netlink header around them.
 * What comes back from the kernel may be cut off: then it ends early, and nothing throws.
 */
import type { NetlinkMessage, Request } from "./netlink.ts";
import {
  decodeAttributes,
  encodeAttribute,
  listOf,
  NLM_F_APPEND,
  NLM_F_CREATE,
  NLM_F_DUMP,
} from "./netlink.ts";

/** A set or a chain: its table and its own name. */
export interface Name {
  readonly table: string;
  readonly name: string;
}

/** The types of a set's keys, by the words of nft(8). */
export type KeyType = "ether_type" | "ipv4_addr" | "ipv6_addr";

/** Where a chain gets its packets from: one interface, before the protocols or after them. */
export interface Hook {
  readonly at: "ingress" | "egress";
  readonly device: string;
  readonly priority: number;
}

/** What a set has. */
export interface Element {
  readonly key: Uint8Array;
  /** Milliseconds until it goes by itself, rounded down. Undefined: it stays. */
  readonly leftMs: number | undefined;
}

/** Nobody else can change it while the socket that made it is open (Linux 5.12). */
export const NFT_TABLE_F_OWNER = 0x2;
/** It stays when that socket is closed, and then belongs to nobody (Linux 6.9). */
export const NFT_TABLE_F_PERSIST = 0x4;

const NFNL_SUBSYS_NFTABLES = 10;
const forNftables = Uint8Array.of(0, 0, 0, NFNL_SUBSYS_NFTABLES);

/** Both frame a batch, of which all is done or nothing. Left without its end, it is only tried. */
export const batchBegin: Request = { type: 0x10, flags: 0, payload: forNftables };
export const batchEnd: Request = { type: 0x11, flags: 0, payload: forNftables };

/** Makes a table, or does nothing if it is there. @param flags - undefined: whatever it has */
export function newTable(name: string, flags?: number): Request {
  return message(NEWTABLE, NLM_F_CREATE, [
    text(1, name),
    ...(flags === undefined ? [] : [uint32(2, flags)]),
  ]);
}

/** Fails with ENOENT if there is none, and takes all that is in it along. */
export function deleteTable(name: string): Request {
  return message(DELTABLE, 0, [text(1, name)]);
}

/** @param hasTimeouts - whether its elements may go by themselves */
export function newSet({ table, name }: Name, type: KeyType, hasTimeouts: boolean): Request {
  const { number, bytes } = keyTypes[type];
  return message(NEWSET, NLM_F_CREATE, [
    text(1, table),
    text(2, name),
    uint32(3, hasTimeouts ? NFT_SET_TIMEOUT : 0),
    uint32(4, number),
    uint32(5, bytes),
    // Wanted, and only needed where a set has no name.
    uint32(10, 1),
  ]);
}

/** @param timeoutMs - above 0; undefined: they stay. What is there already stays as it is. */
export function addElements(
  { table, name }: Name,
  keys: readonly Uint8Array[],
  timeoutMs?: number,
): Request {
  const timeout = timeoutMs === undefined ? [] : [uint64(4, timeoutMs)];
  return elementMessage(
    NEWSETELEM,
    { table, name },
    keys.map((key) => listOf(1, [keyOf(key), ...timeout])),
  );
}

/** Fails with ENOENT if one of them is not there, or has run out. */
export function deleteElements(set: Name, keys: readonly Uint8Array[]): Request {
  const list = keys.map((key) => listOf(1, [keyOf(key)]));
  return elementMessage(DELSETELEM, set, list);
}

export function deleteAllElements(set: Name): Request {
  return message(DELSETELEM, 0, [text(1, set.table), text(2, set.name)]);
}

/** @param hook - none: it is only jumped to */
export function newChain({ table, name }: Name, hook?: Hook): Request {
  const base =
    hook === undefined
      ? []
      : [
          listOf(4, [
            uint32(1, hookNumbers[hook.at]),
            uint32(2, hook.priority >>> 0),
            text(3, hook.device),
          ]),
          text(7, "filter"),
        ];
  return message(NEWCHAIN, NLM_F_CREATE, [text(1, table), text(3, name), ...base]);
}

/** With its rules. */
export function deleteChain({ table, name }: Name): Request {
  return message(DELCHAIN, 0, [text(1, table), text(3, name)]);
}

/** Puts a rule at the end of a chain. @param expressions - see nftables-rule.ts */
export function newRule({ table, name }: Name, expressions: readonly Uint8Array[]): Request {
  return message(NEWRULE, NLM_F_CREATE | NLM_F_APPEND, [
    text(1, table),
    text(2, name),
    listOf(4, expressions),
  ]);
}

/** Asks for all elements of a set. */
export function elementDump({ table, name }: Name): Request {
  return message(GETSETELEM, NLM_F_DUMP, [text(1, table), text(2, name)]);
}

/** None for every message that is not part of such a list. */
export function decodeElements({ type, payload }: NetlinkMessage): readonly Element[] {
  if (type !== typeOf(NEWSETELEM)) return [];
  const list = decodeAttributes(payload.subarray(NFGENMSG)).get(3);
  return list === undefined ? [] : listedIn(list).flatMap(elementOf);
}

/** A number of netfilter: four bytes, network order. */
export function uint32(type: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return encodeAttribute(type, bytes);
}

/** A C string with its end. */
export function text(type: number, value: string): Uint8Array {
  return encodeAttribute(type, Buffer.from(`${value}\0`));
}

const NEWTABLE = 0;
const DELTABLE = 2;
const NEWCHAIN = 3;
const DELCHAIN = 5;
const NEWRULE = 6;
const NEWSET = 9;
const NEWSETELEM = 12;
const GETSETELEM = 13;
const DELSETELEM = 14;

const NFPROTO_NETDEV = 5;
const NFT_SET_TIMEOUT = 0x10;
/** Of struct nfgenmsg. */
const NFGENMSG = 4;

/** The numbers are those of nft(8), for its listings; the kernel knows lengths only. */
const keyTypes: { readonly [K in KeyType]: { readonly number: number; readonly bytes: number } } = {
  ether_type: { number: 10, bytes: 2 },
  ipv4_addr: { number: 7, bytes: 4 },
  ipv6_addr: { number: 8, bytes: 16 },
};

/** include/uapi/linux/netfilter.h NF_NETDEV_INGRESS, NF_NETDEV_EGRESS. */
const hookNumbers = { ingress: 0, egress: 1 } as const;

function message(type: number, flags: number, attributes: readonly Uint8Array[]): Request {
  const header = Uint8Array.of(NFPROTO_NETDEV, 0, 0, 0);
  return { type: typeOf(type), flags, payload: Buffer.concat([header, ...attributes]) };
}

function typeOf(type: number): number {
  return (NFNL_SUBSYS_NFTABLES << 8) | type;
}

function elementMessage(type: number, set: Name, elements: readonly Uint8Array[]): Request {
  const flags = type === NEWSETELEM ? NLM_F_CREATE : 0;
  return message(type, flags, [text(1, set.table), text(2, set.name), listOf(3, elements)]);
}

function keyOf(key: Uint8Array): Uint8Array {
  return listOf(1, [encodeAttribute(1, key)]);
}

function uint64(type: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return encodeAttribute(type, bytes);
}

/** The members of a list all have one type, so that they are no attributes by type. */
function listedIn(list: Buffer): readonly Buffer[] {
  const members: Buffer[] = [];
  for (let at = 0; at + 4 <= list.length;) {
    const length = list.readUInt16LE(at);
    if (length < 4 || at + length > list.length) break;
    members.push(list.subarray(at + 4, at + length));
    at += (length + 3) & ~3;
  }
  return members;
}

function elementOf(member: Buffer): Element[] {
  const attributes = decodeAttributes(member);
  const wrapped = attributes.get(1);
  const key = wrapped && decodeAttributes(wrapped).get(1);
  if (key === undefined) return [];
  const left = attributes.get(5) ?? attributes.get(4);
  return [{ key, leftMs: left?.length === 8 ? Number(left.readBigUInt64BE()) : undefined }];
}
