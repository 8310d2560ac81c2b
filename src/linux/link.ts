/**
 * The kernel's messages about interfaces (rtnetlink(7), include/uapi/linux/if_link.h).
 */
import { formatMac } from "./ip-text.ts";
import type { NetlinkMessage, Request } from "./netlink.ts";
import { decodeAttributes, encodeAttribute, NLM_F_DUMP, textOf } from "./netlink.ts";
import { IFLA_AF_SPEC, isPromoting } from "./promote.ts";

/** An interface. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** The operator wants it to be up (IFF_UP). */
  readonly up: boolean;
  /** It has a carrier and could carry a packet (IFF_RUNNING). */
  readonly running: boolean;
  /** `02:00:5e:10:00:01`. Undefined where it has none of six bytes. */
  readonly mac: string | undefined;
  /** Only on `ethernet` can an address be announced. */
  readonly type: "ethernet" | "loopback" | "other";
  /** What it is a part of, if it is: `bridge`, `bond`, `vrf`. */
  readonly partOf: string | undefined;
  /** An IPv4 address that goes takes none along that is secondary to it: see promote.ts. */
  readonly promotes: boolean;
}

/** An index that no interface has: what is asked for there is looked at, and refused. */
export const nowhere = 0x7fff_ffff;

/** Asks for all interfaces, without the counters, which are most of an answer. */
export const linkDump: Request = {
  type: 18,
  flags: NLM_F_DUMP,
  // struct ifinfomsg, then IFLA_EXT_MASK with RTEXT_FILTER_SKIP_STATS.
  payload: Buffer.concat([new Uint8Array(16), encodeAttribute(29, Uint8Array.of(8, 0, 0, 0))]),
};

/** Undefined for every message that is not about an interface that exists. */
export function decodeLink(message: NetlinkMessage): Link | undefined {
  const { type, payload } = message;
  if (type !== RTM_NEWLINK || payload.length < IFINFOMSG) return undefined;
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const attributes = decodeAttributes(payload.subarray(IFINFOMSG));
  const name = attributes.get(IFLA_IFNAME);
  if (name === undefined) return undefined;
  const flags = view.getUint32(8, true);
  const mac = attributes.get(IFLA_ADDRESS);
  return {
    index: view.getInt32(4, true),
    name: textOf(name),
    up: (flags & IFF_UP) !== 0,
    running: (flags & IFF_RUNNING) !== 0,
    mac: mac?.length === 6 ? formatMac(mac) : undefined,
    type: typeOf(view.getUint16(2, true)),
    partOf: partOf(attributes.get(IFLA_LINKINFO)),
    promotes: isPromoting(attributes.get(IFLA_AF_SPEC)),
  };
}

const RTM_NEWLINK = 16;

const IFLA_ADDRESS = 1;
const IFLA_IFNAME = 3;
const IFLA_LINKINFO = 18;
const IFLA_INFO_SLAVE_KIND = 4;

const IFF_UP = 0x1;
const IFF_RUNNING = 0x40;

/** Of struct ifinfomsg. */
const IFINFOMSG = 16;

/** include/uapi/linux/if_arp.h ARPHRD_ETHER, ARPHRD_LOOPBACK. */
function typeOf(hardware: number): Link["type"] {
  if (hardware === 1) return "ethernet";
  return hardware === 772 ? "loopback" : "other";
}

function partOf(info: Buffer | undefined): string | undefined {
  const kind = info && decodeAttributes(info).get(IFLA_INFO_SLAVE_KIND);
  return kind && textOf(kind);
}
