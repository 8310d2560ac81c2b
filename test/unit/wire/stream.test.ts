import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { newMessageStream } from "../../../src/wire/index.ts";

const one = ">>>\nt=status\nsrc=alpha\nauth=1 abc\n<<<\n";
const two = ">>>\nt=status\nsrc=beta\ninfo=>>>\nauth=1 def\n<<<\n";

function taken(...pieces: readonly string[]) {
  const stream = newMessageStream();
  const messages: string[] = [];
  let malformed = 0;
  for (const piece of pieces) {
    const result = stream.take(Buffer.from(piece, "latin1"));
    messages.push(...result.messages.map((each) => each.toString("latin1")));
    malformed += result.malformed;
  }
  return { messages, malformed };
}

describe("a stream of whole messages", () => {
  test.each([
    ["in one piece", [one + two]],
    ["byte by byte", (one + two).split("")],
    [
      "cut in the middle of a mark",
      [one.slice(0, 2), one.slice(2), two.slice(0, -2), two.slice(-2)],
    ],
    ["with a NUL behind each, as old senders have it", [`${one}\0${two}\0`]],
    ["with empty lines between", [`\r\n\n${one}\n\r\n${two}`]],
  ])("%s has these messages", (_, pieces) => {
    expect(taken(...pieces)).toEqual({ messages: [one, two], malformed: 0 });
  });
});

describe("what is no message is counted, and what follows is read", () => {
  test.each([
    ["lines before the first", `login:\nPassword:\n${one}`, 1, [one]],
    ["garbage before a mark", `\x80\xff>>>\n${one.slice(4)}${two}`, 1, [one, two]],
    ["a message without an end", `${one.slice(0, 20)}\n${two}`, 1, [two]],
    ["a message without a beginning", `${one.slice(7)}${two}`, 1, [two]],
    ["a lost line feed before the next", `${one.slice(0, -1)}${two}`, 0, [one, two]],
    ["garbage, a message, garbage", `a\nb\n${one}c\nd\n`, 2, [one]],
  ])("%s", (_, text, malformed, messages) => {
    expect(taken(text)).toEqual({ messages, malformed });
    expect(taken(...text.split(""))).toEqual({ messages, malformed });
  });

  test("a line without end takes no memory, and ends with the next message", () => {
    const stream = newMessageStream();
    const noise = Buffer.alloc(4096, "x");
    let malformed = 0;
    for (let kib = 0; kib < 1024; kib += 4) malformed += stream.take(noise).malformed;
    // However long it is, it is one.
    expect(malformed).toBe(1);
    expect(stream.take(Buffer.from(`\n${one}`)).messages.map(String)).toEqual([one]);
  });

  test("a message of more than 64 KiB is none", () => {
    const long = `>>>\n${"x=1234567\n".repeat(7000)}<<<\n`;
    expect(taken(long + one)).toEqual({ messages: [one], malformed: 1 });
    const fits = `>>>\n${"x=1234567\n".repeat(6500)}<<<\n`;
    expect(taken(fits)).toEqual({ messages: [fits], malformed: 0 });
  });
});

test("no bytes make it throw, and after any bytes and a line feed messages are found again", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (pieces) => {
      const stream = newMessageStream();
      for (const piece of pieces) stream.take(piece);
      const found = stream.take(Buffer.from(`\n${one}${two}`, "latin1")).messages.map(String);
      expect(found.slice(-2)).toEqual([one, two]);
    }),
  );
});
