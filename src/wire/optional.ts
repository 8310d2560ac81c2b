/**
 * The `us_` fields that a heartbeat may be without. One that is there and makes no sense is malformed.
 *
 *     us_reach=2                                      ping nodes
 *     us_lease=2ee us_back=3a98                       milliseconds
 *     us_maint=on,3,alpha,1b7740,kernel%20update      version, where, how long still, why
 *     us_macs=52:54:00:12:34:56 us_doubts=web,2       lists between blanks
 */
import type { GroupName, Maintenance, Message } from "../core/index.ts";
import { groupName, nodeName } from "../core/index.ts";
import type { Millis } from "../std/time.ts";
import { millis } from "../std/time.ts";
import type { Fields, PlainField } from "./fields.ts";
import { textField, textOf } from "./fields.ts";
import { hexOf, numberFromHex } from "./number.ts";
import { quote, unquote } from "./word.ts";

/** What of a heartbeat is in these fields. */
export type Optional = Pick<
  Message,
  "reach" | "lease" | "back" | "maintenance" | "macs" | "doubts"
>;

/** Of UTF-16: what the control socket lets an operator say, and no more is taken from a peer. */
const REASON_MAX = 200;
/** No machine has more interfaces with virtual IPs. */
const MACS_MAX = 64;
/** Ten years: a length of time that the core may add to any moment. */
const LENGTH_MAX = 10 * 366 * 86_400_000;
/** A version grows by one at every word of an operator: one more than this is exact. */
const VERSION_MAX = 2 ** 48;

/** What is undefined or an empty list is left out. */
export function optionalFields(message: Optional): readonly PlainField[] {
  const { reach, lease, back, maintenance, macs = [], doubts = [] } = message;
  const fields: PlainField[] = [];
  if (reach !== undefined) fields.push(textField("us_reach", hexOf(reach)));
  // Rounded up: nobody is to be taken for silent before its time.
  if (lease !== undefined) fields.push(textField("us_lease", hexOf(Math.ceil(lease))));
  if (back !== undefined) fields.push(textField("us_back", hexOf(Math.ceil(back))));
  if (maintenance !== undefined) fields.push(textField("us_maint", maintenanceText(maintenance)));
  if (macs.length > 0) fields.push(textField("us_macs", macs.slice(0, MACS_MAX).join(" ")));
  if (doubts.length > 0) fields.push(textField("us_doubts", doubts.map(quote).join(" ")));
  return fields;
}

/** Undefined: one of them says what no node of ours would say. */
export function optionalFrom(fields: Fields): Optional | undefined {
  const read = <T>(name: string, from: (text: string) => T | undefined): Read<T> => {
    const text = textOf(fields, name);
    const value = text === undefined ? undefined : from(text);
    return { value, isOdd: text !== undefined && value === undefined };
  };
  const reach = read("us_reach", numberFromHex);
  const lease = read("us_lease", lengthFrom);
  const back = read("us_back", lengthFrom);
  const maintenance = read("us_maint", maintenanceFrom);
  const macs = read("us_macs", macsFrom);
  const doubts = read("us_doubts", doubtsFrom);
  if ([reach, lease, back, maintenance, macs, doubts].some(({ isOdd }) => isOdd)) return undefined;
  return {
    reach: reach.value,
    lease: lease.value,
    back: back.value,
    maintenance: maintenance.value,
    ...(macs.value === undefined ? {} : { macs: macs.value }),
    ...(doubts.value === undefined ? {} : { doubts: doubts.value }),
  };
}

interface Read<T> {
  readonly value: T | undefined;
  readonly isOdd: boolean;
}

function lengthFrom(text: string): Millis | undefined {
  const length = numberFromHex(text);
  return length === undefined || length > LENGTH_MAX ? undefined : millis(length);
}

function maintenanceText({ on, version, by, left, reason }: Maintenance): string {
  const lasts = left === undefined ? "" : hexOf(Math.ceil(left));
  return `${on ? "on" : "off"},${hexOf(version)},${quote(by)},${lasts},${quote(reason)}`;
}

function maintenanceFrom(text: string): Maintenance | undefined {
  const parts = text.split(",");
  const [word = "", versionText = "", byWord = "", leftText = "", reasonWord = ""] = parts;
  if (parts.length !== 5 || (word !== "on" && word !== "off")) return undefined;
  const version = numberFromHex(versionText);
  const by = unquote(byWord);
  const left = leftText === "" ? undefined : lengthFrom(leftText);
  const reason = reasonWord === "" ? "" : unquote(reasonWord);
  if (version === undefined || version > VERSION_MAX || by === undefined) return undefined;
  if (reason === undefined || reason.length > REASON_MAX) return undefined;
  if (leftText !== "" && left === undefined) return undefined;
  return { on: word === "on", version, by: nodeName(by), left, reason };
}

function macsFrom(text: string): readonly string[] | undefined {
  const macs = text.split(" ");
  const isSound =
    macs.length <= MACS_MAX && macs.every((mac) => /^[\da-f]{2}(:[\da-f]{2}){5}$/.test(mac));
  return isSound ? macs : undefined;
}

/** As many as fit into a datagram, as with claims. */
function doubtsFrom(text: string): readonly GroupName[] | undefined {
  const groups: GroupName[] = [];
  for (const word of text.split(" ")) {
    const name = unquote(word);
    if (name === undefined) return undefined;
    groups.push(groupName(name));
  }
  return groups;
}
