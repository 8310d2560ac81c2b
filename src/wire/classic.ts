/**
 * The classic framing, the one that is sent: lines of text that tcpdump -A shows as they are.
 *
 *     >>>
 *     name=value           a string; a newline in it travels as byte 0x13
 *     (1)name=base64       bytes; (2) to (4) are the types that nobody here reads
 *     auth=1 <digest>      over all the other lines between the marks, in their order
 *     <<<
 */
import { assert, unreachable } from "../std/assert.ts";
import type { Signed } from "./auth.ts";
import { base64Of, bytesFromBase64 } from "./base64.ts";
import type { Field, Fields, PlainField } from "./fields.ts";
import { fieldTypes, isFieldName } from "./fields.ts";

const start = ">>>\n";
const end = "<<<\n";
const newline = 0x0a;
/** cluster-glue, cl_msg_types.c SPECIAL_SYM. */
const newlineInText = "\x13";

/**
 * Finds the end mark and the signature of what begins with `>>>`. Old senders (cluster-glue up to
 * 1.0.9) put a NUL behind it, which belongs to nothing.
 *
 * The original takes the end of the datagram for the end mark too; no sender leaves the mark away,
 * and a message that was cut off is not taken for a whole one here.
 */
export function openClassic(bytes: Buffer): Signed | undefined {
  const length = bytes.at(-1) === 0 ? bytes.length - 1 : bytes.length;
  const bodyEnd = length - end.length;
  if (bytes.toString("latin1", bodyEnd, length) !== end) return undefined;
  if (bytes[bodyEnd - 1] !== newline) return undefined;

  // The signature's line is the one thing that must be found before the message can be trusted.
  const head = bytes.subarray(0, bodyEnd);
  const before = head.indexOf("\nauth=", start.length - 1, "latin1");
  if (before < 0) return { covered: [head.subarray(start.length)], signature: undefined };
  const after = head.indexOf(newline, before + 1);
  if (head.indexOf("\nauth=", after, "latin1") >= 0) return undefined;
  return {
    covered: [head.subarray(start.length, before + 1), head.subarray(after + 1)],
    signature: head.toString("latin1", before + "\nauth=".length, after),
  };
}

/** Reads the lines that the signature covers. Undefined if one of them is no field. */
export function readClassic({ covered }: Signed): Fields | undefined {
  const fields: Field[] = [];
  const lines = covered.map(latin1Of).join("").split("\n");
  // Behind the last newline there is nothing.
  lines.pop();
  for (const line of lines) {
    const field = fieldFrom(line);
    if (field === undefined) return undefined;
    fields.push(field);
  }
  return fields;
}

function latin1Of({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("latin1");
}

/** The lines of fields, as they are signed and sent. */
export function linesOf(fields: readonly PlainField[]): string {
  let lines = "";
  for (const field of fields) {
    assert(isFieldName(field.name) && field.name !== "auth", `a field's name, not ${field.name}`);
    lines += lineOf(field);
  }
  return lines;
}

export function closeClassic(lines: string, signature: string): Buffer {
  return Buffer.from(`${start}${lines}auth=${signature}\n${end}`, "latin1");
}

function fieldFrom(line: string): Field | undefined {
  // `(0)` does not occur in this framing: a string has no mark.
  const [mark, digit] = (line.startsWith("(") && /^\(([1-4])\)/.exec(line)) || ["", "0"];
  const equals = line.indexOf("=");
  const name = line.slice(mark.length, equals);
  if (equals < 0 || !isFieldName(name)) return undefined;
  return valueFrom(fieldTypes[Number(digit)], name, line.slice(equals + 1));
}

function valueFrom(
  type: Field["type"] | undefined,
  name: string,
  value: string,
): Field | undefined {
  switch (type) {
    case "string":
      if (value.includes("\0")) return undefined;
      return {
        type,
        name,
        text: value.includes(newlineInText) ? value.replaceAll(newlineInText, "\n") : value,
      };
    case "binary": {
      const bytes = bytesFromBase64(value);
      return bytes && { type, name, bytes };
    }
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

function lineOf(field: PlainField): string {
  switch (field.type) {
    case "string":
      assert(isClassicText(field.text), `text that can be sent in the field ${field.name}`);
      return `${field.name}=${field.text.replaceAll("\n", newlineInText)}\n`;
    case "binary":
      return `(1)${field.name}=${base64Of(field.bytes)}\n`;
    default:
      return unreachable(field);
  }
}

/** One byte for each character: of two bytes one would be lost, and the other may be a newline. */
function isClassicText(text: string): boolean {
  return !/[\0\u0100-\uffff]/.test(text) && !text.includes(newlineInText);
}
