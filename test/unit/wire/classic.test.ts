import { describe, expect, test } from "vitest";
import { sign } from "../../../src/wire/auth.ts";
import { decode, encode, textField } from "../../../src/wire/index.ts";
import { classic, common, key, latin1 } from "./frames.ts";

/** The field `x` of a message that has this line besides what it needs. */
function field(line: string) {
  const result = decode(classic([...common, line]), [key], key);
  if (!result.ok) return result.error;
  return result.value.fields.find(({ name }) => name === "x");
}

describe("a line of the classic framing", () => {
  test.each([
    ["x=", ""],
    ["x=a=b", "a=b"],
    ["x= two words ", " two words "],
    ["x=(1)", "(1)"],
    ["x=one\x13two", "one\ntwo"],
    ["x=\xff", "\xff"],
  ])("%j is a string", (line, text) => {
    expect(field(line)).toEqual({ type: "string", name: "x", text });
  });

  test.each([
    ["(1)x=", []],
    ["(1)x=AAEC", [0, 1, 2]],
    ["(1)x=AA==", [0]],
  ])("%j is bytes", (line, bytes) => {
    expect(field(line)).toEqual({ type: "binary", name: "x", bytes: Buffer.from(bytes) });
  });

  test.each([
    ["(2)x=>>>\x14y=z\x14<<<\x14", "nested"],
    ["(3)x=1:a,2:bc,", "list"],
    ["(4)x=AAEC", "compressed"],
  ])("%j is kept as it came", (line, type) => {
    expect(field(line)).toEqual({ type, name: "x", raw: line.slice("(2)x=".length) });
  });

  test.each([
    ["without a value", "xyz"],
    ["without anything", ""],
    ["without a name", "=x"],
    ["with a type and without a name", "(1)=AAEC"],
    ["of type 0", "(0)x=y"],
    ["of type 5", "(5)x=y"],
    ["of type 9", "(9)x=y"],
    ["of a type with two digits", "(11)x=y"],
    ["of a type that is none", "(x=y"],
    ["with a control character in its name", "x\x1b=y"],
    ["with a NUL in its value", "x=a\0b"],
    ["with base64 that lacks its padding", "(1)x=AA"],
    ["with base64 that has bits behind the end", "(1)x=AB=="],
    ["with base64 of the alphabet for file names", "(1)x=-_-_"],
    ["with base64 in two parts", "(1)x=AA== AA=="],
  ])("is not one %s", (_, line) => {
    expect(field(line)).toBe("malformed");
  });
});

describe("the classic framing", () => {
  const text = classic(common).toString("latin1");

  test.each([
    ["as it is", text, true],
    ["with a NUL behind it", `${text}\0`, true],
    ["with two", `${text}\0\0`, false],
    ["with anything else behind it", `${text}x`, false],
    ["without its end mark", text.replace("<<<\n", ""), false],
    ["without its start mark", text.replace(">>>\n", ""), false],
    ["with the end mark twice", `${text}<<<\n`, false],
    ["with line ends of another system", text.replaceAll("\n", "\r\n"), false],
    ["with its signature twice", text.replace(/auth=.*\n/, "$&$&"), false],
    ["with nothing between the marks", ">>>\n<<<\n", false],
    ["with its marks in one", ">>>\n<<\n", false],
  ])("%s", (_, each, isRead) => {
    expect(decode(latin1(each), [key], key).ok).toBe(isRead);
  });

  /** The signature is good and stands first, whatever these lines are. */
  test.each([
    ["a line that does not end", "x=y", false],
    ["a line that ends", "x=y\n", true],
    ["a second signature", "auth=1 00\n", false],
  ])("rightly signed, with %s before the end mark", (_, last, isRead) => {
    const covered = `${common.join("\n")}\n${last}`;
    const bytes = latin1(`>>>\nauth=${sign(key, [latin1(covered)])}\n${covered}<<<\n`);
    expect(decode(bytes, [key], key).ok).toBe(isRead);
  });

  test("has its signature on any line", () => {
    const [auth = ""] = /auth=.*\n/.exec(text) ?? [];
    const first = text.replace(auth, "").replace(">>>\n", `>>>\n${auth}`);
    const middle = text.replace(auth, "").replace("seq=1\n", `seq=1\n${auth}`);
    expect(decode(latin1(first), [key], key)).toMatchObject({ ok: true });
    expect(decode(latin1(middle), [key], key)).toMatchObject({ ok: true });
  });
});

describe("a field that is sent", () => {
  const needed = common.map((line) => textField(line.split("=")[0]!, line.split("=")[1]!));

  test("keeps the line ends of its text", () => {
    const bytes = encode([...needed, textField("x", "one\ntwo\n")], key);
    expect(bytes.toString("latin1")).toContain("x=one\x13two\x13\n");
    expect(decode(bytes, [key], key)).toMatchObject({
      value: { fields: [...needed, textField("x", "one\ntwo\n")] },
    });
  });

  test("keeps bytes of every value", () => {
    const x = {
      type: "binary" as const,
      name: "x",
      bytes: Uint8Array.from({ length: 256 }, (_, i) => i),
    };
    const result = decode(encode([...needed, x], key), [key], key);
    expect(result).toMatchObject({ ok: true });
    expect(result.ok && result.value.fields.at(-1)).toEqual({ ...x, bytes: Buffer.from(x.bytes) });
  });

  test.each([
    ["a line end in its name", textField("x\ny", "")],
    ["an equals sign in its name", textField("x=y", "")],
    ["a type in its name", textField("(1)x", "")],
    ["no name", textField("", "")],
    ["the signature's name", textField("auth", "1 00")],
    ["a NUL in its text", textField("x", "\0")],
    ["the byte that stands for a line end in its text", textField("x", "\x13")],
    ["a character of two bytes, one of them a line end", textField("x", "\u010a")],
  ])("is a bug of ours with %s", (_, each) => {
    expect(() => encode([each], key)).toThrow("expected");
  });
});
