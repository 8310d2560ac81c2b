/**
 * The end of a node that has said its last words. Beside an original it stays for a moment: one that
 * hears a node start while it still takes over from it gives it nothing back by itself
 * (hb_resource.c, `T_STARTING received during takeover`).
 */
import { after, seconds } from "../std/time.ts";
import { answerCommands, recordCommand } from "./command.ts";
import type { Effect } from "./effect.ts";
import type { Input } from "./input.ts";
import { livingOriginal } from "./original.ts";
import { sayGoodbye } from "./speak.ts";
import type { State } from "./state.ts";
import type { Turn } from "./turn.ts";
import { act, tell } from "./turn.ts";

/** How long the original itself stays behind its last words. */
const LINGER = seconds(3);

/** Says the last words, and ends, or begins to wait for it. */
export function goAway(turn: Turn): void {
  const { state } = turn;
  sayGoodbye(turn);
  tell(turn, { code: "left" });
  state.lingersUntil = isTakenFrom(state) ? after(state.now, LINGER) : state.now;
  end(turn);
}

/** A turn in which nothing is said, and nothing is heard but that the peer has taken everything. */
export function linger(turn: Turn, inputs: readonly Input[]): Effect[] {
  for (const input of inputs) {
    refuse(turn, input);
    if (hasTaken(input)) turn.state.lingersUntil = turn.state.now;
  }
  answerCommands(turn);
  end(turn);
  return [...turn.acts, ...turn.tells];
}

/** Whoever asks is answered as long as there is somebody who can. */
function refuse(turn: Turn, input: Input): void {
  const refusal = "this node is stopping";
  if (input.type === "command") recordCommand(turn, input.request, input.command);
  else if (input.type === "maintain" || input.type === "goAway") {
    act(turn, { type: "answered", request: input.request, refusal });
  } else if (input.type === "confirm") {
    act(turn, { type: "confirmed", request: input.request, node: input.node, refusal });
  }
}

function end(turn: Turn): void {
  const { state } = turn;
  if (state.exited || state.lingersUntil === undefined || state.now < state.lingersUntil) return;
  state.exited = true;
  turn.tells.push({ type: "exit", code: 0 });
}

function hasTaken(input: Input): boolean {
  if (input.type !== "original") return false;
  const { saying } = input.message;
  return saying.type === "resource" && saying.info === "mach_down";
}

/** Whether there is an original that takes over now. */
function isTakenFrom(state: State): boolean {
  const pair = livingOriginal(state);
  return pair !== undefined && !state.config.isLegacy && pair.peer.phase === "active";
}
