/**
 * `understudy confirm`: the operator has made sure that a dead node is off, which no device could.
 */
import { createInterface } from "node:readline/promises";
import { clean, parseConfirmation } from "../control/index.ts";
import { answerMs, ask, faultText } from "./client.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Options } from "./parts.ts";
import type { Terminal } from "./terminal.ts";

/** @returns 0 taken, 1 refused, 3 not running, 64 the word was not given */
export async function confirm(
  options: Options,
  { node, yes }: { readonly node: string; readonly yes: boolean },
  terminal: Terminal,
): Promise<number> {
  if (!yes && !(await givesWord(node, terminal))) {
    terminal.err(`understudy: nothing was confirmed: write 'off', or the option --yes\n`);
    return exitCodes.usage;
  }
  const body = JSON.stringify({ node });
  const reply = await ask(options, { route: "confirm", body, timeoutMs: answerMs });
  if (!reply.ok) {
    terminal.err(`${faultText(reply.error)}\n`);
    return reply.error.type === "refused" ? 1 : exitCodes.notRunning;
  }
  const answer = parseConfirmation(reply.value);
  if (answer === undefined) {
    terminal.err("understudy's answer to confirm is none of version 1\n");
    return 1;
  }
  if (answer.refusal !== null) {
    terminal.err(`${answer.confirmed}: refused: ${answer.refusal}\n`);
    return 1;
  }
  terminal.out(`${answer.confirmed}: taken for off; what it may have held is free\n`);
  return 0;
}

/** Two nodes that hold one group may destroy its data: a slip of the fingers must not do that. */
async function givesWord(node: string, terminal: Terminal): Promise<boolean> {
  if (!terminal.interactive) return false;
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const question = `If ${clean(node)} runs, its data may be destroyed. Is it off? Write 'off': `;
    return (await lines.question(question)).trim() === "off";
  } finally {
    lines.close();
  }
}
