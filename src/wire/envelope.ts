/**
 * A datagram and what every message has in common: its type, its sender, its place in the order.
 */
import type { RejectReason } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import type { KeyTable, Signed } from "./auth.ts";
import { sign, verify } from "./auth.ts";
import { closeClassic, linesOf, openClassic, readClassic } from "./classic.ts";
import type { Fields, PlainField } from "./fields.ts";
import { textOf } from "./fields.ts";
import type { Key } from "./key.ts";
import { openNetstring, readNetstring } from "./netstring.ts";
import { numberFromHex } from "./number.ts";
import { textFromBytes } from "./word.ts";

export interface Envelope {
  /** The field `t`: `status`, `shutdone`, `NS_ackmsg` … */
  readonly type: string;
  /** The field `src`: a node's name, whether or not we know such a node. */
  readonly from: string;
  /** From 1. Undefined for the types `NS_…`, which are outside the order. */
  readonly sequence: number | undefined;
  /** 0 if it was not sent: such a sender's restarts cannot be seen. */
  readonly generation: number;
  /** All fields but `auth`, in their order. */
  readonly fields: Fields;
}

export type WireReject = Extract<
  RejectReason,
  "oversized" | "malformed" | "unknown-key" | "bad-signature" | "missing-field"
>;

/** No UDP datagram is longer; what is has come another way. */
const bytesMax = 65_536;

/**
 * Reads a datagram of either framing. Takes time and memory in proportion to its length, and never
 * throws. Until its signature is found good, nothing is read but the marks around it.
 *
 * @param keys - those that are accepted: the signature names one of them
 * @param active - the one that signs what we send. By a fault of heartbeat 3.0.6 the number in a
 * netstring chooses the method alone, the secret is always the active key's. There may be pairs
 * that agree in no more, so both are accepted: what the number says, and what the original does
 */
export function decode(
  bytes: Uint8Array,
  keys: readonly Key[],
  active: Key,
): Result<Envelope, WireReject> {
  if (bytes.length > bytesMax) return fail("oversized");
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (buffer.toString("latin1", 0, 4)) {
    case ">>>\n":
      return read(openClassic(buffer), { keys, alsoSecretOf: undefined }, readClassic);
    case "###\n":
      return read(openNetstring(buffer), { keys, alsoSecretOf: active }, readNetstring);
    default:
      return fail("malformed");
  }
}

/** A datagram in the classic framing, signed, the signature last. Read by every heartbeat. */
export function encode(fields: readonly PlainField[], key: Key): Buffer {
  const lines = linesOf(fields);
  return closeClassic(lines, sign(key, [Buffer.from(lines, "latin1")]));
}

function read(
  signed: Signed | undefined,
  table: KeyTable,
  readFields: (signed: Signed) => Fields | undefined,
): Result<Envelope, WireReject> {
  if (signed === undefined) return fail("malformed");
  const verdict = verify(signed, table);
  if (!verdict.ok) return verdict;
  const fields = readFields(signed);
  return fields === undefined ? fail("malformed") : envelopeOf(fields);
}

/** What the original asks of every message (heartbeat.c process_clustermsg): `t`, `src`, `ts`. */
function envelopeOf(fields: Fields): Result<Envelope, WireReject> {
  const type = textOf(fields, "t");
  const from = textOf(fields, "src");
  const ts = textOf(fields, "ts");
  const isOrdered = type?.startsWith("NS_") !== true;
  const seq = isOrdered ? textOf(fields, "seq") : "1";
  if (!type || !from || ts === undefined || seq === undefined) return fail("missing-field");

  const sequence = numberFromHex(seq);
  const generation = numberFromHex(textOf(fields, "hg") ?? "0");
  // Neither may be 0. What time the sender has is of no matter: clocks are not compared.
  if (!numberFromHex(ts) || !sequence || generation === undefined) return fail("malformed");
  return ok({
    type,
    from: textFromBytes(from),
    sequence: isOrdered ? sequence : undefined,
    generation,
    fields,
  });
}
