/**
 * What comes from outside may not steer a terminal: a name, or what a script said of itself, could
 * hold escape sequences.
 */

// C0 and C1 controls, DEL, and the characters that turn the direction of writing (UAX #9) or end a
// line (U+2028, U+2029).
// oxlint-disable-next-line no-control-regex -- Control characters are what this is about.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/** The text on one line, with every control character as a visible `\ufffd`; blanks stay blanks. */
export function clean(text: string): string {
  return text.replaceAll(/[\t\n\v\f\r]+/gu, " ").replaceAll(unsafe, "\ufffd");
}
