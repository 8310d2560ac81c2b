/**
 * The three questions of somebody who was woken: who holds it, since when and why; could a standby
 * take it; is anything wrong.
 */
import type { GroupReport, Report } from "../control/index.ts";
import { health } from "../control/index.ts";
import type { Tone } from "./terminal.ts";
import type { Clock } from "./words.ts";
import { ago, counted, either, length, since, wrap } from "./words.ts";

export interface Sentence {
  readonly tone: Tone;
  readonly text: string;
}

/**
 * The three answers in their order, ready to be printed, and that this node did not run lately. What
 * is wrong may go on for several lines.
 */
export function summary(
  report: Report,
  { clock, width }: { readonly clock: Clock; readonly width: number },
): readonly Sentence[] {
  return [holding(report, clock), standby(report.groups), wrong(report), ...stalled(report)].map(
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

/** `held by alpha`, `being taken by beta`, `answered by beta, which is not heard`, `held by NOBODY`. */
export function placeOf({ state, holder, elsewhere, silent }: Place): string {
  if (holder === null) return elsewhere ?? nobody;
  switch (state) {
    case "held":
      return silent === null ? `held by ${holder}` : `held by ${holder}, which does NOT answer`;
    case "starting":
      return `being taken by ${holder}`;
    case "stopping":
      return `being given up by ${holder}`;
    case "stuck":
      return `stuck on ${holder}`;
    case "unserved":
      return elsewhere ?? nobody;
  }
}

type Place = Pick<GroupReport, "state" | "holder" | "elsewhere" | "silent">;

const nobody = "held by NOBODY";

function holding({ groups, lease }: Report, clock: Clock): Sentence {
  const newest = groups.toSorted((a, b) => a.sinceMs - b.sinceMs)[0];
  if (newest === undefined) return { tone: "doubtful", text: "no resource group is configured" };
  const tone = toneOf(groups);
  if (groups.length === 1) {
    const when = since(newest, clock);
    if (newest.silent !== null) {
      const silence = lease.lapsed === null ? "" : ` for ${length(lease.lapsed.sinceMs)}`;
      const text = `${newest.name}: ${placeOf(newest)}${silence}: ${newest.silent}`;
      return { tone, text };
    }
    return { tone, text: `${newest.name}: ${placeOf(newest)} since ${when}: ${newest.reason}` };
  }
  const places = Map.groupBy(groups, placeOf);
  const parts = [...places].map(([place, members]) => {
    const names = members.map(({ name }) => name).join(", ");
    return members.some(isNotHeld)
      ? `${members.length} ${place} (${names})`
      : `${members.length} ${place}`;
  });
  const silent = groups.find((group) => group.silent !== null);
  const change =
    silent?.silent ?? `last change ${length(newest.sinceMs)} ago, ${newest.name}: ${newest.reason}`;
  return { tone, text: `${counted(groups.length, "group")}: ${parts.join(", ")}; ${change}` };
}

function toneOf(groups: readonly GroupReport[]): Tone {
  if (groups.some(isBad)) return "bad";
  return groups.every(({ state }) => state === "held") ? "good" : "doubtful";
}

function isBad(group: GroupReport): boolean {
  return placeOf(group) === nobody || group.silent !== null || group.state === "stuck";
}

function isNotHeld({ holder, state }: GroupReport): boolean {
  return holder === null || state === "unserved";
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

/** Longer ago it explains nothing of what is wrong now. */
export const recentMs: number = 10 * 60_000;

/** What else went wrong may come of it. */
function stalled({ node, stall }: Report): readonly Sentence[] {
  if (stall === null || stall.agoMs >= recentMs) return [];
  const text = `stalled: ${node} did not run for ${length(stall.lostMs)}, until ${ago(stall.agoMs)}`;
  return [{ tone: "doubtful", text }];
}

function unsettled(groups: readonly GroupReport[]): readonly string[] {
  const moving = groups.filter(({ state }) => state !== "held");
  if (moving.length === 0) return ["this node says so, and not why"];
  return moving.map((group) => `${group.name} is ${placeOf(group)}`);
}
