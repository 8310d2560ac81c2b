/**
 * The page of `understudy status`: three answers first, then what they rest on.
 */
import type { GroupReport, LinkReport, PeerReport, Report } from "../control/index.ts";
import { guardLines } from "./guard-lines.ts";
import { ableOf, placeOf, summary } from "./summary.ts";
import type { Cell } from "./table.ts";
import { table } from "./table.ts";
import type { Paint, Tone } from "./terminal.ts";
import type { View } from "./view.ts";
import type { Clock } from "./words.ts";
import { ago, either, length, measured, since, wrap } from "./words.ts";

/**
 * At most 80 columns wide on a terminal, for ordinary names. Of the report's texts nothing reaches the terminal
 * uncleaned, because `parseReport` cleans.
 */
export function statusText(report: Report, view: View): string {
  const sections = [
    summary(report, view).map(({ tone, text }) => view.paint(tone, text)),
    peerLines(report, view.paint),
    groupLines(report.groups, view),
    inabilityLines(report.groups, view.paint),
    moveLines(report.groups, view.paint),
    pingLines(report.pings, view.paint),
    mediumLines(report.media, view.paint),
    guardLines(report, view),
    droppedLines(report.rejected, view.width),
    [footer(report, view.clock)],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");
}

function peerLines({ node, peers }: Report, paint: Paint): string[] {
  const rows = peers.flatMap((peer) => [peerRow(peer), ...peer.links.map(linkRow)]);
  return table(["peer", "state", "heard", `hears ${node}`, "files"], rows, paint);
}

function peerRow(peer: PeerReport): readonly Cell[] {
  const alive = peer.state === "up" || peer.state === "late";
  return [
    peer.node,
    toned(peer.state, peerTones[peer.state]),
    ago(peer.lastHeardMs),
    // What a silent peer said long ago of its hearing says nothing.
    alive ? hearingOf(peer) : "",
    peer.original ? "runs heartbeat" : sameness(peer.sameConfig),
  ];
}

const peerTones: { readonly [S in PeerReport["state"]]: Tone } = {
  unknown: "doubtful",
  up: "good",
  late: "doubtful",
  dead: "bad",
  left: "doubtful",
};

function hearingOf({ hearsUs, backMs }: PeerReport): Cell {
  if (backMs !== null) return { tone: "doubtful", text: "is away" };
  return hearsUs ? "yes" : { tone: "bad", text: "NO" };
}

function sameness(same: boolean | null): Cell {
  if (same === null) return "";
  return same ? "the same" : { tone: "bad", text: "DIFFERENT" };
}

function linkRow(link: LinkReport): readonly Cell[] {
  const tone = link.state === "up" ? "good" : "doubtful";
  return [`  ${link.medium}`, toned(link.state, tone), ago(link.lastHeardMs)];
}

function groupLines(groups: readonly GroupReport[], { paint, clock }: View): string[] {
  const rows = groups.map((group): readonly Cell[] => [
    group.name,
    toned(shortPlaceOf(group), group.state === "held" && group.silent === null ? "good" : "bad"),
    since(group, clock),
    group.preferred,
    either(ableOf(group)) || { tone: "bad", text: "NONE" },
  ]);
  return table(["group", "place", "since", "preferred", "standby"], rows, paint);
}

/** For a column: how it is known is said at the top. */
function shortPlaceOf(group: GroupReport): string {
  if (group.silent !== null) return `SILENT on ${group.holder ?? ""}`;
  return placeOf(group).split(",", 1)[0] ?? "";
}

function inabilityLines(groups: readonly GroupReport[], paint: Paint): string[] {
  const rows = groups.flatMap((group) =>
    group.nodes
      .filter(({ node, able }) => !able && node !== group.holder)
      .map(({ node, why }): readonly Cell[] => [group.name, node, why ?? ""]),
  );
  return table(["cannot be taken", "by", "because"], rows, paint);
}

function moveLines(groups: readonly GroupReport[], paint: Paint): string[] {
  const rows = groups.flatMap(({ name, lastMove }): readonly (readonly Cell[])[] => {
    if (lastMove === null) return [];
    const { from, to, agoMs, detectMs, startMs, outageMs } = lastMove;
    const times = [detectMs, startMs, outageMs].map(measured);
    return [[name, from ?? "", to, ago(agoMs), ...times]];
  });
  return table(["last move", "from", "to", "when", "detect", "start", "outage"], rows, paint);
}

function pingLines(pings: Report["pings"], paint: Paint): string[] {
  const rows = pings.map(({ name, state, lastHeardMs }): readonly Cell[] => [
    name,
    toned(state, state === "up" ? "good" : "doubtful"),
    ago(lastHeardMs),
  ]);
  return table(["ping node", "state", "answered"], rows, paint);
}

function mediumLines(media: Report["media"], paint: Paint): string[] {
  const rows = media.map(({ medium, fault }): readonly Cell[] => [
    medium,
    fault === null ? "open" : { tone: "bad", text: fault },
  ]);
  return table(["medium", "state"], rows, paint);
}

function droppedLines(rejected: Report["rejected"], width: number): string[] {
  const counts = Object.entries(rejected).filter(([, count]) => count > 0);
  if (counts.length === 0) return [];
  const list = counts.map(([reason, count]) => `${count} ${reason}`).join(", ");
  return [wrap(`datagrams dropped since the start: ${list}`, { width, indent: "  " })];
}

function footer({ node, time, software, uptimeMs }: Report, clock: Clock): string {
  return `told by ${node} at ${clock(time)}; understudy ${software}, up for ${length(uptimeMs)}`;
}

function toned(text: string, tone: Tone): Cell {
  return { tone, text };
}
