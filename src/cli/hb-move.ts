/**
 * `hb_takeover` and `hb_standby`, as heartbeat 3.0.6's scripts of these names are called
 * (hb_takeover(1), hb_standby(1)): the same words, usage and exit statuses. What they do is takeover
 * and standby.
 */
import { clean } from "../control/index.ts";
import { exitCodes } from "./exit-codes.ts";
import { move } from "./move.ts";
import type { Options } from "./parts.ts";
import type { Terminal } from "./terminal.ts";

const words: readonly string[] = ["all", "foreign", "local", "failback"];

/**
 * @returns 0: it was asked, whatever comes of it; 1: bad arguments, or nobody is there to be asked.
 * There the original waits at its FIFO for a reader, for ever.
 */
export async function hbMove(
  options: Options,
  called: { readonly name: "hb_takeover" | "hb_standby"; readonly args: readonly string[] },
  terminal: Terminal,
): Promise<0 | 1> {
  const { name, args } = called;
  const [word = "all", ...others] = args;
  if (others.length > 0) return usage(name, `${name}: too many arguments\n`, terminal);
  if (word === "--help") return usage(name, "", terminal);
  if (!words.includes(word)) {
    return usage(name, `${name}: wrong resources(${clean(word)}).\n`, terminal);
  }
  const type = name === "hb_takeover" ? "takeover" : "standby";
  if (type === "standby") terminal.err(`Going standby [${word}].\n`);
  const selection = selectionOf(type, word);
  const status = await move(options, { type, selection, wait: false }, terminal);
  return status === exitCodes.notRunning ? 1 : 0;
}

/**
 * hb_takeover(1): a takeover here is a standby there, and a standby for failback is of what belongs
 * to the other node, which is here. (The script itself takes everything then.)
 */
function selectionOf(type: "takeover" | "standby", word: string): string {
  return type === "takeover" && word === "failback" ? "local" : word;
}

function usage(name: string, why: string, { out, err }: Terminal): 1 {
  out(`${why}usage:\n`);
  err(`${name} [${words.join("|")}]\n`);
  return 1;
}
