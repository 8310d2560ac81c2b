/**
 * The times of ha.cf, and how they must stand to each other.
 */
import type { Timing } from "../core/index.ts";
import type { Millis } from "../std/time.ts";
import { millis, seconds } from "../std/time.ts";
import type { Findings } from "./diagnostic.ts";
import { addError, addWarning, wholeFile } from "./diagnostic.ts";
import type { Scalars } from "./scalars.ts";
import { parseTime } from "./values.ts";

/** With the defaults of heartbeat 3.0.6, and its refusals (config.c parse_config). */
export function timingOf(scalars: Scalars, findings: Findings): Timing {
  const keepalive = timeOf(scalars, "keepalive") ?? seconds(1);
  const deadtime = timeOf(scalars, "deadtime") ?? seconds(30);
  const warntime = timeOf(scalars, "warntime") ?? millis(Math.floor(deadtime / 2));
  const initdead = timeOf(scalars, "initdead") ?? usualInitdead(deadtime);
  const deadping = timeOf(scalars, "deadping") ?? deadtime;
  const timing = { keepalive, warntime, deadtime, initdead, deadping };
  checkDeadtime(scalars, timing, findings);
  checkWarntime(scalars, timing, findings);
  checkDeadping(scalars, timing, findings);
  checkInitdead(scalars, timing, findings);
  return timing;
}

export function timeOf(scalars: Scalars, name: string): Millis | undefined {
  const word = scalars.get(name);
  const time = word && parseTime(word.text);
  return time?.ok === true ? time.value : undefined;
}

/** Switches and peers need a while when a whole room is switched on again. */
function usualInitdead(deadtime: Millis): Millis {
  if (deadtime > 10_000) return deadtime;
  return deadtime < 6000 ? seconds(12) : millis(2 * deadtime);
}

function checkDeadtime(scalars: Scalars, timing: Timing, findings: Findings): void {
  const { keepalive, deadtime } = timing;
  const twice = 2 * keepalive;
  const place = scalars.get("deadtime") ?? scalars.get("keepalive") ?? wholeFile;
  if (deadtime <= twice) {
    const message = `deadtime (${deadtime} ms) must be more than twice keepalive (2 x ${keepalive} ms): one lost heartbeat is not a death`;
    addError(findings, place, "deadtime", message);
  }
}

function checkDeadping(scalars: Scalars, timing: Timing, findings: Findings): void {
  const place = scalars.get("deadping");
  const { keepalive, deadping } = timing;
  if (place === undefined || deadping > 2 * keepalive) return;
  const message = `deadping (${deadping} ms) must be more than twice keepalive (2 x ${keepalive} ms)`;
  addError(findings, place, "deadping", message);
}

function checkWarntime(scalars: Scalars, timing: Timing, findings: Findings): void {
  const place = scalars.get("warntime");
  if (place === undefined) return;
  const { keepalive, warntime, deadtime } = timing;
  if (warntime > deadtime) {
    const message = `warntime (${warntime} ms) is beyond deadtime (${deadtime} ms): nobody is called late before being dead`;
    addWarning(findings, place, "warntime", message);
  } else if (warntime <= keepalive) {
    const message = `warntime (${warntime} ms) is within keepalive (${keepalive} ms): every heartbeat is called late`;
    addWarning(findings, place, "warntime", message);
  }
}

function checkInitdead(scalars: Scalars, timing: Timing, findings: Findings): void {
  const place = scalars.get("initdead");
  if (place === undefined) return;
  const { initdead, deadtime } = timing;
  if (initdead < deadtime) {
    const message = `initdead (${initdead} ms) must not be less than deadtime (${deadtime} ms)`;
    addError(findings, place, "initdead", message);
  } else if (initdead < 10_000) {
    const message = `initdead (${initdead} ms) is short: a switch may need 10 s and more to forward after a power failure`;
    addWarning(findings, place, "initdead-short", message);
  } else if (initdead < 2 * deadtime) {
    const message = `initdead (${initdead} ms) is less than twice deadtime (2 x ${deadtime} ms), as ha.cf(5) advises`;
    addWarning(findings, place, "initdead-short", message);
  }
}
