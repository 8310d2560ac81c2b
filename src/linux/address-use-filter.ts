/**
 * What wakes the watch for the users of addresses: a classic BPF program for one kind of frame, for
 * which all others end in the kernel (include/uapi/linux/filter.h, bpf_common.h).
 *
 * What is tagged for a VLAN that has no interface here concerns another network. It is delivered all
 * the same, its tag removed, as a frame for another host (net/core/dev.c
 * __netif_receive_skb_core); what comes in as such for other reasons is rejected with it.
 */
import { ipBytes } from "./ip-text.ts";
import { instruction } from "./udp-socket.ts";

/** An address on an interface. */
export interface AddressPlace {
  readonly family: 4 | 6;
  /** Canonical text. */
  readonly address: string;
  readonly ifindex: number;
}

/**
 * Lets through what uses one of these addresses on its interface; of IPv6 the last four bytes are
 * compared.
 *
 * @param family - of all places: 4 for a socket of ARP, 6 for one of IPv6
 * @returns undefined if they are too many for one program
 */
export function exactFilter(
  family: 4 | 6,
  places: readonly AddressPlace[],
): Uint8Array | undefined {
  const words = new Map<number, Set<number>>();
  for (const { ifindex, address } of places) {
    const ofInterface = words.get(ifindex) ?? new Set<number>();
    words.set(ifindex, ofInterface.add(lastWord(address)));
  }
  const blocks = [...words].flatMap(([ifindex, all]) => onInterface(ifindex, anyOf([...all])));
  const program = [...ours, ...wordOf(family), ...blocks, reject];
  return program.length > INSTRUCTIONS_MAX ? undefined : Buffer.concat(program);
}

/** The same for any addresses of these interfaces, for when they are too many to be compared. */
export function coarseFilter(family: 4 | 6, places: readonly AddressPlace[]): Uint8Array {
  const interfaces = new Set(places.map(({ ifindex }) => ifindex));
  const blocks = [...interfaces].flatMap((ifindex) =>
    onInterface(ifindex, [loadWord, jumpIfEqual(0, 1, 0), accept, reject]),
  );
  return Buffer.concat([...ours, ...wordOf(family), ...blocks, reject]);
}

/** include/uapi/linux/bpf_common.h BPF_MAXINSNS */
const INSTRUCTIONS_MAX = 4096;
/** A jump that depends on something reaches 255 instructions. */
const CHUNK = 200;

/** Where the kernel keeps what is not in the frame: SKF_AD_OFF + SKF_AD_*. */
const AUXILIARY = 0xffff_f000;
const IFINDEX: number = AUXILIARY + 8;
const PACKET_TYPE: number = AUXILIARY + 4;
/** include/uapi/linux/if_packet.h */
const OTHERHOST = 3;

const accept = instruction(0x06, 0, 0, 0xffff_ffff);
const reject = instruction(0x06, 0, 0, 0);
const storeWord = instruction(0x02, 0, 0, 0);
const loadWord = instruction(0x60, 0, 0, 0);

const ours: readonly Uint8Array[] = [load(1, PACKET_TYPE), jumpIfEqual(OTHERHOST, 0, 1), reject];

/** Finds the last four bytes of the address that is used, and stores them; rejects what uses none. */
function wordOf(family: 4 | 6): readonly Uint8Array[] {
  // RFC 826: the sender's protocol address.
  if (family === 4) return [load(4, 28), storeWord];
  return [
    load(1, 20), // the next header
    jumpIfEqual(58, 1, 0),
    reject,
    load(1, 54), // the type
    jumpIfEqual(136, 3, 0),
    jumpIfEqual(135, 0, 1),
    jump(3),
    reject,
    load(4, 74), // of an advertisement: the target
    jump(1),
    load(4, 34), // of a solicitation: the source
    storeWord,
  ];
}

/** Has `block`, which ends by a decision, decide on what came in on one interface. */
function onInterface(ifindex: number, block: readonly Uint8Array[]): readonly Uint8Array[] {
  return [load(4, IFINDEX), jumpIfEqual(ifindex, 1, 0), jump(block.length), ...block];
}

function anyOf(words: readonly number[]): readonly Uint8Array[] {
  const program = [loadWord];
  for (let at = 0; at < words.length; at += CHUNK) {
    const chunk = words.slice(at, at + CHUNK);
    const tests = chunk.map((word, index) => jumpIfEqual(word, chunk.length - index, 0));
    program.push(...tests, jump(1), accept);
  }
  return [...program, reject];
}

function lastWord(address: string): number {
  return Buffer.from(ipBytes(address)).subarray(-4).readUInt32BE();
}

/** @param size - in bytes: 1 or 4 */
function load(size: 1 | 4, offset: number): Uint8Array {
  return instruction(size === 4 ? 0x20 : 0x30, 0, 0, offset);
}

function jump(count: number): Uint8Array {
  return instruction(0x05, 0, 0, count);
}

function jumpIfEqual(value: number, ifEqual: number, ifNot: number): Uint8Array {
  return instruction(0x15, ifEqual, ifNot, value);
}
