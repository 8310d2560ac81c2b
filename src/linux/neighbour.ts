/**
 * The kernel's table of hardware addresses (rtnetlink(7), include/uapi/linux/neighbour.h).
 */
import { ipBytes } from "./ip-text.ts";
import type { Request } from "./netlink.ts";
import { encodeAttribute } from "./netlink.ts";
import { AF_INET } from "./socket.ts";

const RTM_DELNEIGH = 29;
/** struct ndmsg: family, 3 bytes of padding, ifindex, state, flags, type. */
const NDMSG = 12;
const NDA_DST = 1;

/**
 * Forgets the hardware address of an IPv4 address, and with it all that waits to be sent there until
 * an ARP request is answered: for up to three seconds (net/core/neighbour.c, `neigh_invalidate`).
 */
export function forgetNeighbourRequest(ifindex: number, address: string): Request {
  const header = Buffer.alloc(NDMSG);
  header.writeUInt8(AF_INET, 0);
  header.writeInt32LE(ifindex, 4);
  const payload = Buffer.concat([header, encodeAttribute(NDA_DST, ipBytes(address))]);
  return { type: RTM_DELNEIGH, flags: 0, payload };
}
