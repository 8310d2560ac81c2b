/**
 * Tells when interfaces or addresses have changed. Level-triggered: it says only that there is
 * something to look at, so an event that is lost, doubled or cut off changes nothing. Not told is that
 * an address was renewed.
 */
import type { Result } from "../std/result.ts";
import { ok } from "../std/result.ts";
import type { KernelAddress } from "./address.ts";
import { decodeAddress } from "./address.ts";
import type { Errno } from "./errno.ts";
import { openNetlink } from "./netlink-socket.ts";
import { decodeMessages } from "./netlink.ts";
import { NETLINK_NO_ENOBUFS } from "./socket.ts";
import { close, receive, setOption, whenReadable } from "./syscall.ts";

export interface KernelWatch {
  close(): void;
}

/**
 * @param onChange - called from the event loop, once for many changes, ours included. What is looked
 *   up when it is called, or later, contains them all.
 * @param isKnown - whether an address that the kernel tells of is as it was: its lifetime was renewed,
 *   and nothing has changed
 */
export function watchKernel(
  onChange: () => void,
  isKnown: (address: KernelAddress) => boolean = () => false,
): Result<KernelWatch, Errno> {
  const opened = openNetlink(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (!opened.ok) return opened;
  const fd = opened.value;
  // Only a full queue overflows, and a full queue is a reason to look already. Reported, the
  // overflow would be an error of the descriptor, upon which libuv stops watching it.
  setOption(fd, NETLINK_NO_ENOBUFS, 1);
  const stop = whenReadable(fd, () => {
    if (hasNews(fd, isKnown)) onChange();
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

/** So many that some may have been lost, whatever they said: the queue holds some 270. */
const MANY = 200;

/** An event about an address has some 100 bytes; one that is cut off is news. */
const event = Buffer.alloc(512);

/** Reads all that waits. */
function hasNews(fd: number, isKnown: (address: KernelAddress) => boolean): boolean {
  let isNews = false;
  for (let count = 0; count < MOST_AT_ONCE; count++) {
    const received = receive(fd, event);
    if (!received.ok) return isNews || count >= MANY;
    isNews ||= !isRenewal(event.subarray(0, received.value), isKnown);
  }
  return true;
}

function isRenewal(bytes: Buffer, isKnown: (address: KernelAddress) => boolean): boolean {
  const addresses = decodeMessages(bytes).map(decodeAddress);
  return addresses.length > 0 && addresses.every((each) => each !== undefined && isKnown(each));
}
