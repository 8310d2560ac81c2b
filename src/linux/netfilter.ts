/**
 * A netfilter socket that keeps the table of nftables-guard.ts. Every call is one batch, of which
 * the kernel has done all or nothing when the call returns; no program is started for it.
 */
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { Errno } from "./errno.ts";
import { errnoOf } from "./errno.ts";
import type { NetlinkSocket } from "./netlink-socket.ts";
import { dump, nextSequence, openRequestSocket, receiveAnswers } from "./netlink-socket.ts";
import type { Request } from "./netlink.ts";
import { encodeMessage, errorOf, NLM_F_ACK, NLM_F_REQUEST } from "./netlink.ts";
import type {
  GuardAbility,
  GuardContents,
  GuardedDevice,
  GuardRequests,
} from "./nftables-guard.ts";
import { guardRequests } from "./nftables-guard.ts";
import {
  batchBegin,
  batchEnd,
  decodeElements,
  NFT_TABLE_F_OWNER,
  NFT_TABLE_F_PERSIST,
} from "./nftables.ts";
import { SO_SNDBUFFORCE } from "./socket.ts";
import { close, send, setOption } from "./syscall.ts";

type Done = Result<"done", Errno>;

export interface Netfilter {
  /**
   * Makes the table anew with this in it, and nothing of what was in it: one moment for all.
   *
   * @returns what this kernel can do of it
   */
  build(contents: GuardContents): Result<GuardAbility, Errno>;
  /** Whether `build` would do, and how well. Changes nothing. */
  tryBuild(contents: GuardContents): Result<GuardAbility, Errno>;
  /** From now on these answer by the lease alone. Those that are guarded already stay so. */
  guard(addresses: readonly string[]): Done;
  /** From now on nobody keeps these from answering. `ENOENT` if one of them is not guarded. */
  unguard(addresses: readonly string[]): Done;
  guardDevice(device: GuardedDevice, ability: GuardAbility): Done;
  unguardDevice(device: GuardedDevice): void;
  /** Begins a lease of so many milliseconds, more than 0. */
  grant(ms: number): Done;
  /** Prolongs it; `ENOENT`, and all is as it was, if it has run out or the table is gone. */
  renew(ms: number): Done;
  /** Ends it. */
  revoke(): Done;
  /** The milliseconds that are left of the lease; 0 if it has run out. `ENOENT`: no such table. */
  left(): Result<number, Errno>;
  /** Removes the table, if it is there. */
  remove(): Done;
  close(): void;
}

/** The table that counts, and one for rehearsals, which goes with its socket. */
export type TableName = "understudy" | "understudy-rehearsal";

export function openNetfilter(table: TableName = "understudy"): Result<Netfilter, Errno> {
  const opened = openRequestSocket("netfilter");
  if (!opened.ok) return opened;
  const link = opened.value;
  setOption(link.fd, SO_SNDBUFFORCE, SEND_BUFFER);
  const requests = guardRequests(table);
  const building = { link, requests, ...kinds[table] };
  const run = (all: readonly Request[]): Done => commit(link, all, "do");
  return ok({
    build: (contents) => build(building, contents, "do"),
    tryBuild: (contents) => tryBuild(building, contents),
    guard: (addresses) => run(requests.guardAddresses(addresses)),
    unguard: (addresses) => run(requests.unguardAddresses(addresses)),
    guardDevice: (device, { hasEgress }) => run(requests.guardDevice(device, hasEgress)),
    unguardDevice(device) {
      // Each by itself: the one may have gone with the interface, and the other not.
      for (const request of requests.unguardDevice(device)) run([request]);
    },
    grant: (ms) => run(requests.grantLease(ms)),
    renew: (ms) => run(requests.renewLease(ms)),
    revoke: () => run(requests.revokeLease()),
    left: () => left(building),
    remove: () => run(requests.removedTable()),
    close: () => close(link.fd),
  });
}

/** A thousand addresses at once, and more. */
const SEND_BUFFER = 4_194_304;

/** From the best to the least that is of use. */
const allAbilities: readonly GuardAbility[] = [
  { canOwn: true, hasEgress: true },
  { canOwn: false, hasEgress: true },
  { canOwn: false, hasEgress: false },
];

/**
 * An owner whose table went with it would be a guard that goes when it is needed: both, or none. One for
 * rehearsals that did not go with its owner would be left behind.
 */
const kinds: { readonly [T in TableName]: Pick<Building, "flags" | "abilities"> } = {
  understudy: { flags: NFT_TABLE_F_OWNER | NFT_TABLE_F_PERSIST, abilities: allAbilities },
  "understudy-rehearsal": {
    flags: NFT_TABLE_F_OWNER,
    abilities: allAbilities.filter(({ canOwn }) => canOwn),
  },
};

interface Building {
  readonly link: NetlinkSocket;
  readonly requests: GuardRequests;
  /** Of a table that is owned. */
  readonly flags: number;
  readonly abilities: readonly GuardAbility[];
}

function build(
  { link, requests, flags, abilities }: Building,
  contents: GuardContents,
  how: "do" | "try",
): Result<GuardAbility, Errno> {
  let refused: Result<never, Errno> | undefined;
  for (const ability of abilities) {
    const all = requests.table(contents, ability, ability.canOwn ? flags : 0);
    const done = commit(link, all, how);
    if (done.ok) return ok(ability);
    refused ??= done;
    if (done.error.errno !== "EOPNOTSUPP") return done;
  }
  return refused ?? fail({ call: "nftables", errno: "EOPNOTSUPP" });
}

function tryBuild(building: Building, contents: GuardContents): Result<GuardAbility, Errno> {
  const built = build(building, contents, "try");
  // A daemon that runs owns it, as only kernels let it that can do all the rest.
  const isOwned = !built.ok && built.error.errno === "EPERM" && left(building).ok;
  return isOwned ? ok({ canOwn: true, hasEgress: true }) : built;
}

function commit(link: NetlinkSocket, requests: readonly Request[], how: "do" | "try"): Done {
  const first = (link.sequence + 1) >>> 0;
  const sent = send(link.fd, batchOf(link, requests, how));
  if (!sent.ok) return sent;
  return answerTo(link, first);
}

/** @param how - `try` leaves the end away: all is looked at, and undone */
function batchOf(link: NetlinkSocket, requests: readonly Request[], how: "do" | "try"): Buffer {
  const last = requests.length - 1;
  const framed = [
    batchBegin,
    ...requests.map((request, index) =>
      index === last ? { ...request, flags: request.flags | NLM_F_ACK } : request,
    ),
    ...(how === "do" ? [batchEnd] : []),
  ];
  return Buffer.concat(
    framed.map((request) =>
      encodeMessage({
        ...request,
        flags: request.flags | NLM_F_REQUEST,
        sequence: nextSequence(link),
      }),
    ),
  );
}

/** Every answer lies ready when the request was sent. The first fault is the reason of all others. */
function answerTo(link: NetlinkSocket, first: number): Done {
  let error: number | undefined;
  for (;;) {
    const answers = receiveAnswers(link);
    if (!answers.ok) {
      if (error === 0) return ok("done");
      if (error === undefined) return answers;
      return fail(errnoOf("nftables", error));
    }
    for (const message of answers.value) {
      // What an earlier batch has left unread is not about this one.
      if (message.sequence < first) continue;
      const told = errorOf(message);
      if (told !== undefined && (error === undefined || error === 0)) error = told;
    }
  }
}

function left({ link, requests }: Building): Result<number, Errno> {
  const dumped = dump(link, requests.leaseDump());
  if (!dumped.ok) return dumped;
  const elements = dumped.value.flatMap(decodeElements);
  // They were given their time together: what is gone of them has taken the rest along.
  const times = elements.map(({ leftMs }) => leftMs ?? 0);
  return ok(times.length < LEASE_ELEMENTS ? 0 : Math.min(...times));
}

/** The ether types of IPv4, ARP and IPv6. */
const LEASE_ELEMENTS = 3;
