/**
 * A netlink socket for requests and their answers. The kernel has answered when `send` returns, so
 * nothing here waits for anything but the kernel's own lock.
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { errnoOf } from "./errno.ts";
import type { NetlinkMessage, Request } from "./netlink.ts";
import {
  decodeMessages,
  encodeMessage,
  errorOf,
  NLM_F_ACK,
  NLM_F_DUMP_INTR,
  NLM_F_REQUEST,
} from "./netlink.ts";
import { AF_NETLINK, NETLINK_CAP_ACK, SO_RCVBUFFORCE, SOCK_OURS, SOCK_RAW } from "./socket.ts";
import { bind, close, receive, send, setOption, socket } from "./syscall.ts";

export interface NetlinkSocket {
  readonly fd: number;
  readonly buffer: Buffer;
  sequence: number;
}

/** Who is spoken with: include/uapi/linux/netlink.h. */
export type NetlinkFamily = "route" | "netfilter";

/** @param groups - of NETLINK_ROUTE, those of include/uapi/linux/rtnetlink.h RTMGRP_* */
export function openNetlink(
  groups: number,
  family: NetlinkFamily = "route",
): Result<number, Errno> {
  const opened = socket(AF_NETLINK, SOCK_RAW | SOCK_OURS, families[family]);
  if (!opened.ok) return opened;
  // struct sockaddr_nl of include/uapi/linux/netlink.h: the kernel gives the port.
  const address = Buffer.alloc(12);
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(groups, 8);
  const bound = bind(opened.value, address);
  if (bound.ok) return opened;
  close(opened.value);
  return bound;
}

export function openRequestSocket(family: NetlinkFamily = "route"): Result<NetlinkSocket, Errno> {
  const opened = openNetlink(0, family);
  if (!opened.ok) return opened;
  // Both are for speed and comfort, and refused on a kernel or to a user that can do without.
  setOption(opened.value, NETLINK_CAP_ACK, 1);
  setOption(opened.value, SO_RCVBUFFORCE, RECEIVE_BUFFER);
  return ok({ fd: opened.value, buffer: Buffer.alloc(LONGEST_ANSWER), sequence: 0 });
}

/**
 * Asks for a list. One that changes while it is made is asked for again, a few times: after that it
 * is as good as one that changes right after it was made, of which an event tells.
 */
export function dump(
  link: NetlinkSocket,
  request: Request,
): Result<readonly NetlinkMessage[], Errno> {
  let list = dumpOnce(link, request);
  for (let again = 0; again < DUMP_ATTEMPTS && isInterrupted(list); again++) {
    list = dumpOnce(link, request);
  }
  return list;
}

/**
 * Has all requests carried out, in their order, each whatever became of those before it.
 *
 * @returns the number of errno(3) for each request, 0 for those that were carried out
 */
export function perform(
  link: NetlinkSocket,
  requests: readonly Request[],
): readonly Result<number, Errno>[] {
  const results: Result<number, Errno>[] = [];
  for (let at = 0; at < requests.length; at += BATCH) {
    results.push(...performBatch(link, requests.slice(at, at + BATCH)));
  }
  return results;
}

/** NETLINK_ROUTE, NETLINK_NETFILTER. */
const families: { readonly [F in NetlinkFamily]: number } = { route: 0, netfilter: 12 };
/** The kernel makes answers of at most 32 KiB (net/netlink/af_netlink.c max_recvmsg_len). */
const LONGEST_ANSWER = 65_536;
/** Holds the answers to a batch with room to spare, of which each counts as about 1 KiB. */
const RECEIVE_BUFFER = 1_048_576;
/** The answers to so many requests fit into the default buffer too (212,992 bytes). */
const BATCH = 100;
const DUMP_ATTEMPTS = 3;

function dumpOnce(link: NetlinkSocket, request: Request): Result<readonly NetlinkMessage[], Errno> {
  const sequence = nextSequence(link);
  const flags = request.flags | NLM_F_REQUEST;
  const sent = send(link.fd, encodeMessage({ ...request, flags, sequence }));
  if (!sent.ok) return sent;
  const messages: NetlinkMessage[] = [];
  for (;;) {
    const answers = receiveAnswers(link);
    if (!answers.ok) return answers;
    const ours = answers.value.filter((message) => message.sequence === sequence);
    messages.push(...ours);
    const end = ours.map(errorOf).find((error) => error !== undefined);
    if (end === undefined) continue;
    return end === 0 ? ok(messages) : fail(errnoOf("netlink dump", end));
  }
}

function isInterrupted(list: Result<readonly NetlinkMessage[], Errno>): boolean {
  return list.ok && list.value.some((message) => (message.flags & NLM_F_DUMP_INTR) !== 0);
}

/** The kernel answers what it refuses, and the last one in any case: by then it has answered all. */
function performBatch(
  link: NetlinkSocket,
  requests: readonly Request[],
): readonly Result<number, Errno>[] {
  const numbered = requests.map((request, index) => ({
    ...request,
    flags: request.flags | NLM_F_REQUEST | (index === requests.length - 1 ? NLM_F_ACK : 0),
    sequence: nextSequence(link),
  }));
  const sent = send(link.fd, Buffer.concat(numbered.map(encodeMessage)));
  if (!sent.ok) return requests.map(() => sent);
  const errors = new Map<number, number>();
  const last = link.sequence;
  while (!errors.has(last)) {
    const answers = receiveAnswers(link);
    // The kernel had no room for an answer: what became of the rest is not known.
    if (!answers.ok) return numbered.map(({ sequence }) => resultOf(errors, sequence, answers));
    for (const message of answers.value) {
      const error = errorOf(message);
      if (error !== undefined) errors.set(message.sequence, error);
    }
  }
  return numbered.map(({ sequence }) => ok(errors.get(sequence) ?? 0));
}

function resultOf(
  errors: ReadonlyMap<number, number>,
  sequence: number,
  unanswered: Result<number, Errno>,
): Result<number, Errno> {
  const error = errors.get(sequence);
  return error === undefined ? unanswered : ok(error);
}

/** All messages of one datagram, with bytes of their own. */
export function receiveAnswers(link: NetlinkSocket): Result<readonly NetlinkMessage[], Errno> {
  const received = receive(link.fd, link.buffer);
  if (!received.ok) return received;
  return ok(decodeMessages(Buffer.from(link.buffer.subarray(0, received.value))));
}

export function nextSequence(link: NetlinkSocket): number {
  link.sequence = (link.sequence + 1) >>> 0;
  return link.sequence;
}
