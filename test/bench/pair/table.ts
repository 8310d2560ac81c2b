/**
 * What was measured, as Markdown.
 */
import type { Contender } from "./contender.ts";
import type { Fault } from "./faults.ts";
import { notesOf } from "./notes.ts";
import type { Result } from "./result.ts";
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
    const isOpen = own.some(({ isOutageOpen }) => isOutageOpen);
    const isBothOpen = own.some((trial) => trial.isBothOpen);
    return [
      [
        ...headOf(contender),
        millisOf(contender.detectionMs),
        spreadText(
          own.map(({ outageMs }) => outageMs),
          isOpen,
        ),
        ...(isSilent ? [spreadText(overheads)] : []),
        spreadText(
          own.map(({ bothMs }) => bothMs),
          isBothOpen,
        ),
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
    const { processes } = own[0]!.holder;
    const cells = (["cpuPercent", "memoryMiB", "pssMiB"] as const).flatMap((figure) =>
      (["holder", "standby"] as const).map((node) =>
        spreadText(own.map((idle) => idle[node][figure])),
      ),
    );
    return [[...headOf(contender), ...cells, String(processes), String(own.length)]];
  });
  if (rows.length === 0) return [];
  const figures = ["CPU, %", "memory, MiB", "PSS here, MiB"].flatMap((figure) =>
    ["holder", "standby"].map((node) => `${figure}, ${node}: ${SPREAD}`),
  );
  const head = ["class", "program", "setting", ...figures, "processes of a node", "runs"];
  return ["### idle", tableOf(head, rows)];
}

function headOf({ className, program, setting }: Contender): readonly string[] {
  return [className, program, setting];
}

/** @param isOpen - some did not end before the measurement did */
function spreadText(values: readonly number[], isOpen = false): string {
  const spread = spreadOf(values);
  if (spread === undefined) return "—";
  const { min, median, p99, max } = spread;
  const [least, middle, nearly, most] = [min, median, p99, max].map(millisOf);
  const more = isOpen ? "> " : "";
  return `${least} / ${middle} / ${more}${nearly} / ${more}${most}`;
}

/** Two digits that count. */
export function millisOf(value: number): string {
  const size = Math.abs(value);
  if (size >= 10) return value.toFixed(0);
  if (size >= 1) return value.toFixed(1);
  return size < 0.005 ? "0" : value.toFixed(2);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}
