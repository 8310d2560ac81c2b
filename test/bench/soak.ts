/**
 * `npm run bench -- soak`: a pair on a busy machine on which nothing happens, for minutes. What the
 * daemons tell is false then, and is counted; how late their heartbeats come is measured on the cable.
 *
 * Ends with exit status 1 if a peer was called dead, an address moved or a lease ran out.
 */
import { parseArgs } from "node:util";
import { missingRequirement } from "../netns/lab/requirements.ts";
import type { NodeSoak, Soak, SoakOptions } from "./soak-run.ts";
import { alarms, soak } from "./soak-run.ts";
import type { Stall } from "./soak-watch.ts";

export async function main(args: readonly string[]): Promise<0 | 1> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string", default: "10" },
      keepalive: { type: "string", default: "10ms" },
      deadtime: { type: "string", default: "50ms" },
      load: { type: "string", default: "2" },
      memory: { type: "string", default: "0" },
      /** One soak for each: `on`, `off`, or `default`: nothing said in ha.cf. */
      realtime: { type: "string", default: "default,off" },
      /** One more line of ha.cf, as often as you like. */
      more: { type: "string", multiple: true, default: [] },
      /** A program, with its arguments, that becomes the daemons: `nice -n -20`. */
      under: { type: "string", default: "" },
    },
  });
  const missing = missingRequirement();
  if (missing !== undefined) {
    console.error(`soak: ${missing}`);
    return 1;
  }
  const { keepalive, deadtime } = values;
  let isCalm = true;
  for (const realtime of values.realtime.split(",")) {
    const options: SoakOptions = {
      seconds: Number(values.minutes) * 60,
      keepalive,
      deadtime,
      load: Number(values.load),
      memory: Number(values.memory),
      more: [...values.more, ...(realtime === "default" ? [] : [`realtime ${realtime}`])],
      under: values.under.split(" ").filter((word) => word !== ""),
    };
    const seen = await soak(options);
    const title = `realtime ${realtime}: keepalive ${keepalive}, deadtime ${deadtime}, ${values.minutes} minutes, ${values.load} busy loops, ${values.memory} that take memory`;
    console.log(`${title}\n\n${tableOf(seen)}\n`);
    isCalm &&= isUndisturbed(seen);
  }
  return isCalm ? 0 : 1;
}

function tableOf({ nodes, pings, stalls }: Soak): string {
  const head = ["node", "heartbeats", "gap p50", "p99", "p99.9", "max (ms)", "CPU"];
  const rows = [head, head.map(() => "---"), ...nodes.map(rowOf)];
  const lengths = stalls.map(({ from, to }) => to - from);
  const long = lengths.filter((ms) => ms > LONG_MS).length;
  return [
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
    ...nodes.map((node) => `${node.name} told: ${toldBy(node, stalls)}`),
    `client: ${pings.lost} of ${pings.sent} pings lost, no answer for ${pings.longestMs} ms at most`,
    `the machine itself stood still for ${Math.max(0, ...lengths).toFixed(1)} ms at most, ${long} times for more than ${LONG_MS} ms`,
  ].join("\n");
}

/** A length of a stall of the machine that is worth counting. */
const LONG_MS = 5;

function rowOf({ name, gaps, cpuPercent }: NodeSoak): readonly string[] {
  const of = (part: number): string =>
    (gaps[Math.floor(gaps.length * part)] ?? Number.NaN).toFixed(1);
  const longest = (gaps.at(-1) ?? Number.NaN).toFixed(1);
  const count = String(gaps.length);
  return [name, count, of(0.5), of(0.99), of(0.999), longest, `${cpuPercent.toFixed(1)} %`];
}

/** With what the machine itself can have caused set apart. */
function toldBy({ told }: NodeSoak, stalls: readonly Stall[]): string {
  const counted = [...told].filter(([, times]) => times.length > 0);
  const texts = counted.map(([code, times]) => {
    const excused = times.filter((at) => isNear(stalls, at)).length;
    const note = excused === 0 ? "" : ` (${excused} of them when the machine stood still)`;
    return `${code} ${times.length}${note}`;
  });
  return texts.join(", ") || "nothing";
}

/** What a stall leads to is told at its end, or a deadtime after it. */
function isNear(stalls: readonly Stall[], at: number): boolean {
  return stalls.some(
    ({ from, to }) => to - from > 2 * LONG_MS && from - 10 < at && at < to + AFTERMATH_MS,
  );
}

const AFTERMATH_MS = 100;

/** The first of {@link alarms}: what clients may have noticed. */
function isUndisturbed({ nodes, pings }: Soak): boolean {
  const costly = alarms.slice(0, 5);
  const isQuiet = ({ told }: NodeSoak): boolean =>
    costly.every((code) => (told.get(code) ?? []).length === 0);
  return pings.lost === 0 && nodes.every(isQuiet);
}
