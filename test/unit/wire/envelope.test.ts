import { describe, expect, test } from "vitest";
import type { Key } from "../../../src/wire/index.ts";
import { decode, encode, textField } from "../../../src/wire/index.ts";
import { classic, common, commonNetstrings, key, latin1, netstring, ring } from "./frames.ts";

const md5: Key = { index: 3, method: "md5", secret: "other" };
const sha1: Key = { index: 2, method: "sha1", secret: "another" };

function read(bytes: Uint8Array, keys: readonly Key[] = [key], active = key) {
  const result = decode(bytes, keys, active);
  return result.ok ? "read" : result.error;
}

describe("every message needs", () => {
  test.each([
    ["t", "missing-field"],
    ["src", "missing-field"],
    ["seq", "missing-field"],
    ["ts", "missing-field"],
    ["hg", "read"],
  ])("%s: without it, %s", (name, result) => {
    const fields = common.filter((each) => !each.startsWith(`${name}=`));
    expect(read(classic(fields))).toBe(result);
    expect(read(netstring(fields.map((each) => `(0)${each}`)))).toBe(result);
  });

  test.each([
    ["t=", "missing-field"],
    ["src=", "missing-field"],
    ["seq=0", "malformed"],
    ["seq=", "malformed"],
    ["seq=0x1", "malformed"],
    ["seq=-1", "malformed"],
    ["seq= 1", "malformed"],
    ["seq=g", "malformed"],
    ["seq=20000000000000", "malformed"],
    ["seq=1fffffffffffff", "read"],
    ["seq=FF", "read"],
    ["ts=0", "malformed"],
    ["ts=now", "malformed"],
    ["ts=ffffffff", "read"],
    ["hg=x", "malformed"],
    ["hg=0", "read"],
    ["(1)t=c3RhdHVz", "missing-field"],
  ])("what %s is not or is: %s", (line, result) => {
    const name = /[a-z]+(?==)/.exec(line)?.[0] ?? "";
    const fields = common.map((each) => (each.startsWith(`${name}=`) ? line : each));
    expect(read(classic(fields))).toBe(result);
  });

  test("no place in the order, if its type begins with NS_", () => {
    const bytes = classic(["t=NS_ackmsg", "src=alpha", "seq=nonsense", "ts=1"]);
    expect(decode(bytes, [key], key)).toMatchObject({ ok: true, value: { sequence: undefined } });
  });
});

test("numbers are hexadecimal, a missing generation is 0", () => {
  const bytes = classic(["t=status", "src=alpha", "seq=1f", "ts=6b008d48"]);
  expect(decode(bytes, [key], key)).toMatchObject({ value: { sequence: 31, generation: 0 } });
});

test("types and fields that nobody knows are no fault", () => {
  expect(read(classic(["t=num_ping_nodes", "any thing=\xff\x01", ...common.slice(1)]))).toBe(
    "read",
  );
});

test("of two fields of one name the first counts", () => {
  const result = decode(classic([...common, "src=beta"]), [key], key);
  expect(result).toMatchObject({ value: { from: "alpha" } });
});

test("a node's name is UTF-8, what is none names nobody", () => {
  const utf8 = classic(["t=status", "src=caf\xc3\xa9", "seq=1", "ts=1"]);
  expect(decode(utf8, [key], key)).toMatchObject({ value: { from: "café" } });
  const none = classic(["t=status", "src=caf\xe9", "seq=1", "ts=1"]);
  expect(decode(none, [key], key)).toMatchObject({ value: { from: "caf\ufffd" } });
});

describe("what is longer than 64 KiB", () => {
  test("is refused unread", () => {
    expect(read(Buffer.alloc(65_537))).toBe("oversized");
    expect(read(Buffer.alloc(65_536))).toBe("malformed");
  });

  test("does not include a whole datagram of 64 KiB", () => {
    const empty = classic([...common, "x="]).length;
    expect(read(classic([...common, `x=${"y".repeat(65_536 - empty)}`]))).toBe("read");
    expect(read(classic([...common, `x=${"y".repeat(65_537 - empty)}`]))).toBe("oversized");
  });
});

describe("without its signature nothing is read", () => {
  test.each([
    ["a field of a netstring without a type", "###\n3:abc,%%%\n", "bad-signature"],
    ["a classic message without auth", `>>>\n${common.join("\n")}\n<<<\n`, "bad-signature"],
    [
      "a line of a classic message that is no field",
      ">>>\nnonsense\nauth=1 ff\n<<<\n",
      "bad-signature",
    ],
  ])("%s: %s", (_, text, error) => {
    expect(read(latin1(text))).toBe(error);
  });
});

describe("a key that is not the active one", () => {
  const keys = [key, sha1, md5];

  test("signs a message in the classic framing as well", () => {
    expect(read(classic(common, sha1), keys)).toBe("read");
    expect(read(classic(common, md5), keys)).toBe("read");
  });

  test("signs a netstring with its own secret, which the original would refuse", () => {
    expect(read(netstring(commonNetstrings, sha1), keys)).toBe("read");
  });

  test("signs a netstring with the active key's secret, as the original does", () => {
    expect(read(netstring(commonNetstrings, key, sha1.index), keys)).toBe("read");
    const odd: Key = { ...md5, secret: key.secret };
    expect(read(netstring(commonNetstrings, odd), keys)).toBe("read");
  });

  test("does not sign a netstring with the secret of a third key", () => {
    expect(read(netstring(commonNetstrings, { ...md5, secret: sha1.secret }), keys)).toBe(
      "bad-signature",
    );
  });

  test("does not sign a classic message with the active key's secret", () => {
    expect(read(classic(common, key, sha1.index), keys)).toBe("bad-signature");
  });

  test("does not sign with no secret at all while the active key is crc", () => {
    const crc: Key = { index: 1, method: "crc", secret: "" };
    const forged: Key = { ...sha1, secret: "" };
    expect(read(netstring(commonNetstrings, forged), [crc, sha1], crc)).toBe("bad-signature");
    expect(read(netstring(commonNetstrings, sha1), [crc, sha1], crc)).toBe("read");
  });
});

test.each(ring)("what is encoded with $method is decoded", (each) => {
  const fields = common.map((line) => {
    const [name = "", text = ""] = line.split("=");
    return textField(name, text);
  });
  const result = decode(encode(fields, each), ring, key);
  expect(result).toMatchObject({ ok: true, value: { from: "alpha", fields } });
});

test("the bytes may lie anywhere in a larger buffer", () => {
  const bytes = classic(common);
  const larger = new Uint8Array(bytes.length + 20).fill(0x3e);
  larger.set(bytes, 10);
  expect(read(larger.subarray(10, 10 + bytes.length))).toBe("read");
});
