/**
 * `understudy maintenance`: says that nothing is to move by itself, or may again, or how it is.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { PeerReport, Report } from "../control/index.ts";
import { parseOutcome } from "../control/index.ts";
import { answerMs, ask, faultText } from "./client.ts";
import { exitCodes } from "./exit-codes.ts";
import { maintenanceText } from "./maintenance-text.ts";
import type { Options } from "./parts.ts";
import { fetchReport } from "./status.ts";
import type { Terminal } from "./terminal.ts";
import { length, localTime } from "./words.ts";

export interface Wish {
  readonly on: boolean;
  /** Undefined: until it is taken back. */
  readonly forMs: number | undefined;
  readonly reason: string;
}

/** Within a keepalive every peer that lives has heard of it, and after another one has said so. */
const heardMs = 3000;
const lookEveryMs = 50;

/** @returns 0, or 3: not running */
export async function showMaintenance(options: Options, terminal: Terminal): Promise<number> {
  const report = await fetchReport(options);
  if (!report.ok) {
    terminal.err(`${report.error}\n`);
    return exitCodes.notRunning;
  }
  const { maintenance } = report.value;
  terminal.out(
    maintenance === null ? "not in maintenance\n" : `${maintenanceText(maintenance, localTime)}\n`,
  );
  return 0;
}

/** @returns 0 said and known to every node, 1 refused, or a node does not know it, 3 not running */
export async function sayMaintenance(
  options: Options,
  { on, forMs, reason }: Wish,
  terminal: Terminal,
): Promise<number> {
  const body = JSON.stringify({ on, forMs, reason: reason === "" ? undefined : reason });
  const reply = await ask(options, { route: "maintenance", body, timeoutMs: answerMs });
  if (!reply.ok) {
    terminal.err(`${faultText(reply.error)}\n`);
    return reply.error.type === "refused" ? 1 : exitCodes.notRunning;
  }
  const answer = parseOutcome(reply.value);
  if (answer === undefined || answer.refusal !== null) {
    terminal.err(`maintenance: refused: ${answer?.refusal ?? "the answer is none of version 1"}\n`);
    return 1;
  }
  if (!on) {
    terminal.out("maintenance has ended: groups move by themselves again\n");
    return 0;
  }
  const lasts = forMs === undefined ? "until it is taken back" : `for ${length(forMs)}`;
  terminal.out(`maintenance ${lasts}: nothing moves by itself\n`);
  return tellUnaware(await unawareAfterAll(options), terminal);
}

/** Whoever pulls a cable next must know whether the other node has heard. */
async function unawareAfterAll(options: Options): Promise<readonly string[]> {
  const until = performance.now() + heardMs;
  for (;;) {
    const report = await fetchReport(options);
    const unaware = report.ok
      ? unawareOf(report.value)
      : [`whether the other nodes know of it could not be found out: ${report.error}`];
    if (unaware.length === 0 || performance.now() >= until) return unaware;
    await pause(lookEveryMs);
  }
}

function unawareOf({ maintenance, peers }: Report): readonly string[] {
  const names = maintenance?.unaware ?? [];
  return names.map((name) =>
    unawareness(
      name,
      peers.find(({ node }) => node === name),
    ),
  );
}

function unawareness(name: string, peer: PeerReport | undefined): string {
  // An original will never know.
  if (peer?.original === true) {
    return `${name} runs heartbeat, which knows of no maintenance: it takes over as ever`;
  }
  if (peer?.state === "left") return `${name} has stopped: it hears of it when it starts`;
  if (peer?.state === "dead" || peer?.state === "unknown") {
    return `${name} is not heard: if it lives and is cut off, it does not know, and may take over`;
  }
  return `${name} has not said yet that it knows: see 'understudy status'`;
}

function tellUnaware(sentences: readonly string[], { err }: Terminal): number {
  for (const sentence of sentences) err(`${sentence}\n`);
  return sentences.length === 0 ? 0 : 1;
}
