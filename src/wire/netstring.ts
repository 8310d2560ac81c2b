/**
 * The netstring framing, which the original sends and which is only read here.
 *
 *     ###
 *     <length>:(<type>)name=value,     for every field; binary values are bare bytes
 *     %%%
 *     <length>:<key number> <digest>,  over everything before it
 *
 * The original sends a field `auth` too, signed as in the classic framing, and checks it never.
 */
import { unreachable } from "../std/assert.ts";
import type { Signed } from "./auth.ts";
import type { Field, Fields } from "./fields.ts";
import { fieldTypes, isFieldName } from "./fields.ts";

const start = "###\n";
const end = "%%%\n";

/** Finds the end mark, and the signature behind it, of what begins with `###`. */
export function openNetstring(bytes: Buffer): Signed | undefined {
  // The last one: a value may contain the mark, a signature cannot.
  const bodyEnd = bytes.lastIndexOf(end, undefined, "latin1");
  if (bodyEnd < 0) return undefined;
  const length = bodyEnd + end.length;
  const [, digits, signature] = /^(\d+):([^,]*),$/.exec(bytes.toString("latin1", length)) ?? [];
  return {
    covered: [bytes.subarray(0, length)],
    signature: Number(digits) === signature?.length ? signature : undefined,
  };
}

/** Reads the fields between the marks. Undefined if anything else is there. */
export function readNetstring({ covered }: Signed): Fields | undefined {
  const body = Buffer.concat(covered).toString("latin1").slice(start.length, -end.length);
  const fields: Field[] = [];
  let at = 0;
  while (at < body.length) {
    const colon = body.indexOf(":", at);
    const digits = body.slice(at, colon);
    if (colon < 0 || !/^[1-9]\d{0,4}$/.test(digits)) return undefined;
    const comma = colon + 1 + Number(digits);
    const field = body[comma] === "," ? fieldFrom(body.slice(colon + 1, comma)) : undefined;
    if (field === undefined) return undefined;
    if (field.name !== "auth") fields.push(field);
    at = comma + 1;
  }
  return fields;
}

/** The original ends with a segmentation fault if there is no `(digit)`: here it is no field. */
function fieldFrom(text: string): Field | undefined {
  const digit = /^\((\d)\)/.exec(text)?.[1];
  const equals = text.indexOf("=");
  const name = text.slice("(0)".length, equals);
  if (digit === undefined || equals < 0 || !isFieldName(name)) return undefined;
  return valueFrom(fieldTypes[Number(digit)], name, text.slice(equals + 1));
}

function valueFrom(
  type: Field["type"] | undefined,
  name: string,
  value: string,
): Field | undefined {
  switch (type) {
    case "string":
      return value.includes("\0") ? undefined : { type, name, text: value };
    case "binary":
      return { type, name, bytes: Buffer.from(value, "latin1") };
    case "nested":
    case "list":
    case "compressed":
      return { type, name, raw: value };
    case undefined:
      return undefined;
    default:
      return unreachable(type);
  }
}
