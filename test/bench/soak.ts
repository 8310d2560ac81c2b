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
      more: realtime === "default" ? [] : [`realtime ${realtime}`],
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
  const told = nodes.map(({ name, told: counts }) => {
    const counted = [...counts].filter(([, count]) => count > 0);
    return `${name} told: ${counted.map(([code, count]) => `${code} ${count}`).join(", ") || "nothing"}`;
  });
  const client = `client: ${pings.lost} of ${pings.sent} pings lost, no answer for ${pings.longestMs} ms at most`;
  const long = stalls.filter((ms) => ms > 5).length;
  const machine = `the machine itself stood still for ${stalls.at(-1) ?? 0} ms at most, ${long} times for more than 5 ms`;
  return [...rows.map((row) => `| ${row.join(" | ")} |`), "", ...told, client, machine].join("\n");
}

function rowOf({ name, gaps, cpuPercent }: NodeSoak): readonly string[] {
  const of = (part: number): string =>
    (gaps[Math.floor(gaps.length * part)] ?? Number.NaN).toFixed(1);
  const longest = gaps.at(-1) ?? Number.NaN;
  const count = String(gaps.length);
  return [
    name,
    count,
    of(0.5),
    of(0.99),
    of(0.999),
    longest.toFixed(1),
    `${cpuPercent.toFixed(1)} %`,
  ];
}

/** The first of {@link alarms}: what clients may have noticed. */
function isUndisturbed({ nodes, pings }: Soak): boolean {
  const costly = alarms.slice(0, 5);
  return (
    pings.lost === 0 && nodes.every(({ told }) => costly.every((code) => told.get(code) === 0))
  );
}
