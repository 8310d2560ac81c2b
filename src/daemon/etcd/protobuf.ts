/**
 * The part of the encoding of protocol buffers that etcd's messages need: numbers, bytes, and messages
 * within messages (https://protobuf.dev/programming-guides/encoding).
 */

/** A field that is undefined is left out, which means 0 or nothing. */
export type Fields = readonly (readonly [number: number, value: bigint | Uint8Array | undefined])[];

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;

export function encode(fields: Fields): Buffer {
  const parts: Uint8Array[] = [];
  for (const [number, value] of fields) {
    if (typeof value === "bigint") parts.push(varint(tag(number, VARINT)), varint(value));
    else if (value !== undefined) {
      const length = BigInt(value.length);
      parts.push(varint(tag(number, LENGTH_DELIMITED)), varint(length), value);
    }
  }
  return Buffer.concat(parts);
}

/** What a message has. Of a field that is missing: 0n, nothing, no bytes. */
export interface Decoded {
  /** As int64: the upper half is negative. */
  number(field: number): bigint;
  bytes(field: number): Buffer;
  /** Of a field that may be repeated. */
  messages(field: number): readonly Decoded[];
}

/** @throws RangeError if it is cut off, or no message */
export function decode(bytes: Uint8Array): Decoded {
  const reader = { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), at: 0 };
  const numbers = new Map<number, bigint>();
  const strings = new Map<number, Buffer[]>();
  while (reader.at < reader.bytes.length) {
    const head = Number(readVarint(reader));
    const field = Math.floor(head / 8);
    const type = head % 8;
    if (type === VARINT) numbers.set(field, readVarint(reader));
    else if (type === LENGTH_DELIMITED) {
      const value = take(reader, Number(readVarint(reader)));
      strings.set(field, [...(strings.get(field) ?? []), value]);
    } else if (type === FIXED_64 || type === FIXED_32) take(reader, type === FIXED_64 ? 8 : 4);
    else throw new RangeError(`a field of type ${type}`);
  }
  return {
    number: (field) => BigInt.asIntN(64, numbers.get(field) ?? 0n),
    bytes: (field) => strings.get(field)?.at(-1) ?? Buffer.alloc(0),
    messages: (field) => strings.get(field)?.map(decode) ?? [],
  };
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function tag(field: number, type: number): bigint {
  return BigInt(field * 8 + type);
}

/** Seven bits a byte, the lowest first; ten bytes at most. */
function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

function readVarint(reader: Reader): bigint {
  let value = 0n;
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const [byte = 0] = take(reader, 1);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  throw new RangeError("a number of more than ten bytes");
}

function take(reader: Reader, length: number): Buffer {
  const end = reader.at + length;
  if (end > reader.bytes.length) throw new RangeError("a message that is cut off");
  const taken = reader.bytes.subarray(reader.at, end);
  reader.at = end;
  return taken;
}
