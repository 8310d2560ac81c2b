/**
 * Where a program prints to: a pipe of ours, read by line, that nobody ever has to wait for.
 *
 * A start script leaves a daemon behind that keeps the pipe. Reading goes on as long as that prints.
 * The writing end is open for reading too, so that the daemon is not killed by SIGPIPE when this
 * process has ended, and does not block, so that it is not stopped when nobody reads: what it prints
 * then is lost (pipe(7), fifo(7)).
 */
import { closeSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { now, openPipe, whenReadable } from "../linux/index.ts";
import { assert } from "../std/assert.ts";

export interface Output {
  /** For the child's standard output and error. */
  readonly fd: number;
  /** The program has ended: closes our copy of `fd`. @returns what was printed, up to a limit */
  finish(): string;
}

/** Of what is printed, this much is kept for the reason of a failure and for `status`. */
const TEXT_MAX = 16 * 1024;
/** A longer line is cut into several. */
const LINE_MAX = 4096;
/** What prints faster than this is a flood, not a message: of the rest only the number is told. */
const LINES_PER_SECOND = 100;

export function openOutput(print: (line: string) => void): Output {
  const opened = openPipe();
  assert(opened.ok, "a pipe");
  const { reader, writer } = opened.value;
  const lines = splitLines(print);
  let isOpen = true;
  let text = "";
  /** Once for each time that there is something: whoever prints without end does not keep the loop. */
  const read = (): void => {
    const chunk = isOpen ? readSome(reader) : undefined;
    if (chunk === undefined) return;
    if (chunk.length === 0) return end();
    if (text.length < TEXT_MAX) text += chunk.toString("latin1", 0, TEXT_MAX - text.length);
    lines.take(chunk);
  };
  const stop = whenReadable(reader, read);
  const end = (): void => {
    isOpen = false;
    stop();
    closeSync(reader);
    lines.end();
  };
  return {
    fd: writer,
    finish() {
      // A pipe holds no more than this: what was printed before the end is in it (pipe(7)).
      read();
      closeSync(writer);
      return text;
    },
  };
}

const buffer = Buffer.alloc(64 * 1024);

/** @returns undefined if there is nothing now; empty if there will never be more */
function readSome(fd: number): Buffer | undefined {
  try {
    return buffer.subarray(0, readSync(fd, buffer));
  } catch {
    // EAGAIN: a writer is left that may print later.
    return undefined;
  }
}

interface Lines {
  take(chunk: Buffer): void;
  end(): void;
}

function splitLines(print: (line: string) => void): Lines {
  const decoder = new StringDecoder("utf8");
  const paced = pace(print);
  let rest = "";
  const flush = (): void => {
    if (rest.trim() !== "") paced.take(rest);
    rest = "";
  };
  return {
    take(chunk) {
      const lines = (rest + decoder.write(chunk)).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line.trim() !== "") paced.take(line.slice(0, LINE_MAX));
      if (rest.length > LINE_MAX) flush();
    },
    end() {
      flush();
      paced.end();
    },
  };
}

function pace(print: (line: string) => void): { take(line: string): void; end(): void } {
  let second = 0;
  let count = 0;
  const tellRest = (): void => {
    const left = count - LINES_PER_SECOND;
    if (left > 0) print(`${left} more lines were left out`);
    count = 0;
  };
  return {
    take(line) {
      const current = Math.floor(now() / 1000);
      if (current !== second) tellRest();
      second = current;
      count += 1;
      if (count <= LINES_PER_SECOND) print(line);
    },
    end: tellRest,
  };
}
