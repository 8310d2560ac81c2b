/**
 * Tells when interfaces or addresses have changed. Level-triggered: it says only that there is
 * something to look at, so an event that is lost, doubled or cut off changes nothing. Not told is what
 * bears our mark, added or renewed: nobody else does that, and of a thousand addresses that are renewed
 * every few seconds the kernel would tell one by one.
 */
import type { Result } from "../std/result.ts";
import { ok } from "../std/result.ts";
import { IFA_PROTO, IFADDRMSG, IFAPROT_UNDERSTUDY, RTM_NEWADDR } from "./address.ts";
import type { Errno } from "./errno.ts";
import { openNetlink } from "./netlink-socket.ts";
import { NETLINK_NO_ENOBUFS } from "./socket.ts";
import { attachFilter, close, receive, setOption, whenReadable } from "./syscall.ts";
import { instruction } from "./udp-socket.ts";

export interface KernelWatch {
  close(): void;
}

/**
 * @param onChange - called from the event loop, once for many changes. What is looked up when it is
 *   called, or later, contains them all. Also called for what of ours was removed.
 */
export function watchKernel(onChange: () => void): Result<KernelWatch, Errno> {
  const opened = openNetlink(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (!opened.ok) return opened;
  const fd = opened.value;
  // Refused, it costs time only: then every renewal is looked at.
  attachFilter(fd, notOurs);
  // Only a full queue overflows, and a full queue is a reason to look already. Reported, the
  // overflow would be an error of the descriptor, upon which libuv stops watching it.
  setOption(fd, NETLINK_NO_ENOBUFS, 1);
  const stop = whenReadable(fd, () => {
    if (drain(fd)) onChange();
  });
  return ok({
    close() {
      stop();
      close(fd);
    },
  });
}

/** include/uapi/linux/rtnetlink.h */
const RTMGRP_LINK = 0x1;
const RTMGRP_IPV4_IFADDR = 0x10;
const RTMGRP_IPV6_IFADDR = 0x100;

/** A storm of changes does not keep the loop: what is left is readable still. */
const MOST_AT_ONCE = 1000;

/** Long enough to be received, whatever it says. */
const event = Buffer.alloc(16);

/** @returns whether something waited */
function drain(fd: number): boolean {
  for (let count = 0; count < MOST_AT_ONCE; count++) {
    if (!receive(fd, event).ok) return count > 0;
  }
  return true;
}

/** Of struct nlmsghdr. */
const NLMSGHDR = 16;
/** SKF_AD_OFF + SKF_AD_NLATTR: where, from A on, the attribute is whose type is in X; 0: nowhere. */
const FIND_ATTRIBUTE = 0xffff_f000 + 12;

/**
 * Rejects RTM_NEWADDR with our IFA_PROTO (include/uapi/linux/filter.h, bpf_common.h). A filter loads
 * numbers in network order, and the message has its type in the machine's.
 */
const notOurs: Uint8Array = Buffer.concat([
  instruction(0x28, 0, 0, 4), // load the half-word of the type
  instruction(0x15, 0, 7, RTM_NEWADDR << 8), // not that: accept
  instruction(0x00, 0, 0, NLMSGHDR + IFADDRMSG),
  instruction(0x01, 0, 0, IFA_PROTO),
  instruction(0x20, 0, 0, FIND_ATTRIBUTE),
  instruction(0x07, 0, 0, 0), // X = A
  instruction(0x50, 0, 0, 4), // load the byte behind the attribute's header
  instruction(0x15, 0, 1, IFAPROT_UNDERSTUDY), // not that: accept
  instruction(0x06, 0, 0, 0),
  instruction(0x06, 0, 0, 0xffff_ffff),
]);
