import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { sign, verify } from "../../../src/wire/auth.ts";
import { crc32 } from "../../../src/wire/crc.ts";
import type { Key, KeyMethod } from "../../../src/wire/index.ts";
import { latin1, ring } from "./frames.ts";

const text = latin1("t=status\nsrc=spec-a\nseq=1\nhg=6b008d48\nts=6b008d47\n");

// printf 't=status\nsrc=spec-a\nseq=1\nhg=6b008d48\nts=6b008d47\n' |
//   openssl dgst -md5 -hmac secretkey      (and -sha1, -sha256, -sha512)
test.each<[KeyMethod, string]>([
  ["md5", "b58318c634336641ace954f0f18f39bb"],
  ["sha1", "3a33b47892e54d901929daf76b7247d6b94fb636"],
  ["sha256", "68e5cfc606b49b2817d4cc0f8f380147a26f27f598c678348bb2a4c4fdb69ed2"],
  [
    "sha512",
    "b3d36b4ef3faaece2a77a80e6dedbca358bc419ea8a8d551ed5d1e1535d26386" +
      "0017a49b187722744cc5bde8b1c0352b9a040a9bf3e2e9a44bb2cdf6d48373e7",
  ],
])("%s is the HMAC that openssl computes", (method, digest) => {
  expect(sign({ index: 1, method, secret: "secretkey" }, [text])).toBe(`1 ${digest}`);
});

test("a secret longer than a block is hashed first, as RFC 2104 says", () => {
  const secret = "s".repeat(100);
  const hashed = createHash("sha1").update(secret).digest().toString("latin1");
  const long: Key = { index: 1, method: "sha1", secret };
  expect(sign(long, [text])).toBe(sign({ ...long, secret: hashed }, [text]));
});

test("a secret is bytes, one for each character", () => {
  // printf abc | openssl dgst -sha256 -mac HMAC -macopt hexkey:e9ff
  const key: Key = { index: 1, method: "sha256", secret: "\xe9\xff" };
  expect(sign(key, [latin1("abc")])).toBe(
    "1 63a63a9a5e3a9723444dd32fecfc57914824e54a768279f5163402e45d868b3b",
  );
});

describe("crc", () => {
  test("is CRC-32/CKSUM of the RevEng catalogue", () => {
    expect(crc32([latin1("123456789")])).toBe(0x765e7680);
  });

  test("is what cksum(1) prints, once the length is put behind the data", () => {
    // printf 123456789 | cksum
    expect(crc32([latin1("123456789\x09")])).toBe(930766865);
  });

  test("is the same over parts as over the whole", () => {
    expect(crc32([latin1("1234"), latin1(""), latin1("56789")])).toBe(0x765e7680);
  });

  test("is written without leading zeros", () => {
    expect(sign({ index: 7, method: "crc", secret: "" }, [latin1("8")])).toBe("7 dc57fd7");
  });
});

describe("a signature", () => {
  test.each(ring)("of $method is known again", (key) => {
    const signed = { covered: [text], signature: sign(key, [text]) };
    expect(verify(signed, { keys: ring, alsoSecretOf: undefined })).toEqual({
      ok: true,
      value: key,
    });
  });

  test.each(ring)("of $method does not cover another text", (key) => {
    const signed = { covered: [text, latin1("x")], signature: sign(key, [text]) };
    expect(verify(signed, { keys: ring, alsoSecretOf: undefined })).toMatchObject({ ok: false });
  });

  const digest = sign(ring[2]!, [text]).slice(2);
  test.each([
    ["nothing", undefined, "bad-signature"],
    ["an empty text", "", "bad-signature"],
    ["a number alone", "2", "bad-signature"],
    ["a digest alone", digest, "bad-signature"],
    ["two blanks", `2  ${digest}`, "bad-signature"],
    ["something behind it", `2 ${digest} `, "bad-signature"],
    ["a line end behind it", `2 ${digest}\n`, "bad-signature"],
    ["capital digits", `2 ${digest.toUpperCase()}`, "bad-signature"],
    ["one digit less", `2 ${digest.slice(1)}`, "bad-signature"],
    ["one digit more", `2 ${digest}0`, "bad-signature"],
    ["a number with a sign", `-2 ${digest}`, "bad-signature"],
    ["a number with a zero before it", `02 ${digest}`, "bad-signature"],
    ["a number with three digits", `200 ${digest}`, "bad-signature"],
    ["a number that is not in authkeys", `4 ${digest}`, "unknown-key"],
    ["the number of another key", `3 ${digest}`, "bad-signature"],
  ])("is not %s", (_, signature, error) => {
    const verdict = verify({ covered: [text], signature }, { keys: ring, alsoSecretOf: undefined });
    expect(verdict).toEqual({ ok: false, error });
  });
});
