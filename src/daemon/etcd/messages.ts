/**
 * The few messages of etcd's API that a vote needs (etcd, api/etcdserverpb/rpc.proto), as requests to
 * be sent and answers understood. Numbers of fields stand as they are there.
 */
import type { Decoded } from "./protobuf.ts";
import { decode, encode } from "./protobuf.ts";

/** A call: where it goes, what is sent, and what the answer means. */
export interface Call<T> {
  readonly path: string;
  /** Several requests and answers could go on one stream; one of each does. */
  readonly isStream: boolean;
  readonly request: Buffer;
  /** @throws RangeError if it is none */
  readonly read: (answer: Uint8Array) => T;
}

/** What a key has. `lease` is 0n if it has none. */
export interface Entry {
  readonly value: string;
  readonly lease: bigint;
}

/** @param seconds - for how long it holds; etcd may make it longer */
export function grantLease(
  seconds: number,
): Call<{ readonly lease: bigint; readonly seconds: number }> {
  return {
    path: "/etcdserverpb.Lease/LeaseGrant",
    isStream: false,
    request: encode([[1, BigInt(seconds)]]),
    read: (bytes) => {
      const answer = decode(bytes);
      return { lease: answer.number(2), seconds: Number(answer.number(3)) };
    },
  };
}

/** The keys that hang on it are deleted. */
export function revokeLease(lease: bigint): Call<undefined> {
  return {
    path: "/etcdserverpb.Lease/LeaseRevoke",
    isStream: false,
    request: encode([[1, lease]]),
    read: () => undefined,
  };
}

/** `seconds` is 0 if there is no such lease any more. */
export function keepAlive(
  lease: bigint,
): Call<{ readonly seconds: number; readonly term: bigint }> {
  return {
    path: "/etcdserverpb.Lease/LeaseKeepAlive",
    isStream: true,
    request: encode([[1, lease]]),
    read: (bytes) => {
      const answer = decode(bytes);
      return { seconds: Number(answer.number(3)), term: termOf(answer) };
    },
  };
}

/** Linearizable: the answer is what a majority of etcd's members stands by. */
export function read(
  key: string,
): Call<{ readonly entry: Entry | undefined; readonly term: bigint }> {
  return {
    path: "/etcdserverpb.KV/Range",
    isStream: false,
    request: rangeRequest(key),
    read: (bytes) => {
      const answer = decode(bytes);
      return { entry: entryIn(answer), term: termOf(answer) };
    },
  };
}

/**
 * Puts a key that must not be there, to be deleted with the lease.
 *
 * @returns the entry that was there, and is; undefined if it is put
 */
export function putNew(key: string, { value, lease }: Entry): Call<Entry | undefined> {
  const isAbsent = encode([
    [1, EQUAL],
    [2, VERSION],
    [3, Buffer.from(key)],
    [4, 0n],
  ]);
  const put = encode([
    [1, Buffer.from(key)],
    [2, Buffer.from(value)],
    [3, lease],
  ]);
  return {
    path: "/etcdserverpb.KV/Txn",
    isStream: false,
    request: encode([
      [1, isAbsent],
      [2, encode([[2, put]])],
      [3, encode([[1, rangeRequest(key)]])],
    ]),
    read: (bytes) => {
      const answer = decode(bytes);
      if (answer.number(2) === 1n) return undefined;
      const [range] = answer.messages(3).flatMap((each) => each.messages(1));
      const entry = range && entryIn(range);
      if (entry === undefined) throw new RangeError("neither put nor there");
      return entry;
    },
  };
}

/** The token goes with every call from then on. */
export function authenticate(user: string, password: string): Call<string> {
  return {
    path: "/etcdserverpb.Auth/Authenticate",
    isStream: false,
    request: encode([
      [1, Buffer.from(user)],
      [2, Buffer.from(password)],
    ]),
    read: (bytes) => decode(bytes).bytes(2).toString("latin1"),
  };
}

const EQUAL = 0n;
const VERSION = 0n;

function rangeRequest(key: string): Buffer {
  return encode([[1, Buffer.from(key)]]);
}

function entryIn(range: Decoded): Entry | undefined {
  const [entry] = range.messages(2);
  return entry && { value: entry.bytes(5).toString("utf8"), lease: entry.number(6) };
}

/** Of the header: the time in office of the leader that etcd's member follows. */
function termOf(answer: Decoded): bigint {
  return answer.messages(1)[0]?.number(4) ?? 0n;
}
