/**
 * What the daemon writes: one line for each notice, JSON for the journal, words for a terminal.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { DestinationStream, Logger } from "pino";
import { destination, pino } from "pino";
import type { Notice } from "../core/index.ts";
import { notices } from "../core/index.ts";

export interface Log {
  readonly logger: Logger;
  /** Writes what is not written yet: before the process ends. */
  flush(): void;
  /**
   * The same in good order, and for a second at most: `flush` does not wait for the line that is being
   * written, and may overtake it.
   */
  drain(): Promise<void>;
}

/** What is not read by anybody is dropped beyond this: a stuck journal must not stop heartbeats. */
const BACKLOG_MAX = 4 * 1024 * 1024;
/** Nor must it stop the end. */
const PATIENCE_MS = 1000;

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
    return { logger: pino(options, stream), flush: () => undefined, drain: async () => undefined };
  }
  // Not in step with the writing: a pipe that is full would stop the loop.
  let isWriting = false;
  const out = destination({ dest: 1, sync: false, maxLength: BACKLOG_MAX });
  // A log that has no reader any more is no reason to stop.
  out.on("error", () => (isWriting = false));
  out.on("drain", () => (isWriting = false));
  const stream: DestinationStream = {
    write(line) {
      isWriting = true;
      out.write(line);
    },
  };
  const flush = (): void => {
    try {
      out.flushSync();
    } catch {
      // Nobody reads it: there is nowhere to say so.
    }
  };
  return {
    logger: pino(options, stream),
    flush,
    async drain() {
      const isWritten = new Promise((resolve) => void out.once("drain", resolve));
      // The write itself keeps the process from ending, and the wait for it need not.
      const isEnough = pause(PATIENCE_MS, undefined, { ref: false });
      if (isWriting) await Promise.race([isWritten, isEnough]);
      flush();
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
