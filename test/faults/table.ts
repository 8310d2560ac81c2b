/**
 * The matrix as Markdown.
 */
import type { Cell, Outcome } from "./cell.ts";
import { isBroken } from "./cell.ts";
import { neverTwo } from "./fault.ts";
import { clients } from "./network.ts";

export interface Result {
  readonly cell: Cell;
  /** One of each run; a text says why there is none. */
  readonly outcomes: readonly (Outcome | string)[];
}

/** Rows are faults, columns deadtimes; those with a planned takeover stand in a table of their own. */
export function tableOf(results: readonly Result[]): string {
  const deadtimes = [...new Set(results.map(({ cell }) => cell.options.deadtime))];
  const plain = results.filter(({ cell }) => !cell.isWithTakeover);
  const moved = results.filter(({ cell }) => cell.isWithTakeover);
  const tables: string[] = [];
  if (plain.length > 0) tables.push(rowsOf("fault", plain, deadtimes));
  if (moved.length > 0) tables.push(rowsOf("planned takeover during", moved, deadtimes));
  return [...tables, ...missingOf(results)].join("\n\n");
}

function rowsOf(title: string, results: readonly Result[], deadtimes: readonly number[]): string {
  const columns = deadtimes.flatMap((ms) => [`deadtime ${timeOf(ms)}: outage`, "both answered"]);
  const names = [...new Set(results.map(({ cell }) => cell.fault.name))];
  const rows = names.map((name) => {
    const own = results.filter(({ cell }) => cell.fault.name === name);
    const cells = deadtimes.flatMap((deadtime) =>
      cellsOf(own.find(({ cell }) => cell.options.deadtime === deadtime)),
    );
    return [name, ...cells, promiseOf(own[0]!)];
  });
  const lines = [
    [title, ...columns, "promised"],
    ["---", ...columns.map(() => "---"), "---"],
  ];
  return [...lines, ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

/** What the dashes stand for. */
function missingOf(results: readonly Result[]): readonly string[] {
  const reasons = results.flatMap(({ cell, outcomes }) =>
    outcomes
      .filter((each) => typeof each === "string")
      .map((reason) => `${cell.fault.name}: ${reason.split("\n", 1)[0]}`),
  );
  return reasons.length === 0 ? [] : [`Not measured: ${[...new Set(reasons)].join("; ")}.`];
}

function promiseOf({ cell: { fault } }: Result): string {
  return fault.promise === neverTwo ? "never two" : fault.promise.excuse;
}

function cellsOf(result: Result | undefined): readonly [string, string] {
  const outcomes = result?.outcomes.filter((each) => typeof each !== "string") ?? [];
  if (result === undefined || outcomes.length === 0) return ["—", "—"];
  const { fault } = result.cell;
  const perClient = clients.map((client, index) => ({
    client,
    ...worst(outcomes.map(({ outages }) => outages[index]!)),
  }));
  const outage =
    fault.isSplit === true
      ? perClient.map(({ client, ...each }) => `${client} ${outageText(each)}`).join(", ")
      : outageText(worst(perClient));
  return [outage, bothText(result, outcomes)];
}

/** Of several runs the worst counts. */
function bothText({ cell }: Result, outcomes: readonly Outcome[]): string {
  const both = Math.max(...outcomes.map((each) => each.bothMs));
  const seen = Math.max(...outcomes.map((each) => each.bothSeenMs));
  if (outcomes.some((each) => isBroken(cell, each))) return `**${msText(both)}**`;
  return both === seen ? msText(both) : `${msText(both)} (seen by one client: ${msText(seen)})`;
}

interface Length {
  readonly ms: number;
  readonly isOpen: boolean;
}

function worst(lengths: readonly Length[]): Length {
  return lengths.reduce((one, other) => (other.ms > one.ms ? other : one));
}

function outageText({ ms, isOpen }: Length): string {
  return isOpen && ms > 100 ? `> ${msText(ms)}` : msText(ms);
}

function msText(ms: number): string {
  return `${ms > 0 && ms < 1 ? 1 : Math.round(ms)} ms`;
}

export function timeOf(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;
}
