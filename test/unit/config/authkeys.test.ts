import { describe, expect, test } from "vitest";
import { authkeysText, parseAuthkeys, render } from "../../../src/config/index.ts";
import { codes, errors } from "./support.ts";

const file = "authkeys";
const secret = "correct-horse";

function authkeys(text: string, mode = 0o600) {
  return parseAuthkeys({ file, text, mode });
}

describe("a file of keys", () => {
  test("has comments, blanks, and the number of the key that signs", () => {
    const text = `# keys\n\n \tauth 2\n  1 sha1 ${secret}1 # the old one\n2\tsha256\t${secret}2\n`;
    const first = { index: 1, method: "sha1", secret: `${secret}1` };
    const second = { index: 2, method: "sha256", secret: `${secret}2` };
    const parsed = authkeys(text);
    expect(parsed).toEqual({ value: { active: second, all: [first, second] }, diagnostics: [] });
  });

  test.each(["crc", "md5", "sha1", "sha256", "sha512"])("may have keys for %s", (method) => {
    const { value } = authkeys(`auth 1\n1 ${method} ${method === "crc" ? "" : secret}\n`);
    expect(value?.active).toEqual({ index: 1, method, secret: method === "crc" ? "" : secret });
  });

  test("takes # within a key for a part of it, and what follows the key for nothing", () => {
    expect(authkeys("auth 1\n1 sha1 #secret#1 more words\n").value?.active.secret).toBe(
      "#secret#1",
    );
  });

  test("may have the numbers 0 and 15", () => {
    expect(authkeys(`auth 0\n0 sha1 ${secret}\n15 sha1 ${secret}\n`).value?.all).toHaveLength(2);
  });

  test("may end its lines as Windows does", () => {
    expect(authkeys(`auth 1\r\n1 sha1 ${secret}\r\n`).value?.active.secret).toBe(secret);
  });

  test("with auth below the key is accepted, and it is said that heartbeat refuses it", () => {
    const parsed = authkeys(`1 sha1 ${secret}\nauth 1\n`);
    expect(parsed.value?.active.index).toBe(1);
    expect(codes(parsed)).toEqual(["warning 2:1 key-order"]);
  });

  test("with two auth lines, or two keys of a number, goes by the last", () => {
    const parsed = authkeys(`auth 1\nauth 2\n2 sha1 ${secret}a\n2 sha1 ${secret}b\n`);
    expect(parsed.value?.active.secret).toBe(`${secret}b`);
    expect(codes(parsed)).toEqual(["warning 2:1 repeated", "warning 4:1 duplicate-key"]);
  });
});

test.each([
  ["", "no-active-key"],
  [`1 sha1 ${secret}`, "no-active-key"],
  ["auth 1", "no-active-key"],
  [`auth 2\n1 sha1 ${secret}`, "no-active-key"],
  ["auth", "bad-word"],
  ["auth x", "bad-word"],
  ["auth 16", "bad-word"],
  ["authenticate 1", "bad-word"],
  [`16 sha1 ${secret}`, "bad-integer"],
  [`-1 sha1 ${secret}`, "bad-integer"],
  [`x sha1 ${secret}`, "bad-integer"],
  ["2", "bad-word"],
  [`2 sha3 ${secret}`, "bad-word"],
  [`2 SHA1 ${secret}`, "bad-word"],
  ["2 sha1", "missing-argument"],
  ["2 md5", "missing-argument"],
  [`2 crc ${secret}`, "extra-argument"],
  ["2 crc # none", "extra-argument"],
  ["2 sha1 correct\u0007horse", "bad-character"],
])("%j is refused, also where it is not the key that signs", (text, code) => {
  const alone = code === "no-active-key";
  const parsed = authkeys(alone ? text : `auth 1\n1 sha1 ${secret}\n${text}\n`);
  expect(parsed.value).toBeUndefined();
  expect(errors(parsed)).toEqual([code]);
});

describe("the mode", () => {
  const text = `auth 1\n1 sha1 ${secret}\n`;

  test.each([0o640, 0o604, 0o644, 0o444, 0o100640])("%o is refused: others may read", (mode) => {
    expect(authkeys(text, mode).value).toBeUndefined();
    expect(codes(authkeys(text, mode))).toEqual(["error 0:0 file-mode"]);
  });

  test.each([0o600, 0o400, 0o100600])("%o is accepted", (mode) => {
    expect(codes(authkeys(text, mode))).toEqual([]);
  });

  test("0622 is accepted by heartbeat, and warned of", () => {
    expect(codes(authkeys(text, 0o622))).toEqual(["warning 0:0 file-mode"]);
  });
});

describe("a key", () => {
  test.each([
    ["1 crc", "crc"],
    ["1 sha1 HI!", "weak-secret"],
    ["1 sha256 replace-me--run--understudy-keygen", "example-secret"],
  ])("that protects nothing is warned of: %s", (line, code) => {
    expect(codes(authkeys(`auth 1\n${line}\n`))).toEqual([`warning 2:1 ${code}`]);
  });

  test("is never shown, whatever is wrong with its line", () => {
    const lines = [
      "auth hush",
      "hush hush hush",
      "1 hush",
      "2 crc hush",
      "3 sha1 hu\u0007sh",
      "4 sha1 hush",
    ];
    for (const text of lines) {
      const { diagnostics } = authkeys(`${text}\n`);
      expect(diagnostics.length).toBeGreaterThan(0);
      expect(diagnostics.map((each) => render(each, `${text}\n`)).join("\n")).not.toMatch(/hu.?sh/);
    }
  });
});

test("a fresh file is met in silence", () => {
  const text = authkeysText("0123456789abcdef".repeat(4));
  expect(text).toBe(
    `# The same on every node, mode 0600. Whoever has it can take over.\nauth 1\n1 sha256 ${"0123456789abcdef".repeat(4)}\n`,
  );
  expect(authkeys(text)).toMatchObject({
    value: { active: { method: "sha256" } },
    diagnostics: [],
  });
});
