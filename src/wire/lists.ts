/**
 * The lists in `us_` fields: items between blanks, their parts between commas, names quoted.
 *
 *     us_claims=3,held,10.0.0.100,start,,2af8 4,starting*,web,takeover,beta,0
 *         term, how far (* is pinned), group, why and from whom it was taken, age
 *     us_stances=refuses,db yields,web,beta wants,ftp
 *     us_hears=beta,6b008d48,1f                       node, generation, sequence
 */
import type { Claim, Hearing, Stance } from "../core/index.ts";
import { groupName, nodeName } from "../core/index.ts";
import { millis } from "../std/time.ts";
import { hexOf, numberFromHex } from "./number.ts";
import { quote, unquote } from "./word.ts";

/** A term grows by one at every taking: no cluster lives to see this one, and one more is exact. */
const TERM_MAX = 2 ** 48;

/** The parts of an item; empty those that it does not have. */
type Parts = readonly string[];

const stages = ["starting", "held", "stopping", "stuck"] as const;
const reasons = [
  "start",
  "peer-dead",
  "peer-left",
  "peer-refused",
  "takeover",
  "standby",
  "failback",
  "restart",
] as const;

export function claimsText(claims: readonly Claim[]): string {
  return claims
    .map(
      ({ group, term, at, pinned, reason, from, age }) =>
        `${hexOf(term)},${at}${pinned ? "*" : ""},${quote(group)},${reason},` +
        `${from === undefined ? "" : quote(from)},${hexOf(Math.round(age))}`,
    )
    .join(" ");
}

export function stancesText(stances: readonly Stance[]): string {
  return stances
    .map((stance) => {
      const words = `${stance.at},${quote(stance.group)}`;
      return stance.at === "yields" ? `${words},${quote(stance.to)}` : words;
    })
    .join(" ");
}

export function hearsText(hears: readonly Hearing[]): string {
  return hears
    .map(
      ({ node, generation, sequence }) => `${quote(node)},${hexOf(generation)},${hexOf(sequence)}`,
    )
    .join(" ");
}

/** Undefined if one of the items is none, here and below. */
export function claimsFrom(text: string): readonly Claim[] | undefined {
  return listFrom(
    text,
    6,
    ([termText = "", stage = "", word = "", why, fromText = "", ageText = ""]) => {
      const reason = reasons.find((each) => each === why);
      const from = fromText === "" ? "" : unquote(fromText);
      const age = numberFromHex(ageText);
      const pinned = stage.endsWith("*");
      const at = stages.find((each) => each === (pinned ? stage.slice(0, -1) : stage));
      const term = numberFromHex(termText);
      const group = unquote(word);
      if (term === undefined || term > TERM_MAX || at === undefined || group === undefined)
        return undefined;
      if (reason === undefined || from === undefined || age === undefined) return undefined;
      const node = from === "" ? undefined : nodeName(from);
      return { group: groupName(group), term, at, pinned, reason, from: node, age: millis(age) };
    },
  );
}

export function stancesFrom(text: string): readonly Stance[] | undefined {
  return listFrom(text, 3, ([at = "", word = "", toWord = ""]) => {
    const name = unquote(word);
    if (name === undefined) return undefined;
    const group = groupName(name);
    if (at === "yields") {
      const to = unquote(toWord);
      return to === undefined ? undefined : { group, at, to: nodeName(to) };
    }
    return (at === "refuses" || at === "wants") && toWord === "" ? { group, at } : undefined;
  });
}

/** One item: a name as `quote` writes it, and two numbers. In one look, for there is one of every node. */
const hearing =
  /((?:[!-$&-+\--~]|%[\da-f]{2})+),([\da-fA-F]{1,14}),([\da-fA-F]{1,14})(?: (?!$)|$)/y;

export function hearsFrom(text: string): readonly Hearing[] | undefined {
  const hears: Hearing[] = [];
  for (hearing.lastIndex = 0; hearing.lastIndex < text.length;) {
    const [, word = "", generationText = "", sequenceText = ""] = hearing.exec(text) ?? [];
    const node = word.includes("%") ? unquote(word) : word;
    const generation = Number.parseInt(generationText, 16);
    const sequence = Number.parseInt(sequenceText, 16);
    if (!node) return undefined;
    if (!Number.isSafeInteger(generation) || !Number.isSafeInteger(sequence)) return undefined;
    hears.push({ node: nodeName(node), generation, sequence });
  }
  return hears;
}

function listFrom<T>(
  text: string,
  parts: number,
  itemFrom: (parts: Parts) => T | undefined,
): readonly T[] | undefined {
  const items: T[] = [];
  for (const words of text === "" ? [] : text.split(" ")) {
    const split = words.split(",");
    const item = split.length <= parts ? itemFrom(split) : undefined;
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}
