/**
 * Where a command writes.
 */
import { styleText } from "node:util";

export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person is looking: stdout is a terminal. */
  readonly interactive: boolean;
  readonly paint: Paint;
  /** Aborted when nobody reads any more: `understudy history | head`. */
  readonly closed: AbortSignal;
}

/** What a colour says. Never the only sign: the words say it too. */
export type Tone = "good" | "doubtful" | "bad" | "heading";

/** The text in the colour of its tone, or as it is. */
export type Paint = (tone: Tone, text: string) => string;

const styles: { readonly [T in Tone]: "green" | "yellow" | "red" | "dim" } = {
  good: "green",
  doubtful: "yellow",
  bad: "red",
  heading: "dim",
};

/** Colours on a terminal that has them, unless https://no-color.org asks for none. */
export function terminalOf(process: NodeJS.Process): Terminal {
  const { stdout, stderr, env } = process;
  const colored = stdout.isTTY && env["TERM"] !== "dumb" && (env["NO_COLOR"] ?? "") === "";
  const closed = new AbortController();
  // EPIPE, as a rule. What is written after it goes nowhere, which is where it is wanted.
  stdout.on("error", () => closed.abort());
  stderr.on("error", () => undefined);
  return {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    interactive: stdout.isTTY,
    paint: colored ? colors : plain,
    closed: closed.signal,
  };
}

export function plain(_tone: Tone, text: string): string {
  return text;
}

export function colors(tone: Tone, text: string): string {
  return styleText(styles[tone], text, { validateStream: false });
}
