/**
 * The three questions of somebody who was woken: who holds it, since when and why; could a standby
 * take it; is anything wrong.
 */
import type { GroupReport, Report } from "../control/index.ts";
import { health } from "../control/index.ts";
import type { Tone } from "./terminal.ts";
import type { Clock } from "./words.ts";
import { counted, either, length, since, wrap } from "./words.ts";

export interface Sentence {
  readonly tone: Tone;
  readonly text: string;
}

/** The three answers in their order, ready to be printed; the last may go on for several lines. */
export function summary(
  report: Report,
  { clock, width }: { readonly clock: Clock; readonly width: number },
): readonly Sentence[] {
  return [holding(report.groups, clock), standby(report.groups), wrong(report)].map(
    ({ tone, text }) => ({ tone, text: indented(text, width) }),
  );
}

/** Each line wrapped; all but the first stand below the text after `wrong: `. */
function indented(text: string, width: number): string {
  const indent = " ".repeat("wrong: ".length);
  const [first = "", ...others] = text.split("\n");
  const below = others.map((line) => wrap(line, { width, indent }, indent));
  return [wrap(first, { width, indent }), ...below].join("\n");
}

/** `held by alpha`, `being taken by beta`, `held by NOBODY`. */
export function placeOf({ state, holder }: Pick<GroupReport, "state" | "holder">): string {
  if (holder === null) return "held by NOBODY";
  switch (state) {
    case "held":
      return `held by ${holder}`;
    case "starting":
      return `being taken by ${holder}`;
    case "stopping":
      return `being given up by ${holder}`;
    case "stuck":
      return `stuck on ${holder}`;
    case "unserved":
      return "held by NOBODY";
  }
}

function holding(groups: readonly GroupReport[], clock: Clock): Sentence {
  const newest = groups.toSorted((a, b) => a.sinceMs - b.sinceMs)[0];
  if (newest === undefined) return { tone: "doubtful", text: "no resource group is configured" };
  const tone = toneOf(groups);
  if (groups.length === 1) {
    const when = since(newest, clock);
    return { tone, text: `${newest.name}: ${placeOf(newest)} since ${when}: ${newest.reason}` };
  }
  const places = Map.groupBy(groups, placeOf);
  const parts = [...places].map(([place, members]) => {
    const names = members.map(({ name }) => name).join(", ");
    return place === "held by NOBODY"
      ? `${members.length} ${place} (${names})`
      : `${members.length} ${place}`;
  });
  const change = `last change ${length(newest.sinceMs)} ago, ${newest.name}: ${newest.reason}`;
  return { tone, text: `${counted(groups.length, "group")}: ${parts.join(", ")}; ${change}` };
}

function toneOf(groups: readonly GroupReport[]): Tone {
  if (groups.some((group) => placeOf(group) === "held by NOBODY" || group.state === "stuck")) {
    return "bad";
  }
  return groups.every(({ state }) => state === "held") ? "good" : "doubtful";
}

function standby(groups: readonly GroupReport[]): Sentence {
  const without = groups.filter((group) => ableOf(group).length === 0);
  if (without.length > 0) return { tone: "bad", text: noStandby(groups, without) };
  const takers = [...new Set(groups.map((group) => either(ableOf(group))))];
  const [only] = takers;
  if (only === undefined) return { tone: "doubtful", text: "standby: none is needed" };
  if (takers.length > 1) return { tone: "good", text: "standby: every group has one" };
  const what = groups.length === 1 ? "it" : "every group";
  return { tone: "good", text: `standby: ${only} could take ${what} now` };
}

function noStandby(groups: readonly GroupReport[], without: readonly GroupReport[]): string {
  const shown = without.slice(0, 3).map((group) => {
    const others = group.nodes.filter(({ node }) => node !== group.holder);
    const why = others.map(({ node, why: reason }) => `${node} ${reason ?? "cannot"}`);
    const reasons = why.length === 0 ? "no other node is configured for it" : why.join(", ");
    return groups.length === 1 ? reasons : `${group.name}: ${reasons}`;
  });
  const more = without.length > 3 ? [`and ${without.length - 3} more`] : [];
  const text = [...shown, ...more].join("; ");
  return groups.length === 1 ? `standby: NONE: ${text}` : `standby: NONE for ${text}`;
}

/** The nodes, besides its holder, that could take the group now. */
export function ableOf(group: GroupReport): readonly string[] {
  const others = group.nodes.filter(({ node, able }) => able && node !== group.holder);
  return others.map(({ node }) => node);
}

function wrong(report: Report): Sentence {
  const code = health(report);
  const found = [...phaseOf(report), ...report.redundancy.why];
  if (found.length === 0 && code === 0) return { tone: "good", text: "wrong: nothing" };
  const told = found.length > 0 ? found : unsettled(report.groups);
  return { tone: code === 2 ? "bad" : "doubtful", text: `wrong: ${told.join("\n")}` };
}

function phaseOf({ node, phase }: Report): readonly string[] {
  switch (phase) {
    case "up":
      return [`${node} still listens for its peers, and takes nothing yet`];
    case "leaving":
      return [`${node} is being stopped`];
    case "away":
      return [`${node}'s daemon is being replaced`];
    case "active":
      return [];
  }
}

function unsettled(groups: readonly GroupReport[]): readonly string[] {
  const moving = groups.filter(({ state }) => state !== "held");
  if (moving.length === 0) return ["this node says so, and not why"];
  return moving.map((group) => `${group.name} is ${placeOf(group)}`);
}
