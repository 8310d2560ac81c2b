/**
 * A virtual heartbeat 3.0.6 with haresources, in the simulated world: how it joins, who lives, how
 * it ends. What it holds is in original-resources.ts.
 */
import type { Holding, OriginalMessage, Saying } from "../../src/core/index.ts";
import { after, millis, seconds } from "../../src/std/time.ts";
import type { Beginning, Life } from "./original-life.ts";
import { newLife, peerOf, say, sayStatus } from "./original-life.ts";
import { hear } from "./original-order.ts";
import {
  expireStandby,
  giveUpAll,
  isStable,
  onAsk,
  onGoodbye,
  onGranted,
  onReport,
  onStarting,
  onTime,
  takeOver,
  turned,
  holdingOf,
  sidesIn,
} from "./original-resources.ts";
import { child } from "./original-scripts.ts";

export type { Life, Machine } from "./original-life.ts";
export { rscstatus } from "./original-resources.ts";

const RESTART_AFTER_HEAL = 2000;
const RESTARTING_EXTRA = 30_000;

/** Begins a life: by `held` a quick restart that left its groups running. */
export function beginOriginal(beginning: Beginning): Life {
  const life = newLife(beginning, react);
  sayStatus(life);
  life.status = "up";
  sayStatus(life);
  sayStatus(life);
  keepAlive(life);
  poll(life);
  return life;
}

/** A datagram came; it is looked at when it polls. */
export function receive(life: Life, bytes: Uint8Array): void {
  life.inbox.push(bytes);
  if (life.knobs.poll === 0) life.machine.later(0, () => look(life));
}

/** `hb_standby`: a message that is written into the fifo. */
export function standby(life: Life, holds: Holding): void {
  say(life, { type: "ask_resources", holds, step: "me" });
}

/** `hb_takeover`. */
export function takeover(life: Life, holds: Holding): void {
  say(life, { type: "hb_takeover", holds });
}

/** `heartbeat -k`: waits until nothing is in transition. */
export function stop(life: Life): void {
  life.isStopping = true;
}

/** `heartbeat -r` after ha.cf was changed: what it holds stays up. */
export function reload(life: Life): void {
  if (life.isRestarting || life.isStopping) return;
  life.isRestarting = true;
  sayStatus(life, RESTARTING_EXTRA);
  life.machine.later(1000, () => replaceItself(life));
}

/** What a script has begun is not left half done: that the original waits here was not observed. */
function replaceItself(life: Life): void {
  if (life.children === 0) return life.machine.restart(life.held);
  return life.machine.later(500, () => replaceItself(life));
}

function keepAlive(life: Life): void {
  life.machine.later(life.config.timing.keepalive, () => {
    if (life.isAsleep) return;
    sayStatus(life);
    keepAlive(life);
  });
}

function poll(life: Life): void {
  life.machine.later(life.knobs.poll === 0 ? 250 : life.knobs.poll, () => {
    look(life);
    poll(life);
  });
}

/** All that it does by the timer at which it also reads what has come. */
function look(life: Life): void {
  const { machine } = life;
  if (life.isAsleep) return;
  for (const bytes of life.inbox.splice(0)) {
    const heard = hear(life, bytes);
    if (heard.type === "nothing") continue;
    expireStandby(life);
    if (heard.type === "healed") returnAfterPartition(life);
    react(life, heard.message);
  }
  judge(life);
  join(life);
  onTime(life);
  const { timing } = life.config;
  if (machine.now() - life.heardItself > timing.deadtime) restartAnew(life, "no local heartbeat");
  if (life.isStopping && life.stage !== "shutdown" && isStable(life)) {
    giveUpAll(life, () => end(life));
  }
}

/** Its last words said, it stays for a while. */
function end(life: Life): void {
  life.machine.later(2000, () => {
    life.isAsleep = true;
    life.machine.later(1000, () => life.machine.exit());
  });
}

function react(life: Life, message: OriginalMessage): void {
  const { saying } = message;
  const isOwn = message.from === life.config.self;
  if (saying.type === "status") {
    if (isOwn) life.heardItself = life.machine.now();
    else onStatus(life, saying);
    return;
  }
  if (saying.type === "resource") return onReport(life, saying, isOwn);
  if (saying.type === "ask_resources") return onAsk(life, saying, isOwn);
  if (saying.type === "ip-request-resp") {
    if (message.dest === life.config.self) onGranted(life, saying.key);
    return;
  }
  if (!isOwn) reactToOther(life, saying);
}

function reactToOther(life: Life, saying: Saying): void {
  const { self, peers } = life.config;
  if (saying.type === "reqnodes") {
    return say(life, { type: "repnodes", nodes: [self, ...peers] }, peerOf(life));
  }
  if (saying.type === "repnodes") life.knowsNodes = true;
  if (saying.type === "starting") return onStarting(life);
  if (saying.type === "shutdone") return onGoodbye(life);
  if (saying.type !== "hb_takeover") return;
  const holds = holdingOf(turned(sidesIn(saying.holds)));
  return child(life, () => standby(life, holds));
}

function onStatus(life: Life, saying: Extract<Saying, { type: "status" }>): void {
  const { peer, machine } = life;
  const now = machine.now();
  const isLate = peer.heardAt !== undefined && now - peer.heardAt > peer.deadtime;
  if (isLate && peer.status !== "dead") bury(life);
  peer.heardAt = now;
  peer.deadtime = saying.deadtime ?? life.config.timing.deadtime;
  peer.acknowledges &&= saying.acknowledges;
  if (peer.status === saying.status) return;
  machine.write(`sees ${peerOf(life)} ${saying.status}`);
  peer.status = saying.status;
}

function judge(life: Life): void {
  const { peer, machine, config } = life;
  if (peer.status === "dead") return;
  const isJoining = life.status !== "active";
  const since = peer.heardAt ?? life.startedAt;
  const patience = isJoining ? Math.max(config.timing.initdead, peer.deadtime) : peer.deadtime;
  if (machine.now() <= after(since, millis(patience))) return;
  bury(life);
}

function bury(life: Life): void {
  life.machine.write(`sees ${peerOf(life)} dead`);
  life.peer.status = "dead";
  life.peer.missing.clear();
  life.standby = { at: "not" };
  join(life);
  takeOver(life);
}

/** Communication is up when the other node was heard, or is dead; then it wants a list of nodes. */
function join(life: Life): void {
  const { peer, machine } = life;
  if (life.status === "active" || life.stage === "shutdown") return;
  if (peer.heardAt === undefined && peer.status !== "dead") return;
  if (peer.status !== "dead" && peer.acknowledges && !life.knowsNodes) {
    if (machine.now() < life.asksAt) return;
    life.asksAt = after(machine.now(), seconds(1));
    return say(life, { type: "reqnodes" }, peerOf(life));
  }
  life.status = "active";
  sayStatus(life);
  machine.write("is active");
  say(life, { type: "starting" });
  life.stage = life.held.length > 0 ? "stable" : "starting";
  if (life.stage === "stable") {
    const holds = holdingOf(life.held);
    say(life, { type: "resource", holds, isFull: true, isStable: true, info: "" });
  }
}

/** It finds that it was cut off from a life that goes on. */
function returnAfterPartition(life: Life): void {
  life.machine.write(`finds ${peerOf(life)} returning after a partition`);
  takeOver(life);
  restartAnew(life, "a partition");
}

/** Gives up everything, waits until nobody can be alive who does not know, and begins anew. */
function restartAnew(life: Life, why: string): void {
  const { machine, config } = life;
  if (life.isRestarting || life.isStopping) return;
  life.isRestarting = true;
  machine.write(`restarts itself after ${why}`);
  const wait = Math.ceil(config.timing.deadtime / 1000) * 1000 + 1000;
  machine.later(RESTART_AFTER_HEAL, () =>
    giveUpAll(life, () =>
      machine.later(1000, () => {
        sayStatus(life, RESTARTING_EXTRA);
        life.isAsleep = true;
        machine.later(wait, () => machine.restart([]));
      }),
    ),
  );
}
