/**
 * The fields of a message: an ordered list of names and values.
 *
 * Text is one character for each byte of the wire (latin1), so that bytes of any encoding survive.
 */

/** On the wire a digit says which: string 0, binary 1, and the three that nobody here reads. */
export type Field =
  | { readonly type: "string"; readonly name: string; readonly text: string }
  | { readonly type: "binary"; readonly name: string; readonly bytes: Uint8Array }
  /**
   * A message within the message (2), a list of strings (3), a compressed value (4): what is in
   * them is of no use to a failover daemon, so it is kept as it came and never taken apart.
   */
  | {
      readonly type: "nested" | "list" | "compressed";
      readonly name: string;
      readonly raw: string;
    };

export type Fields = readonly Field[];

/** The fields that this daemon sends. */
export type PlainField = Extract<Field, { readonly type: "string" | "binary" }>;

/** The types by their digit on the wire. The original indexes a table with it and dies of a 6. */
export const fieldTypes: readonly Field["type"][] = [
  "string",
  "binary",
  "nested",
  "list",
  "compressed",
];

export function textField(name: string, text: string): PlainField {
  return { type: "string", name, text };
}

/** The text of the first string field of that name, which is the one that counts. */
export function textOf(fields: Fields, name: string): string | undefined {
  for (const field of fields) {
    if (field.name === name && field.type === "string") return field.text;
  }
  return undefined;
}

/** Whether a name means the same in both framings: one that begins with `(` would be a type. */
export function isFieldName(name: string): boolean {
  return /^[^(=\p{Cc}][^=\p{Cc}]*$/u.test(name);
}
