/**
 * Why a node cannot hold what it does not hold, or why another could not: words for the operator, in
 * two fields that a heartbeat may be without. What is common to many groups is said once.
 *
 *     us_why=eth0%20has%20no%20carrier,10.0.0.100,web     of stances
 *     us_cause=eth0%20has%20no%20carrier,db               of claims
 */
import type { Claim, GroupName, Message, Stance } from "../core/index.ts";
import { groupName } from "../core/index.ts";
import type { Fields, PlainField } from "./fields.ts";
import { textField, textOf } from "./fields.ts";
import { quote, unquote } from "./word.ts";

/** Of UTF-16. More of it no operator reads, and no node believes. */
const REASON_MAX = 200;

type Said = Pick<Message, "claims" | "stances">;
type Reasons = ReadonlyMap<GroupName, string>;

/** What nobody gives a reason for is left out. */
export function reasonFields({ claims, stances }: Said): readonly PlainField[] {
  const whys = stances.map((stance) => ({ group: stance.group, text: whyOf(stance) }));
  const causes = claims.map(({ group, cause }) => ({ group, text: cause }));
  return [...field("us_why", whys), ...field("us_cause", causes)];
}

/** Puts the reasons to what they are reasons of. Undefined: no node of ours would say that. */
export function withReasons({ claims, stances }: Said, fields: Fields): Said | undefined {
  const whys = reasonsFrom(textOf(fields, "us_why"));
  const causes = reasonsFrom(textOf(fields, "us_cause"));
  if (whys === undefined || causes === undefined) return undefined;
  return {
    claims: claims.map((claim) => withCause(claim, causes.get(claim.group))),
    stances: stances.map((stance) => withWhy(stance, whys.get(stance.group))),
  };
}

function whyOf(stance: Stance): string | undefined {
  return stance.at === "wants" ? undefined : stance.why;
}

function withCause(claim: Claim, cause: string | undefined): Claim {
  return cause === undefined ? claim : { ...claim, cause };
}

function withWhy(stance: Stance, why: string | undefined): Stance {
  return why === undefined || stance.at === "wants" ? stance : { ...stance, why };
}

function field(
  name: string,
  reasons: readonly { readonly group: GroupName; readonly text: string | undefined }[],
): readonly PlainField[] {
  const groups = new Map<string, string>();
  for (const { group, text = "" } of reasons) {
    const word = text === "" ? "" : quote(text.slice(0, REASON_MAX));
    if (word !== "") groups.set(word, `${groups.get(word) ?? word},${quote(group)}`);
  }
  return groups.size === 0 ? [] : [textField(name, [...groups.values()].join(" "))];
}

function reasonsFrom(text: string | undefined): Reasons | undefined {
  const reasons = new Map<GroupName, string>();
  for (const item of text === undefined ? [] : text.split(" ")) {
    const [reason, ...groups] = item.split(",").map(unquote);
    if (reason === undefined || reason.length > REASON_MAX || groups.length === 0) return undefined;
    for (const group of groups) {
      if (group === undefined) return undefined;
      reasons.set(groupName(group), reason);
    }
  }
  return reasons;
}
