/**
 * What was measured, as Markdown.
 */
import type { Contender } from "./contender.ts";
import type { Fault } from "./faults.ts";
import { notesOf } from "./notes.ts";
import type { Of, Result } from "./result.ts";
import { isSame, ofType } from "./result.ts";
import { spreadOf } from "./spread.ts";

export interface Asked {
  readonly contenders: readonly Contender[];
  readonly faults: readonly Fault[];
}

/** @param results - in any order; the rows are in the order of what was asked for */
export function markdownOf(results: readonly Result[], asked: Asked): string {
  const parts = [
    factsOf(results),
    ...asked.faults.flatMap((fault) => trialsOf(results, asked.contenders, fault)),
    ...idleOf(results, asked.contenders),
    notesOf(results, asked),
  ];
  return `${parts.join("\n\n")}\n`;
}

function factsOf(results: readonly Result[]): string {
  return ofType(results, "facts")
    .map(({ date, kernel, system, processor, load, versions }) => {
      const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
      return `${date}, ${system}, Linux ${kernel}, ${processor}, load ${load} before. ${programs.join("; ")}.`;
    })
    .join("\n");
}

const SPREAD = "min / median / p99 / max";

function trialsOf(
  results: readonly Result[],
  contenders: readonly Contender[],
  { name, isSilent }: Fault,
): readonly string[] {
  const trials = ofType(results, "trial").filter(({ fault }) => fault === name);
  const rows = contenders.flatMap((contender) => {
    const own = trials.filter((trial) => isSame(trial, contender));
    if (own.length === 0) return [];
    const overheads = own.flatMap(({ overheadMs }) => overheadMs ?? []);
    const open = own.filter(({ isOutageOpen }) => isOutageOpen);
    const bothOpen = own.filter(({ isBothOpen }) => isBothOpen);
    return [
      [
        ...headOf(contender),
        digitsOf(contender.detectionMs),
        spreadText(outagesOf(own), outagesOf(open)),
        ...(isSilent ? [spreadText(overheads)] : []),
        spreadText(bothsOf(own), bothsOf(bothOpen)),
        String(own.length),
      ],
    ];
  });
  if (rows.length === 0) return [];
  const beyond = isSilent ? [`beyond detection, ms: ${SPREAD}`] : [];
  const outage = `outage, ms: ${SPREAD}`;
  const both = `two answered, ms: ${SPREAD}`;
  const head = ["class", "program", "setting", "detection, ms", outage, ...beyond, both, "runs"];
  return [`### ${name}`, tableOf(head, rows)];
}

function idleOf(results: readonly Result[], contenders: readonly Contender[]): readonly string[] {
  const idles = ofType(results, "idle");
  const rows = contenders.flatMap((contender) => {
    const own = idles.filter((idle) => isSame(idle, contender));
    if (own.length === 0) return [];
    return (["holder", "standby"] as const).map((node) => {
      const costs = own.map((idle) => idle[node]);
      const cells = (["cpuPercent", "memoryMiB", "pssMiB"] as const).map((figure) =>
        spreadText(costs.map((cost) => cost[figure])),
      );
      return [
        ...headOf(contender),
        node,
        ...cells,
        String(costs[0]?.processes),
        String(own.length),
      ];
    });
  });
  if (rows.length === 0) return [];
  const figures = ["CPU, %", "memory, MiB", "PSS here, MiB"].map((each) => `${each}: ${SPREAD}`);
  const head = ["class", "program", "setting", "node", ...figures, "processes", "runs"];
  return ["### idle", tableOf(head, rows)];
}

function outagesOf(trials: readonly Of<"trial">[]): readonly number[] {
  return trials.map(({ outageMs }) => outageMs);
}

function bothsOf(trials: readonly Of<"trial">[]): readonly number[] {
  return trials.map(({ bothMs }) => bothMs);
}

function headOf({ className, program, setting }: Contender): readonly string[] {
  return [className, program, setting];
}

/** @param open - those of the values that are longer: they had not ended when the measurement did */
function spreadText(values: readonly number[], open: readonly number[] = []): string {
  const spread = spreadOf(values);
  if (spread === undefined) return "—";
  const { min, median, p99, max } = spread;
  const leastOpen = Math.min(...open);
  return [min, median, p99, max]
    .map((value) => `${value >= leastOpen ? "> " : ""}${digitsOf(value)}`)
    .join(" / ");
}

/** Two digits that count. */
function digitsOf(value: number): string {
  const size = Math.abs(value);
  if (size >= 10) return value.toFixed(0);
  if (size >= 1) return value.toFixed(1);
  return size < 0.005 ? "0" : value.toFixed(2);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
