/**
 * `understudy status --watch`: the page anew every second, until Ctrl-C. It goes on while the daemon
 * is down, because that is when somebody watches.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Options } from "./parts.ts";
import { fetchReport, page, withLeftover } from "./status.ts";
import type { Terminal } from "./terminal.ts";

const periodMs = 1000;

// console_codes(4), "ECMA-48 CSI sequences".
const home = "\u001B[H";
const eraseLine = "\u001B[K";
const eraseBelow = "\u001B[J";
const eraseAll = "\u001B[2J";
const hideCursor = "\u001B[?25l";
const showCursor = "\u001B[?25h";

/**
 * @param stop - ends it, with status 0
 * @returns 0
 */
export async function watch(
  options: Options,
  { json, stop }: { readonly json: boolean; readonly stop: AbortSignal },
  terminal: Terminal,
): Promise<number> {
  if (terminal.interactive) terminal.out(hideCursor + home + eraseAll);
  while (!stop.aborted) {
    const report = await fetchReport(options);
    if (json)
      terminal.out(
        `${JSON.stringify(report.ok ? report.value : { version: 1, error: report.error })}\n`,
      );
    else
      frame(report.ok ? page(report.value, terminal) : await withLeftover(report.error), terminal);
    // Rejects when it is aborted, which the loop's condition sees.
    await pause(periodMs, undefined, { signal: stop }).catch(() => undefined);
  }
  if (terminal.interactive) terminal.out(showCursor);
  return 0;
}

/** Over the last frame and not after clearing it: a page that blinks cannot be read. */
function frame(text: string, { interactive, out }: Terminal): void {
  if (!interactive) return out(`${text}\n`);
  out(home + text.replaceAll("\n", `${eraseLine}\n`) + eraseBelow);
}
