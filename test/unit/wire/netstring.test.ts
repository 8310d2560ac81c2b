import { describe, expect, test } from "vitest";
import { decode } from "../../../src/wire/index.ts";
import { commonNetstrings, key, latin1, netstring, signedNetstring } from "./frames.ts";

const common = commonNetstrings.map((each) => `${each.length}:${each},`).join("");

function read(bytes: Buffer) {
  const result = decode(bytes, [key], key);
  return result.ok ? "read" : result.error;
}

/** The field `x` of a message that has this netstring besides what it needs. */
function field(text: string) {
  const result = decode(netstring([...commonNetstrings, text]), [key], key);
  if (!result.ok) return result.error;
  return result.value.fields.find(({ name }) => name === "x");
}

describe("a netstring", () => {
  test.each([
    ["(0)x=", ""],
    ["(0)x=a=b,c:d", "a=b,c:d"],
    ["(0)x=one\ntwo", "one\ntwo"],
    ["(0)x=one\x13two", "one\x13two"],
    ["(0)x=%%%\n", "%%%\n"],
  ])("%j is a string", (netstringText, text) => {
    expect(field(netstringText)).toEqual({ type: "string", name: "x", text });
  });

  test("has bytes as they are, whatever they look like", () => {
    const bytes = latin1("\0\xff,%%%\n42:1 00,");
    expect(field(`(1)x=${bytes.toString("latin1")}`)).toEqual({ type: "binary", name: "x", bytes });
  });

  test.each([
    ["(2)x=###\n6:(0)y=z,%%%\n", "nested"],
    ["(3)x=1:a,2:bc,", "list"],
    ["(4)x=\0\x01", "compressed"],
  ])("%j is kept as it came", (text, type) => {
    expect(field(text)).toEqual({ type, name: "x", raw: text.slice("(2)x=".length) });
  });

  test.each([
    ["without a type, of which the original dies", "abc"],
    ["without a type and with a value", "x=y"],
    ["of type 5", "(5)x=y"],
    ["of type 6, behind the end of the original's table", "(6)x=y"],
    ["of type 9", "(9)x=y"],
    ["of a type that is no digit", "(a)x=y"],
    ["of a type that does not end", "(0x=y"],
    ["of a type alone", "(0)"],
    ["without a value", "(0)x"],
    ["without a name", "(0)=y"],
    ["with a line end in its name", "(0)x\nz=y"],
    ["with a type in its name", "(0)(1)x=y"],
    ["with a NUL in its string", "(0)x=\0"],
  ])("is no field %s", (_, text) => {
    expect(field(text)).toBe("malformed");
  });
});

describe("a message of netstrings, rightly signed,", () => {
  test.each([
    ["as it is", common, "read"],
    ["with no field", "", "missing-field"],
    ["with a length that is too short", `${common}5:(0)x=y,`, "malformed"],
    ["with a length that is too long", `${common}7:(0)x=y,`, "malformed"],
    ["with a length beyond the end", `${common}99999:(0)x=y,`, "malformed"],
    ["with a length of six digits", `${common}000006:(0)x=y,`, "malformed"],
    ["with a length of nothing", `${common}0:,`, "malformed"],
    ["with no length", `${common}:(0)x=y,`, "malformed"],
    ["with a sign in a length", `${common}+6:(0)x=y,`, "malformed"],
    ["with a blank in a length", `${common} 6:(0)x=y,`, "malformed"],
    ["with text between the fields", `${common}x`, "malformed"],
    ["with a second end mark", `${common}%%%\n`, "malformed"],
  ])("%s: %s", (_, body, result) => {
    expect(read(signedNetstring(body))).toBe(result);
  });

  const text = signedNetstring(common).toString("latin1");

  test.each([
    ["with a NUL behind it", `${text}\0`, "bad-signature"],
    ["with anything behind it", `${text}x`, "bad-signature"],
    ["with its signature twice", text + text.slice(text.lastIndexOf("\n") + 1), "bad-signature"],
    ["without the last comma", text.slice(0, -1), "bad-signature"],
    ["with a wrong length of its signature", text.replace("\n42:", "\n41:"), "bad-signature"],
    ["without its end mark", text.replace("%%%\n", ""), "malformed"],
    ["without its start mark", text.replace("###\n", ""), "malformed"],
  ])("is refused %s", (_, each, error) => {
    expect(read(latin1(each))).toBe(error);
  });

  test("is judged by the signature at its end, whatever is signed within", () => {
    const bytes = netstring([...commonNetstrings, "(0)auth=1 00"]);
    expect(read(bytes)).toBe("read");
  });
});
