/**
 * Names of nodes and groups as the bytes of a field, and as one word of a list in a field.
 */

/** UTF-8 as one character for each byte, as fields have their text. */
export function bytesOfText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** What is no UTF-8 becomes U+FFFD, which is in no name that we know. */
export function textFromBytes(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** Puts `%xx` for every byte of UTF-8 that is a blank, a comma, a percent sign or not printable. */
export function quote(text: string): string {
  return text.replaceAll(/[^!-$&-+\--~]+/g, (odd) =>
    Buffer.from(odd, "utf8").toString("hex").replaceAll(/../g, "%$&"),
  );
}

/** Undefined for what `quote` does not write. */
export function unquote(word: string): string | undefined {
  if (!/^(?:[!-$&-+\--~]|%[\da-f]{2})+$/.test(word)) return undefined;
  if (!word.includes("%")) return word;
  const bytes = word.replaceAll(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return textFromBytes(bytes);
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text);
}
