/**
 * The `serial` lines of ha.cf: each device is a medium of its own.
 */
import { mediumName } from "../core/index.ts";
import type { SerialMedium } from "./config.ts";
import type { Findings } from "./diagnostic.ts";
import { addWarning } from "./diagnostic.ts";
import type { Statement } from "./statements.ts";

export const baudRates: readonly string[] = [
  "9600",
  "19200",
  "38400",
  "57600",
  "115200",
  "230400",
  "460800",
];

/** `baud` holds for the lines below it, as in heartbeat; 19200 before it. */
export function serialMediaOf(
  statements: readonly Statement[],
  findings: Findings,
): readonly SerialMedium[] {
  const media = new Map<string, SerialMedium>();
  let baud = 19_200;
  for (const { directive, at, words } of statements) {
    if (directive.name === "baud") {
      baud = Number(words.at(-1)?.text ?? baud);
      if (media.size > 0) {
        const message = "baud does not affect the serial lines above it: put it before them";
        addWarning(findings, at, "baud-late", message);
      }
    }
    if (directive.name !== "serial") continue;
    for (const word of words) {
      if (media.has(word.text)) {
        addWarning(findings, word, "duplicate-medium", "heartbeats go there already");
        continue;
      }
      const name = mediumName(word.text);
      media.set(word.text, { type: "serial", name, device: word.text, baud });
    }
  }
  return [...media.values()];
}

/** How long a line needs for so many bytes: each is sent with a start and a stop bit. In ms. */
export function serialMs({ baud }: SerialMedium, bytes: number): number {
  return (bytes * 10_000) / baud;
}
