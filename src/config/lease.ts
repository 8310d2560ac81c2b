/**
 * The lease of ha.cf: for how long the kernel lets a node answer that does not renew it.
 */
import type { CoreConfig, PingConfig, Timing } from "../core/index.ts";
import type { Millis } from "../std/time.ts";
import { millis } from "../std/time.ts";
import type { Findings } from "./diagnostic.ts";
import { addError, addWarning, wholeFile } from "./diagnostic.ts";
import type { WordCheck } from "./directive.ts";
import { faultOf } from "./directive.ts";
import type { Scalars } from "./scalars.ts";
import { quoted } from "./tokens.ts";
import { parsePositiveTime, parseTime } from "./values.ts";

export const leaseFault: WordCheck = (text) => {
  if (text === "auto" || text === "off") return undefined;
  if (/^[\d.+-]/.test(text)) return faultOf(parsePositiveTime(text));
  const message = `${quoted(text)} is none of auto, off or a time: write lease auto`;
  return { code: "bad-word", message };
};

/** @returns undefined: there is no lease */
export function leaseOf(scalars: Scalars, timing: Timing, findings: Findings): Millis | undefined {
  const word = scalars.get("lease");
  if (word?.text === "off") {
    addWarning(findings, word, "lease", unbounded);
    return undefined;
  }
  const automatic = automaticLease(timing.deadtime);
  const time = word && parseTime(word.text);
  const lease = time?.ok === true ? time.value : automatic;
  // What is wrong with deadtime itself is said elsewhere, and makes nonsense of the rest.
  if (timing.deadtime <= 2 * timing.keepalive) return automatic;
  const most = longestLease(timing.deadtime);
  if (word !== undefined && lease !== automatic && lease > most) {
    const margin = timing.deadtime - most;
    const message =
      `lease (${lease} ms) must end ${margin} ms before deadtime (${timing.deadtime} ms) at the ` +
      `latest: write lease auto, which is ${automatic} ms here, or at most ${most} ms`;
    addError(findings, word, "lease", message);
    return automatic;
  }
  checkRoom(scalars, { timing, lease }, findings);
  return lease;
}

const unbounded =
  "without a lease nothing silences a node that hangs, or whose heartbeats get lost: two may answer " +
  "for as long as that lasts, without bound; write lease auto";

/**
 * Deadtime less a tenth, at least 10 ms and at most 200 ms (a quarter of a very short one): for the
 * last heartbeat's way to the peer and for timers that are late.
 */
export function automaticLease(deadtime: Millis): Millis {
  const margin = Math.min(Math.max(deadtime / 10, 10), 200, deadtime / 4);
  return millis(Math.floor(deadtime - margin));
}

function longestLease(deadtime: Millis): Millis {
  return millis(Math.max(0, Math.floor(deadtime - Math.max(10, deadtime / 20))));
}

function checkRoom(
  scalars: Scalars,
  { timing, lease }: { readonly timing: Timing; readonly lease: Millis },
  findings: Findings,
): void {
  const { keepalive, warntime, deadtime } = timing;
  const place = ["lease", "deadtime", "keepalive"].flatMap((name) => scalars.get(name) ?? []);
  if (3 * keepalive > lease) {
    const message =
      `the lease (${lease} ms) is shorter than three keepalives (3 x ${keepalive} ms): two lost ` +
      `heartbeats silence the holder; raise deadtime, or write keepalive ${Math.floor(lease / 3)}ms`;
    addWarning(findings, place[0] ?? wholeFile, "lease", message);
    return;
  }
  // The lease of a holder waits for the word of a peer until that one is called late.
  const latest = lease - 2 * keepalive - 1;
  // Beyond deadtime it is warned of as such.
  if (warntime <= latest || warntime > deadtime) return;
  const message =
    `warntime (${warntime} ms) leaves the lease (${lease} ms) less than two keepalives ` +
    `(2 x ${keepalive} ms): a standby that dies silences the holder for a moment; write warntime ${latest}ms, or less`;
  addWarning(findings, scalars.get("warntime") ?? place[0] ?? wholeFile, "lease", message);
}

/** What a node does that hears no peer: with `release` it asks its ping nodes whether it is cut off. */
export function onIsolatedOf(
  scalars: Scalars,
  pings: readonly PingConfig[],
  findings: Findings,
): NonNullable<CoreConfig["onIsolated"]> {
  const word = scalars.get("on_isolated");
  if (word?.text !== "release") return "keep";
  if (pings.length === 0) {
    const message =
      "without a ping node, on_isolated release cannot tell being cut off from being the last node " +
      "alive: add `ping` and an address beyond the peer, as the gateway's, or write on_isolated keep";
    addError(findings, word, "isolated", message);
  }
  return "release";
}
