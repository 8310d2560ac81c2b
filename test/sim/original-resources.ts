/**
 * Who holds what, as a virtual original sees and says it: `starting`, `resource`, `ask_resources`.
 */
import type { Holding, Saying, Side } from "../../src/core/index.ts";
import { after, seconds } from "../../src/std/time.ts";
import type { Life } from "./original-life.ts";
import { bothSides, peerOf, say } from "./original-life.ts";
import { child, giveGroups, groupsOf, isRunning, takeGroups } from "./original-scripts.ts";

const ACQUIRE_AFTER = seconds(10);
const ANSWER_WITHIN = seconds(10);
const STEP_WITHIN = seconds(3600);
const FAILBACK_AGAIN = seconds(1);

export function sidesIn(holds: Holding): readonly Side[] {
  if (holds === "all") return bothSides;
  return holds === "none" ? [] : [holds];
}

export function holdingOf(sides: readonly Side[]): Holding {
  const [one, other] = bothSides.filter((side) => sides.includes(side));
  return one === undefined ? "none" : other === undefined ? one : "all";
}

export function turned(sides: readonly Side[]): readonly Side[] {
  return sides.map((side) => (side === "local" ? "foreign" : "local"));
}

function union(one: readonly Side[], other: readonly Side[]): readonly Side[] {
  return bothSides.filter((side) => one.includes(side) || other.includes(side));
}

function minus(one: readonly Side[], other: readonly Side[]): readonly Side[] {
  return one.filter((side) => !other.includes(side));
}

/** What `cl_status rscstatus` calls anything but `transition`. */
export function isStable(life: Life): boolean {
  return (
    life.otherStable &&
    !life.takeover &&
    life.standby.at === "not" &&
    life.children === 0 &&
    (life.stage === "stable" || life.stage === "shutdown" || life.stage === "init")
  );
}

export function rscstatus(life: Life): Holding | "transition" {
  return isStable(life) ? holdingOf(life.held) : "transition";
}

/** A full report; `info` as it is sent. */
function report(life: Life, held: readonly Side[], stable: boolean, info = ""): void {
  say(life, { type: "resource", holds: holdingOf(held), isFull: true, isStable: stable, info });
}

function reportHeld(life: Life): void {
  report(life, life.held, life.stage === "stable");
}

/** What is done on `starting` of the other node. */
export function onStarting(life: Life): void {
  if (life.stage === "init") return;
  if (life.stage === "starting") life.stage = "bothstarting";
  life.otherStable = false;
  reportHeld(life);
}

export function onReport(
  life: Life,
  saying: Extract<Saying, { type: "resource" }>,
  isOwn: boolean,
): void {
  if (life.stage === "init") return;
  if (life.stage === "starting" || life.stage === "bothstarting") {
    life.stage = "received";
    life.acquiresAt ??= after(life.machine.now(), ACQUIRE_AFTER);
  }
  if (isOwn) return onOwnReport(life, saying);
  const said = sidesIn(saying.holds);
  life.peer.hasReported = true;
  const isWhole = saying.isFull || saying.holds === "none";
  life.otherHeld = isWhole ? said : union(life.otherHeld, said);
  if (saying.isStable === false) life.otherStable = false;
  if (saying.isStable === true && !life.otherStable) {
    life.otherStable = true;
    reportHeld(life);
    failback(life);
  }
  const isSettled = life.stage === "stable" || life.stage === "shutdown";
  if (!isSettled && life.otherStable) settleIn(life);
}

function onOwnReport(life: Life, saying: Extract<Saying, { type: "resource" }>): void {
  const said = sidesIn(saying.holds);
  const isWhole = saying.isFull || saying.holds === "none";
  life.held = isWhole ? said : union(life.held, said);
  if (saying.info === "shutdown") life.stage = "shutdown";
  if (saying.info !== "mach_down") return;
  life.takeover = false;
  life.needsFailback = true;
  life.otherStable = true;
}

function settleIn(life: Life): void {
  acquireLocal(life, false);
  life.stage = "stable";
  report(life, life.held, true);
  failback(life);
}

/** The deadline of the first report has passed, or a failback may be tried again. */
export function onTime(life: Life): void {
  const now = life.machine.now();
  if (life.stage === "received" && life.acquiresAt !== undefined && now >= life.acquiresAt) {
    life.stage = "stable";
    acquireLocal(life, false);
    report(life, life.held, true);
  }
  if (life.retriesAt !== undefined && now >= life.retriesAt) failback(life);
}

function acquireLocal(life: Life, isForced: boolean): void {
  const isTaken = life.otherHeld.includes("foreign") || life.held.includes("local");
  if (!isForced && isTaken) return;
  life.held = union(life.held, ["local"]);
  const { held } = life;
  child(life, () => {
    for (const group of groupsOf(life, ["local"])) {
      const [first] = group.resources;
      if (first === undefined || isRunning(life, first)) continue;
      const key = first.name;
      say(life, { type: "ip-request-resp", key, isOwner: true }, life.config.self);
    }
    report(life, held, true, "req_our_resources()");
  });
}

/** What it tells itself to take. */
export function onGranted(life: Life, key: string): void {
  if (life.stage === "shutdown") return;
  takeGroups(
    life,
    life.config.groups.filter(({ resources }) => resources[0]?.name === key),
  );
}

function failback(life: Life): void {
  life.retriesAt = undefined;
  const isDue =
    life.config.autoFailback &&
    life.needsFailback &&
    life.held.includes("foreign") &&
    life.stage !== "shutdown" &&
    !life.isStopping;
  if (!isDue) return;
  if (life.standby.at !== "not" || !life.otherStable || life.stage !== "stable") {
    life.retriesAt = after(life.machine.now(), FAILBACK_AGAIN);
    return;
  }
  life.needsFailback = false;
  say(life, { type: "ask_resources", holds: "foreign", step: "me" });
}

/** The other node is dead: what it held, and what is at home here, is taken. */
export function takeOver(life: Life): void {
  if (life.stage === "shutdown") return;
  life.needsFailback = true;
  const isIdle = life.peer.hasReported && life.otherHeld.length === 0;
  const result = isIdle ? "unneeded" : "n_stnth";
  const node = peerOf(life);
  say(life, { type: "stonith", node, result });
  if (isIdle && life.held.length === 2) return;
  life.held = bothSides;
  life.otherHeld = [];
  life.otherStable = true;
  life.takeover = true;
  takeGroups(life, groupsOf(life, ["foreign"]), () => {
    const holds = "foreign";
    say(life, { type: "resource", holds, isFull: false, isStable: undefined, info: "mach_down" });
  });
  acquireLocal(life, true);
}

/** The other node has released everything, and says so. */
export function onGoodbye(life: Life): void {
  life.otherHeld = [];
  if (life.stage === "shutdown" || life.stage === "init") return;
  const missing = minus(bothSides, life.held);
  if (missing.length > 0) {
    const until = after(life.machine.now(), STEP_WITHIN);
    life.standby = { at: "done", sides: turned(missing), isGiver: false, until };
    takeGroups(life, groupsOf(life, missing), () => sayDone(life, missing));
  }
  takeOver(life);
}

/** The three steps of a standby. */
export function onAsk(
  life: Life,
  { holds, step }: Extract<Saying, { type: "ask_resources" }>,
  isOwn: boolean,
): void {
  if (life.stage === "shutdown" || life.stage === "init") return;
  const { standby } = life;
  switch (standby.at) {
    case "not":
      if (step === "me") onOffer(life, sidesIn(holds), isOwn);
      return;
    case "me":
      if (step === "other" && !isOwn) return release(life, standby.sides);
      if (step !== "done" || !isOwn) return;
      life.standby = { ...standby, at: "done" };
      life.held = minus(life.held, standby.sides);
      return;
    case "other": {
      if (step !== "done" || isOwn) return;
      life.standby = { ...standby, at: "done" };
      const groups = groupsOf(life, turned(standby.sides));
      takeGroups(life, groups, () => sayDone(life, standby.sides));
      return;
    }
    case "done":
      if (step !== "done") return;
      life.standby = { at: "not" };
      if (isOwn) life.held = union(life.held, turned(standby.sides));
      return report(life, life.held, true);
  }
}

function onOffer(life: Life, sides: readonly Side[], isOwn: boolean): void {
  const { machine } = life;
  if (!life.otherStable || life.stage !== "stable") {
    machine.write("ignores a standby: in flux");
    return;
  }
  life.otherStable = false;
  const until = after(machine.now(), isOwn ? ANSWER_WITHIN : STEP_WITHIN);
  life.standby = { at: isOwn ? "me" : "other", sides, isGiver: isOwn, until };
  if (!isOwn) say(life, { type: "ask_resources", holds: holdingOf(sides), step: "other" });
}

function release(life: Life, sides: readonly Side[]): void {
  const until = after(life.machine.now(), STEP_WITHIN);
  life.standby = { at: "me", sides, isGiver: true, until };
  report(life, minus(life.held, sides), false, "standby");
  giveGroups(life, groupsOf(life, sides), () => sayDone(life, sides));
}

function sayDone(life: Life, sides: readonly Side[]): void {
  say(life, { type: "ask_resources", holds: holdingOf(sides), step: "done" });
}

/** A standby that nobody goes on with ends, but only when something else is heard. */
export function expireStandby(life: Life): void {
  if (life.standby.at === "not" || life.machine.now() <= life.standby.until) return;
  life.machine.write("gives up the standby: no reply");
  life.standby = { at: "not" };
  life.otherStable = true;
}

/** Gives up everything before it goes; the groups of both nodes, held or not. */
export function giveUpAll(life: Life, then: () => void): void {
  report(life, [], false, "shutdown");
  life.held = [];
  life.stage = "shutdown";
  giveGroups(life, life.config.groups, () => {
    say(life, { type: "shutdone" });
    then();
  });
}
