/**
 * Tells when interfaces or addresses have changed. Level-triggered: it says only that there is
 * something to look at, so an event that is lost, doubled or cut off changes nothing.
 */
import type { Result } from "../std/result.ts";
import { ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { openNetlink } from "./netlink-socket.ts";
import { NETLINK_NO_ENOBUFS } from "./socket.ts";
import { close, receive, setOption, whenReadable } from "./syscall.ts";

export interface KernelWatch {
  close(): void;
}

/**
 * @param onChange - called from the event loop, once for many changes, ours included. What is looked
 *   up when it is called, or later, contains them all.
 */
export function watchKernel(onChange: () => void): Result<KernelWatch, Errno> {
  const opened = openNetlink(RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (!opened.ok) return opened;
  const fd = opened.value;
  // Only a full queue overflows, and a full queue is a reason to look already. Reported, the
  // overflow would be an error of the descriptor, upon which libuv stops watching it.
  setOption(fd, NETLINK_NO_ENOBUFS, 1);
  const stop = whenReadable(fd, () => {
    drain(fd);
    onChange();
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

/** What the events say is not read: the buffer is for their beginnings. */
const beginnings = new Uint8Array(16);

function drain(fd: number): void {
  for (let count = 0; count < MOST_AT_ONCE; count++) {
    if (!receive(fd, beginnings).ok) return;
  }
}
