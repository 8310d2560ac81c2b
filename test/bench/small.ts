/**
 * `npm run bench -- small`: what it costs to start: until the first heartbeat, until an operator reads
 * the status; and what a daemon costs that has nothing to do.
 *
 *     npm run bench -- small --runs 20 --idle 60
 *     npm run bench -- small --program "now=dist/understudy.js" --program "before=/elsewhere/understudy.js"
 *
 * Several programs are measured in turn, so that what else happens on the machine happens to all.
 */
import { copyFileSync, existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { engineFlags } from "../../src/daemon/engine.ts";
import { program } from "../netns/lab/program.ts";
import { missingRequirement } from "../netns/lab/requirements.ts";
import { temporaryFolder } from "./folder.ts";
import { measureIdle } from "./small-idle.ts";
import type { Place } from "./small-place.ts";
import { createPlace } from "./small-place.ts";
import { measureStart } from "./small-start.ts";
import { median } from "./usage.ts";

/** What is measured. */
interface Program {
  readonly name: string;
  /** Options of Node, and the file. */
  readonly words: readonly string[];
}

/** What was built, as the installed daemon is started. */
const asInstalled = `dist=${[...engineFlags, program].join(" ")}`;

/** By what was measured; one list for each program. */
type Figures = Map<string, number[][]>;

export async function main(args: readonly string[]): Promise<0 | 1> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: "string", default: "10" },
      /** Seconds; 0: not measured. */
      idle: { type: "string", default: "60" },
      /** Milliseconds. */
      keepalive: { type: "string", default: "1000" },
      /** A name and what follows `node`; several times. Default: what was built. */
      program: { type: "string", multiple: true, default: [asInstalled] },
    },
  });
  const missing = missingRequirement();
  if (missing !== undefined) {
    console.error(`small: ${missing}`);
    return 1;
  }
  const programs = values.program.map(programFrom);
  const folder = temporaryFolder("small");
  const place = await createPlace(folder.path, Number(values.keepalive));
  const figures: Figures = new Map();
  try {
    await measureStarts(place, { programs, runs: Number(values.runs), figures });
    if (Number(values.idle) > 0) {
      for (const [index, { name, words }] of programs.entries()) {
        console.error(`small: ${name} is idle for ${values.idle} s`);
        note(
          figures,
          index,
          await measureIdle(place, words, runtimes(folder.path), Number(values.idle)),
        );
      }
    }
  } finally {
    await place.remove();
    folder.remove();
  }
  for (const [index, { words }] of programs.entries())
    note(figures, index, { "size of the program, KiB": kibOf(dirname(words.at(-1)!)) });
  console.log(tableOf(programs, figures));
  return 0;
}

/** `name=--a-flag file` */
function programFrom(text: string): Program {
  const [name = "", ...rest] = text.split("=");
  const words = rest.join("=").split(" ");
  if (!existsSync(words.at(-1)!)) throw new Error(`--program takes NAME=[FLAGS ]FILE, not ${text}`);
  return { name, words };
}

async function measureStarts(
  place: Place,
  about: {
    readonly programs: readonly Program[];
    readonly runs: number;
    readonly figures: Figures;
  },
): Promise<void> {
  // The first start of each reads its files from the disk.
  for (let run = -1; run < about.runs; run += 1) {
    for (const [index, { words }] of about.programs.entries()) {
      const measured = await measureStart(place, words);
      if (run >= 0) note(about.figures, index, measured);
    }
    console.error(`small: start ${run + 1} of ${about.runs}`);
  }
}

/** Two of the same bytes, each for one daemon: no other process shares their pages. */
function runtimes(folder: string): readonly [string, string] {
  const copies = [join(folder, "node-a"), join(folder, "node-b")] as const;
  for (const copy of copies) if (!existsSync(copy)) copyFileSync(process.execPath, copy);
  return copies;
}

function note(figures: Figures, index: number, measured: Readonly<Record<string, number>>): void {
  for (const [what, value] of Object.entries(measured)) {
    const lists = figures.get(what) ?? [];
    (lists[index] ??= []).push(value);
    figures.set(what, lists);
  }
}

function kibOf(folder: string): number {
  const files = readdirSync(folder, { withFileTypes: true, recursive: true });
  const sizes = files
    .filter((each) => each.isFile())
    .map((each) => statSync(join(each.parentPath, each.name)).size);
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

/** Of several the median, and in brackets the least and the most. */
function tableOf(programs: readonly Program[], figures: Figures): string {
  const head = ["", ...programs.map(({ name }) => name)];
  const rows = [...figures].map(([what, lists]) => [what, ...lists.map(cellOf)]);
  return [head, head.map(() => "---"), ...rows].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function cellOf(values: readonly number[]): string {
  const middle = textOf(median(values));
  if (values.length < 2) return middle;
  return `${middle} (${textOf(Math.min(...values))} to ${textOf(Math.max(...values))})`;
}

function textOf(value: number): string {
  return value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);
}
