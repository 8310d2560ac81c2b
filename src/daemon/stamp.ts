/**
 * What every message carries besides what it says.
 */
import { readFileSync } from "node:fs";
import type { Config } from "../config/index.ts";
import type { Stamp } from "../wire/index.ts";

export function stampOf(config: Config, uuid: Uint8Array): Stamp {
  return {
    seconds: Date.now() / 1000,
    load: loadAverage(),
    ttl: config.core.peers.length + 1 + config.core.pings.length + config.duties.hopfudge,
    uuid,
  };
}

/** What the original sends too; nobody decides by it. */
function loadAverage(): string {
  try {
    return readFileSync("/proc/loadavg", "latin1").trim();
  } catch {
    return "0.00 0.00 0.00 1/1 1";
  }
}
