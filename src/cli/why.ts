/**
 * `understudy why`: how a group came to be where it is, and what that cost.
 */
import type { GroupReport, MoveReport, Report } from "../control/index.ts";
import { clean } from "../control/index.ts";
import { exitCodes } from "./exit-codes.ts";
import { maintenanceText } from "./maintenance-text.ts";
import type { Options } from "./parts.ts";
import { fetchReport } from "./status.ts";
import { placeOf } from "./summary.ts";
import type { Terminal } from "./terminal.ts";
import type { Clock } from "./words.ts";
import { ago, length, localTime, measured, measuredFinely, since } from "./words.ts";

/** @returns 0, 3: not running, 64: there is no such group */
export async function why(
  options: Options,
  { group, json }: { readonly group: string | undefined; readonly json: boolean },
  terminal: Terminal,
): Promise<number> {
  const report = await fetchReport(options);
  if (!report.ok) {
    terminal.err(`${report.error}\n`);
    return exitCodes.notRunning;
  }
  const { groups } = report.value;
  const meant = groups.filter(({ name }) => group === undefined || name === group);
  if (group !== undefined && meant.length === 0) {
    terminal.err(`understudy: ${noSuchGroup(group, groups)}\n`);
    return exitCodes.usage;
  }
  terminal.out(json ? jsonOf(report.value, meant) : whyText(report.value, meant, localTime));
  return 0;
}

export function whyText(report: Report, groups: readonly GroupReport[], clock: Clock): string {
  if (groups.length === 0) return "no resource group is configured\n";
  const paragraphs = groups.map(
    (group) => `${paragraph(group, clock)}${restOf(group)}${silenceOf(report, group)}`,
  );
  const { maintenance } = report;
  if (maintenance !== null)
    paragraphs.push(`Nothing moves by itself: ${maintenanceText(maintenance, clock)}\n`);
  return paragraphs.join("\n");
}

/** Who does not take it, though able to. */
function restOf({ nodes, name }: GroupReport): string {
  return nodes
    .filter(({ rests }) => rests)
    .map(
      ({ node }) => `${node} stands by (operator): understudy takeover ${name} there ends that\n`,
    )
    .join("");
}

/** Held, and not answered for. */
function silenceOf({ node, lease }: Report, { holder }: GroupReport): string {
  if (lease.lapsed === null || holder !== node) return "";
  return `${node} has not answered for it for ${length(lease.lapsed.sinceMs)}: ${lease.lapsed.why}\n`;
}

function paragraph(group: GroupReport, clock: Clock): string {
  const now = `${group.name}: ${placeOf({ ...group, silent: null })} since ${since(group, clock)}: ${group.reason}`;
  const { lastMove } = group;
  if (lastMove === null) return `${now}\n${withoutMove(group)}\n`;
  return `${[now, ...moveSentences(lastMove, clock)].join("\n")}\n`;
}

/** Each node knows the cost of its own takeovers. */
function withoutMove({ holder, elsewhere }: GroupReport): string {
  if (elsewhere !== null) return "How it came there is not known here: ask the other node.";
  if (holder === null) return "Nobody holds it: understudy history says what happened.";
  return `What its last move took is known to the node that took it: ask ${holder}.`;
}

function moveSentences(move: MoveReport, clock: Clock): string[] {
  const { from, to, reason, at, agoMs } = move;
  const way = from === null ? `to ${to}` : `from ${from} to ${to}`;
  const [detect, start, outage] = [move.detectMs, move.startMs, move.outageMs].map(measured);
  return [
    `It last moved ${way} at ${clock(at)} (${ago(agoMs)}): ${reason}`,
    `  ${detect} from the last sign of life, or the word to give up, to the decision`,
    ...phaseSentences(move),
    `  ${start} from the decision to the start of the last resource`,
    `  ${outage} in all: what a client may have missed`,
  ];
}

function phaseSentences({ phases }: MoveReport): string[] {
  if (phases === null) return [];
  const { decideMs, leaseMs, addressMs, announceMs } = phases;
  const all = measuredFinely(decideMs + leaseMs + addressMs + announceMs);
  const parts = [decideMs, leaseMs, addressMs, announceMs].map(measuredFinely);
  const [decide, lease, address, announce] = parts;
  return [
    `  ${all} from the decision to the first announcement: decided ${decide}, lease ${lease}, ` +
      `address ${address}, announced ${announce}`,
  ];
}

/** One sentence, with the groups that there are. */
export function noSuchGroup(group: string, groups: readonly GroupReport[]): string {
  const names = groups.map(({ name }) => name).join(", ");
  return `there is no group '${clean(group)}': write ${names === "" ? "none, no group is configured" : names}`;
}

function jsonOf(report: Report, groups: readonly GroupReport[]): string {
  const { version, node, time, lease, maintenance, witness } = report;
  return `${JSON.stringify({ version, node, time, groups, lease, maintenance, witness }, undefined, 2)}\n`;
}
