/**
 * Messages out of a stream of bytes, as a serial line has them: the classic framing, with whatever
 * the line loses, doubles or adds between and inside them.
 */

export interface MessageStream {
  /**
   * Takes what has come, in pieces of any size. Takes time in proportion to it, and keeps no more than
   * one message.
   *
   * @returns the messages that are complete, as they were sent; none was looked into. And how many
   * were not whole, or were none
   */
  take(bytes: Uint8Array): { readonly messages: readonly Buffer[]; readonly malformed: number };
}

const start = ">>>";
const end = "<<<";
/** Like a datagram's. */
const bytesMax = 65_536;

interface Reading {
  /** The line that has no end yet. */
  rest: string;
  /** The lines of the message that has no end yet; undefined: none has begun. */
  message: string | undefined;
  /** Something that is no message was seen since the last one, and was counted. */
  hasJunk: boolean;
  malformed: number;
}

export function newMessageStream(): MessageStream {
  const reading: Reading = { rest: "", message: undefined, hasJunk: false, malformed: 0 };
  return {
    take(bytes) {
      const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
        .toString("latin1")
        .split("\n");
      const messages: Buffer[] = [];
      reading.malformed = 0;
      for (const [index, line] of lines.entries()) {
        reading.rest += line;
        if (reading.rest.length + (reading.message?.length ?? 0) > bytesMax) giveUp(reading);
        if (index === lines.length - 1) break;
        const message = readLine(reading, reading.rest);
        if (message !== undefined) messages.push(Buffer.from(message, "latin1"));
        reading.rest = "";
      }
      return { messages, malformed: reading.malformed };
    },
  };
}

/** @returns the message that ends with this line */
function readLine(reading: Reading, line: string): string | undefined {
  const { message } = reading;
  if (message === undefined) {
    readBetween(reading, line);
    return undefined;
  }
  // No field begins like an end, whatever was lost behind it.
  if (line.startsWith(end)) {
    reading.message = undefined;
    readBetween(reading, line.slice(end.length));
    return `${message}${end}\n`;
  }
  if (line === start) {
    // A second beginning: the end of the first was lost.
    reading.malformed += 1;
    begin(reading);
  } else reading.message = `${message}${line}\n`;
  return undefined;
}

function readBetween(reading: Reading, line: string): void {
  const begins = line.endsWith(start);
  if (!isFiller(begins ? line.slice(0, -start.length) : line)) junk(reading);
  if (begins) begin(reading);
}

function begin(reading: Reading): void {
  reading.message = `${start}\n`;
  reading.hasJunk = false;
}

/** Old senders put a NUL behind a message, and lines that are idle may print empty ones. */
function isFiller(text: string): boolean {
  return /^[\0\r ]*$/.test(text);
}

/** Many lines of it are one. */
function junk(reading: Reading): void {
  if (!reading.hasJunk) reading.malformed += 1;
  reading.hasJunk = true;
}

function giveUp(reading: Reading): void {
  reading.message = undefined;
  reading.rest = "";
  junk(reading);
}
