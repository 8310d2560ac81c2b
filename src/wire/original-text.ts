/**
 * What we say to an original heartbeat, as the fields of a message. `original.ts` reads them.
 */
import type { Holding, NodeName, OriginalMessage, Saying } from "../core/index.ts";
import { unreachable } from "../std/assert.ts";
import { encode } from "./envelope.ts";
import type { PlainField } from "./fields.ts";
import { textField } from "./fields.ts";
import type { Key } from "./key.ts";
import { hexOf } from "./number.ts";
import type { Stamp } from "./stamp.ts";
import { stampFields } from "./stamp.ts";
import { bytesOfText } from "./word.ts";

/**
 * One message, ready to be sent on every medium, in the classic framing: every original reads it,
 * and its reader has none of the faults of the other's.
 *
 * There is no `destuuid`: where it is missing an original goes by the name, and a uuid that has
 * changed since, of a node that was installed anew, would make it take the message for another's.
 */
export function encodeOriginal(message: OriginalMessage, stamp: Stamp, key: Key): Buffer {
  const { saying, dest } = message;
  const to = dest === undefined ? [] : [textField("dest", bytesOfText(dest))];
  return encode([...fieldsOfSaying(saying, to), ...stampFields(message, stamp)], key);
}

/** In the original's order, which nobody depends on: so that captures can be compared. */
function fieldsOfSaying(saying: Saying, to: readonly PlainField[]): readonly PlainField[] {
  const t = textField("t", bytesOfText(saying.type === "unknown" ? saying.name : saying.type));
  switch (saying.type) {
    case "status":
      return [t, ...statusFields(saying), ...to];
    case "shutdone":
      return [t, textField("st", "dead"), ...to];
    case "repnodes":
      return [...to, t, ...nodeFields(saying.nodes)];
    case "resource":
      return [t, ...reportFields(saying), ...to];
    case "ask_resources":
      return [t, holdingField(saying.holds), textField("info", saying.step), ...to];
    case "hb_takeover":
      return [t, holdingField(saying.holds), ...to];
    case "ip-request":
      return [t, ...to, keyField(saying.key)];
    case "ip-request-resp":
      return [t, ...to, keyField(saying.key), ...answerFields(saying.isOwner)];
    case "NS_ackmsg":
      return [t, ...to, textField("ackseq", hexOf(saying.sequence))];
    case "NS_rexmit":
      return [t, ...to, ...rangeFields(saying.first, saying.last)];
    case "NS_nak_rexmit":
      return [t, textField("firstseq", hexOf(saying.sequence)), ...to, infoField(saying.reason)];
    case "num_ping_nodes":
      return [t, textField("num_ping", String(saying.count)), ...to, ...ipfail];
    case "you_are_dead":
    case "abort_giveup":
      return [t, ...to, ...ipfail];
    case "stonith":
      return [t, ...fencingFields(saying.node, saying.result), ...to];
    case "reqnodes":
    case "starting":
    case "unknown":
      return [t, ...to];
    default:
      return unreachable(saying);
  }
}

/** heartbeat hands a message to a program that has signed on by the name `to_id`, and to no other. */
const ipfail: readonly PlainField[] = [
  textField("from_id", "ipfail"),
  textField("to_id", "ipfail"),
  textField("client_gen", "0"),
];

/** The deadtime in whole milliseconds, rounded up: nobody is to be called dead before its time. */
function statusFields(saying: Extract<Saying, { type: "status" }>): readonly PlainField[] {
  const { status, deadtime, acknowledges } = saying;
  return [
    textField("st", status),
    ...(deadtime === undefined ? [] : [textField("dt", hexOf(Math.ceil(deadtime)))]),
    ...(acknowledges ? [textField("protocol", "1")] : []),
  ];
}

/** Every name has a blank behind it, and a list of none is one blank. */
function nodeFields(nodes: readonly NodeName[]): readonly PlainField[] {
  const list = nodes.map((node) => `${bytesOfText(node)} `).join("");
  return [textField("nodelist", list === "" ? " " : list), textField("delnodelist", " ")];
}

function reportFields(saying: Extract<Saying, { type: "resource" }>): readonly PlainField[] {
  const { holds, isFull, isStable, info } = saying;
  return [
    holdingField(holds),
    ...(isFull ? [textField("rtype", "full")] : []),
    ...(isStable === undefined ? [] : [textField("isstable", isStable ? "1" : "0")]),
    ...(info === "" ? [] : [infoField(info)]),
  ];
}

function holdingField(holds: Holding): PlainField {
  return textField("rsc_hold", holds);
}

function infoField(info: string): PlainField {
  return textField("info", bytesOfText(info));
}

function keyField(key: string): PlainField {
  return textField("ipaddr", bytesOfText(key));
}

/** It is `OK` in either case: nobody refuses. */
function answerFields(isOwner: boolean): readonly PlainField[] {
  return [textField("weown", isOwner ? "yes" : "no"), textField("ok", "OK")];
}

/** Decimal: the original reads these two, and no others, with atoi. */
function rangeFields(first: number, last: number): readonly PlainField[] {
  return [textField("firstseq", String(first)), textField("lastseq", String(last))];
}

function fencingFields(node: NodeName, result: string): readonly PlainField[] {
  return [textField("node", bytesOfText(node)), textField("result", bytesOfText(result))];
}
