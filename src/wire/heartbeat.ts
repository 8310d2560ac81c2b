/**
 * Our own heartbeat: a status message of the original, which every original understands, and in the
 * fields `us_…`, which no original looks at, what a node says of itself among its own kind.
 */
import type { Message, Phase } from "../core/index.ts";
import { nodeName } from "../core/index.ts";
import type { Result } from "../std/result.ts";
import { fail, ok } from "../std/result.ts";
import { millis } from "../std/time.ts";
import type { Envelope } from "./envelope.ts";
import { encode } from "./envelope.ts";
import type { PlainField } from "./fields.ts";
import { textField, textOf } from "./fields.ts";
import type { Key } from "./key.ts";
import { claimsFrom, claimsText, hearsFrom, hearsText, stancesFrom, stancesText } from "./lists.ts";
import { hexOf, numberFromHex } from "./number.ts";
import { optionalFields, optionalFrom } from "./optional.ts";
import { reasonFields, withReasons } from "./reasons.ts";
import type { Stamp } from "./stamp.ts";
import { stampFields } from "./stamp.ts";

/** The version of the `us_` fields. A field that may be left unread is added without a new one. */
const version = "1";

/** What `st` says to an original: it knows nothing of leaving, and waits for the last words. */
const statuses: Readonly<Record<Phase, string>> = {
  init: "init",
  up: "up",
  active: "active",
  leaving: "active",
  away: "active",
  gone: "dead",
};

const required = [
  "dt",
  "us_boot",
  "us_phase",
  "us_changed",
  "us_cfg",
  "us_claims",
  "us_stances",
  "us_hears",
];
const phases = ["init", "up", "active", "leaving", "away", "gone"] as const;

/** One heartbeat, ready to be sent on every medium. */
export function encodeHeartbeat(message: Message, stamp: Stamp, key: Key): Buffer {
  return encode(fieldsOf(message, stamp), key);
}

/**
 * The fields of a heartbeat, in the original's order, ours behind them. `deadtime` goes in whole
 * milliseconds, rounded up: nobody is to be called dead before its time.
 */
export function fieldsOf(message: Message, stamp: Stamp): readonly PlainField[] {
  return [
    textField("t", typeOf(message.phase)),
    textField("st", statuses[message.phase]),
    textField("dt", hexOf(Math.ceil(message.deadtime))),
    textField("protocol", "1"),
    ...stampFields(message, stamp),
    textField("us_v", version),
    textField("us_boot", message.boot),
    textField("us_phase", message.phase),
    textField("us_changed", hexOf(message.changed)),
    textField("us_cfg", message.digest),
    textField("us_claims", claimsText(message.claims)),
    textField("us_stances", stancesText(message.stances)),
    textField("us_hears", hearsText(message.hears)),
    ...reasonFields(message),
    ...optionalFields(message),
  ];
}

/**
 * What one of our own kind says. A message without `us_` fields is an original heartbeat's; one of
 * another version of them is malformed.
 */
export function heartbeatOf(
  envelope: Envelope,
): Result<Message, "original-heartbeat" | "missing-field" | "malformed"> {
  const us = textOf(envelope.fields, "us_v");
  if (us === undefined) return fail("original-heartbeat");
  if (us !== version) return fail("malformed");
  if (required.some((name) => textOf(envelope.fields, name) === undefined)) {
    return fail("missing-field");
  }
  const message = messageFrom(envelope);
  return message === undefined ? fail("malformed") : ok(message);
}

/** Nothing is missing; undefined if something says what no node of ours would say. */
function messageFrom({ type, from, sequence, generation, fields }: Envelope): Message | undefined {
  const text = (name: string): string => textOf(fields, name) ?? "";
  const phase = phases.find((each) => each === text("us_phase"));
  if (phase === undefined || typeOf(phase) !== type) return undefined;
  const [boot, digest] = [text("us_boot"), text("us_cfg")];
  if (!isDigest(boot) || !isDigest(digest)) return undefined;
  const deadtime = numberFromHex(text("dt"));
  const changed = numberFromHex(text("us_changed"));
  if (!deadtime || !changed || !sequence || changed > sequence) return undefined;
  const claims = claimsFrom(text("us_claims"));
  const stances = stancesFrom(text("us_stances"));
  const hears = hearsFrom(text("us_hears"));
  if (!claims || !stances || !hears) return undefined;
  const optional = optionalFrom(fields);
  const said = withReasons({ claims, stances }, fields);
  if (optional === undefined || said === undefined) return undefined;
  return {
    from: nodeName(from),
    boot,
    generation,
    sequence,
    changed,
    phase,
    deadtime: millis(deadtime),
    ...said,
    hears,
    digest,
    ...optional,
  };
}

/** With an original `status` alone keeps a node alive, and `shutdone` is its last word. */
function typeOf(phase: Phase): string {
  return phase === "gone" ? "shutdone" : "status";
}

function isDigest(text: string): boolean {
  return /^[\da-f]{16}$/.test(text);
}
