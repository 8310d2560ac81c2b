/**
 * What the daemon writes: one line for each notice, JSON for the journal, words for a terminal.
 */
import type { DestinationStream, Logger } from "pino";
import { destination, pino } from "pino";
import type { Notice } from "../core/index.ts";
import { notices } from "../core/index.ts";

export interface Log {
  readonly logger: Logger;
  /** Writes what is not written yet: before the process ends. */
  flush(): void;
}

/** What is not read by anybody is dropped beyond this: a stuck journal must not stop heartbeats. */
const BACKLOG_MAX = 4 * 1024 * 1024;

export async function openLog(node: string, isTerminal: boolean): Promise<Log> {
  const options = {
    base: { node },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  if (isTerminal) {
    const { prettyFactory } = await import("pino-pretty");
    const format = prettyFactory({
      colorize: true,
      ignore: "node",
      translateTime: "SYS:HH:MM:ss.l",
    });
    const stream: DestinationStream = {
      write: (line) => process.stdout.write(format(line)),
    };
    return { logger: pino(options, stream), flush: () => undefined };
  }
  // Not in step with the writing: a pipe that is full would stop the loop.
  const out = destination({ dest: 1, sync: false, maxLength: BACKLOG_MAX });
  // A log that has no reader any more is no reason to stop.
  out.on("error", () => undefined);
  return {
    logger: pino(options, out),
    flush: () => {
      try {
        out.flushSync();
      } catch {
        // Nobody reads it: there is nowhere to say so.
      }
    },
  };
}

export function tellTo(logger: Logger): (notice: Notice) => void {
  return (notice) => {
    const [level, sentence] = notices[notice.code];
    logger[level](rounded(notice), sentence);
  };
}

/** Times are kept to the microsecond, and differences of them have long tails of nines. */
function rounded(notice: Notice): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...notice };
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === "number") fields[name] = Math.round(value * 1000) / 1000;
  }
  return fields;
}
