/**
 * One start of a daemon, and the commands of somebody who is in a hurry.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import type { Place, Spot } from "./small-place.ts";
import { answered, startDaemon, stopDaemon, wallMs } from "./small-place.ts";
import { usageOf } from "./usage.ts";

/** A start is over then: what it costs is counted up to there. */
const SETTLED_MS = 500;

/**
 * @param words - what follows `node`
 * @returns figures by what they are
 */
export async function measureStart(
  place: Place,
  words: readonly string[],
): Promise<Readonly<Record<string, number>>> {
  const [node] = place.nodes;
  const empty = await timed(node, ["--eval", ""]);
  const begin = wallMs();
  const daemon = startDaemon(node, [process.execPath, ...words]);
  try {
    const [heartbeatAt, answeredAt] = await Promise.all([place.heartbeat(begin), answered(node)]);
    await pause(SETTLED_MS);
    const { cpuSeconds } = usageOf(daemon.pid!);
    return {
      "empty program, ms": empty,
      "first heartbeat, ms": heartbeatAt - begin,
      "control socket answers, ms": answeredAt - begin,
      "CPU of the start, ms": cpuSeconds * 1000,
      "status, ms": await timed(node, [...words, "status", ...node.options]),
      "hb_takeover, ms": await timed(node, [...words, "hb_takeover", ...node.options]),
    };
  } finally {
    await stopDaemon(daemon);
  }
}

/** From the call to the end; in the machine's namespace like a daemon, which takes a moment too. */
async function timed({ namespace }: Spot, words: readonly string[]): Promise<number> {
  const begin = wallMs();
  const command = ["netns", "exec", namespace.name, process.execPath, ...words];
  const child = spawn("ip", command, { stdio: "ignore" });
  await once(child, "exit");
  return wallMs() - begin;
}
