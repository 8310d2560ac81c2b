/**
 * What every message carries besides what it says.
 */
import { readFileSync } from "node:fs";
import type { Config } from "../config/index.ts";
import { now } from "../linux/index.ts";
import type { Stamp } from "../wire/index.ts";

export function stampOf(config: Config, uuid: Uint8Array): Stamp {
  return {
    seconds: Date.now() / 1000,
    load: loadAverage(),
    ttl: config.core.peers.length + 1 + config.core.pings.length + config.duties.hopfudge,
    uuid,
  };
}

/** The kernel works it out anew every five seconds (include/linux/sched/loadavg.h LOAD_FREQ). */
const LOAD_EVERY_MS = 5000;
let load = "0.00 0.00 0.00 1/1 1";
let loadReadAt = Number.NEGATIVE_INFINITY;

/** What the original sends too; nobody decides by it. */
function loadAverage(): string {
  const at = now();
  if (at - loadReadAt < LOAD_EVERY_MS) return load;
  loadReadAt = at;
  try {
    load = readFileSync("/proc/loadavg", "latin1").trim();
  } catch {
    // It stays what it was.
  }
  return load;
}
